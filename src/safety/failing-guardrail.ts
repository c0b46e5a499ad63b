// Stands in the place of a guardrail that could not be set up: each of its scans fails with the reason, so that `on_error` decides.
import { z } from 'zod';
import type { ActiveGuardrail } from './active-guardrail.ts';

export function failingGuardrail(name: string, onError: 'closed' | 'open', reason: string): ActiveGuardrail {
  return {
    guardrail: {
      name,
      placement: 'inline',
      directions: ['input', 'output'],
      defaultAction: 'block',
      defaultThreshold: 0,
      configuration: z.unknown(),
      needs: [],
      worksUnconfigured: false,
      examples: [],
      create: () => ({ scan: () => Promise.reject(new Error(reason)) }),
    },
    runner: { scan: () => Promise.reject(new Error(reason)) },
    action: 'block',
    threshold: 0,
    onError,
  };
}
