// Which API shapes the gateway serves and which provider kinds it knows: two tables.
import { isAbsolute, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../kernel/clock.ts';
import { countTokens } from '../models/tokens.ts';
import { anthropicProvider } from '../providers/anthropic/anthropic.ts';
import { azureProvider } from '../providers/azure/azure.ts';
import { compatibleProviders } from '../providers/compatible/compatible.ts';
import { googleProvider } from '../providers/google/google.ts';
import { localProvider } from '../providers/local/local.ts';
import { openaiProvider } from '../providers/openai/openai.ts';
import type { Provider } from '../providers/provider.ts';
import { replayProvider } from '../providers/replay/replay.ts';
import type { Transport } from '../providers/transport.ts';
import { anthropicMessagesInbound } from '../wire/anthropic-messages/inbound.ts';
import { openaiChatInbound } from '../wire/openai-chat/inbound.ts';
import { openaiResponsesInbound } from '../wire/openai-responses/inbound.ts';
import type { InboundShape } from '../wire/shape.ts';

/** API shapes by the path that speaks them; the first writes errors of requests that reach no endpoint. */
export function gatewayShapes(): ReadonlyMap<string, InboundShape> {
  return new Map([
    ['/v1/chat/completions', openaiChatInbound],
    ['/v1/messages', anthropicMessagesInbound],
    ['/v1/responses', openaiResponsesInbound],
  ]);
}

export interface ProviderParts {
  readonly transport: Transport;
  readonly clock: Clock;
  /** For relative paths of recordings. */
  readonly workspaceFolder: string;
}

/** Providers by `kind` of models.yaml. */
export function gatewayProviders(parts: ProviderParts): ReadonlyMap<string, Provider> {
  const { transport, clock, workspaceFolder } = parts;
  const providers = [
    openaiProvider({ transport, clock }),
    azureProvider({ transport, clock }),
    anthropicProvider({ transport, clock }),
    googleProvider({ transport, clock }),
    localProvider({ transport, clock }),
    ...compatibleProviders({ transport, clock }),
    replayProvider({
      clock,
      // Bounded, so that a hostile question stalls a simulated vendor's gateway for no more than some tens of milliseconds.
      countTokens: (text) => countTokens(text, 'cl100k_base', 20_000),
      resolvePath: (file) => (isAbsolute(file) ? file : join(workspaceFolder, file)),
      sleep: async (milliseconds, signal) => sleep(milliseconds, undefined, { signal }),
    }),
  ];
  return new Map(providers.map((provider) => [provider.kind, provider]));
}
