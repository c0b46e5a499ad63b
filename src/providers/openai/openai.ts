// OpenAI, and every server that speaks its chat completions: a compatible vendor is a row of models.yaml, not code.
import type { CanonicalRequest } from '../../contract/canonical.ts';
import type { OutboundShape } from '../../wire/shape.ts';
import { openaiChatOutbound, openaiChatOutboundOf } from '../../wire/openai-chat/outbound.ts';
import { COMPATIBLE_DIALECT, type ChatDialect } from '../../wire/openai-chat/write-request.ts';
import { openaiResponsesOutbound } from '../../wire/openai-responses/outbound.ts';
import { httpProvider, joinUrl, type HttpProviderParts } from '../http-provider.ts';
import type { Provider, Target } from '../provider.ts';

const OPENAI_ORIGIN = 'https://api.openai.com/';

/** OpenAI's own hosts speak OpenAI's dialect; others the widely understood one. `options` may say otherwise. */
function dialectOf(target: Target): ChatDialect | undefined {
  const spelling = target.options['max_tokens_parameter'];
  const streamUsage = target.options['stream_usage'];
  const isOpenai = target.baseUrl.startsWith(OPENAI_ORIGIN);
  if (isOpenai && spelling === undefined && streamUsage === undefined) return undefined;
  return {
    ...COMPATIBLE_DIALECT,
    name: target.provider,
    maxTokens: spelling === 'max_completion_tokens' ? 'max_completion_tokens' : 'max_tokens',
    streamUsage: streamUsage !== false,
    developerRole: target.options['developer_role'] === true,
  };
}

/**
 * Whether a call goes to the Responses API: where the provider says so (`api: responses`), and for requests that came in that shape, where
 * it is OpenAI itself or says `api: both`.
 */
function usesResponses(target: Target, request: CanonicalRequest | undefined): boolean {
  const api = target.options['api'] ?? (target.baseUrl.startsWith(OPENAI_ORIGIN) ? 'both' : 'chat');
  return api === 'responses' || (api === 'both' && request?.shape === 'openai-responses');
}

/** Shapes by dialect, each made once. */
function shapesByDialect(): (target: Target, request?: CanonicalRequest) => OutboundShape {
  const made = new Map<string, OutboundShape>();
  return (target, request) => {
    if (usesResponses(target, request)) return openaiResponsesOutbound;
    const dialect = dialectOf(target);
    if (dialect === undefined) return openaiChatOutbound;
    const key = `${dialect.name} ${dialect.maxTokens} ${dialect.streamUsage} ${dialect.developerRole}`;
    let shape = made.get(key);
    if (shape === undefined) {
      shape = openaiChatOutboundOf(dialect);
      made.set(key, shape);
    }
    return shape;
  };
}

/** `kind: openai`. The base URL ends with the version (`https://api.openai.com/v1`). */
export function openaiProvider(parts: HttpProviderParts): Provider {
  return httpProvider(
    {
      kind: 'openai',
      shapeOf: shapesByDialect(),
      chatUrl: (target, request) =>
        joinUrl(target.baseUrl, usesResponses(target, request) ? '/responses' : '/chat/completions'),
      embeddingsUrl: (target) => joinUrl(target.baseUrl, '/embeddings'),
      headers: (target) =>
        target.apiKey === undefined || target.apiKey === ''
          ? {}
          : { authorization: `Bearer ${target.apiKey}` },
    },
    parts,
  );
}
