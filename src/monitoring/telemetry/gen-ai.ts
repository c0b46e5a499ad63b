// Names of the OpenTelemetry semantic conventions for generative AI (status: development), as open-telemetry/semantic-conventions-genai has
// them; nothing else in the room spells them.
import { createHash } from 'node:crypto';
import { TraceFlags, type Attributes, type HrTime, type SpanContext } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { CallRow, ProviderKind } from './telemetry-rows.ts';

export const SCOPE = { name: 'binnacle', version: '1' } as const;

/** Who exports. */
export function telemetryResource(
  version: string,
  workspace: string,
): ReturnType<typeof resourceFromAttributes> {
  return resourceFromAttributes({
    'service.name': 'binnacle',
    'service.version': version,
    'binnacle.workspace': workspace,
  });
}

/** Well-known values of `gen_ai.provider.name`; others stand as they are. */
const PROVIDERS: Readonly<Record<string, string>> = {
  openai: 'openai',
  azure: 'azure.ai.openai',
  anthropic: 'anthropic',
  google: 'gcp.gemini',
  deepseek: 'deepseek',
  groq: 'groq',
  mistral: 'mistral_ai',
  perplexity: 'perplexity',
  xai: 'x_ai',
};

const OPERATIONS: Readonly<Record<string, string>> = { embeddings: 'embeddings' };

/** The attributes that spans and metrics of one upstream call share. */
export function callAttributes(row: CallRow, kindOf: ProviderKind): Attributes {
  const kind = kindOf(row.provider);
  return {
    'gen_ai.operation.name': OPERATIONS[row.shape] ?? 'chat',
    'gen_ai.provider.name': PROVIDERS[kind] ?? kind,
    'gen_ai.request.model': row.upstream_model,
    ...(row.answered_model === '' ? {} : { 'gen_ai.response.model': row.answered_model }),
    ...(row.error_kind === '' ? {} : { 'error.type': row.error_kind }),
  };
}

/** Input with what was read from and written to a cache, output with reasoning: as the conventions count. */
export function tokensOf(row: CallRow): { readonly input: number; readonly output: number } | null {
  if (!row.usage_known) return null;
  return { input: row.input + row.cache_read + row.cache_write, output: row.output + row.reasoning };
}

export function hrTime(milliseconds: number): HrTime {
  const seconds = Math.floor(milliseconds / 1000);
  return [seconds, Math.round((milliseconds - seconds * 1000) * 1e6)];
}

function hexOf(id: string, digits: number): string {
  const own = /([0-9a-f]{32})$/.exec(id)?.[1];
  const hex = own ?? createHash('sha256').update(id).digest('hex');
  return hex.slice(-digits);
}

/** The span of an interaction; its id is the trace's. */
export function interactionContext(interaction: string): SpanContext {
  return {
    traceId: hexOf(interaction, 32),
    spanId: createHash('sha256').update(interaction).digest('hex').slice(0, 16),
    traceFlags: TraceFlags.SAMPLED,
  };
}

/** The span of one upstream call within it. */
export function attemptContext(interaction: string, attempt: string): SpanContext {
  const spanId = createHash('sha256').update(attempt).digest('hex').slice(0, 16);
  return { traceId: hexOf(interaction, 32), spanId, traceFlags: TraceFlags.SAMPLED };
}
