// Vendors that speak OpenAI's chat completions, as rows of data: address, dialect, and what they document as not supported.
import { COMPATIBLE_DIALECT, type ChatDialect } from '../../wire/openai-chat/write-request.ts';
import type { Lacks } from '../refusing-shape.ts';

export interface CompatibleVendor {
  /** The `kind` in models.yaml. */
  readonly kind: string;
  readonly baseUrl: string;
  readonly dialect: ChatDialect;
  readonly lacks: Lacks;
  readonly embeddings: boolean;
}

interface Row {
  readonly dialect?: Partial<ChatDialect>;
  readonly fields?: Lacks['fields'];
  readonly names?: Lacks['names'];
  readonly jsonSchema?: boolean;
  readonly endUser?: boolean;
  readonly embeddings?: boolean;
}

const LOGPROBS = ['logprobs', 'top_logprobs'] as const;

function vendor(kind: string, name: string, baseUrl: string, row: Row): CompatibleVendor {
  const { dialect, fields = [], names = [], embeddings = false, ...lacks } = row;
  return {
    kind,
    baseUrl,
    dialect: { ...COMPATIBLE_DIALECT, name, ...dialect },
    lacks: { fields, names, ...lacks },
    embeddings,
  };
}

export const COMPATIBLE_VENDORS: readonly CompatibleVendor[] = [
  vendor('groq', 'Groq', 'https://api.groq.com/openai/v1', {
    dialect: { maxTokens: 'max_completion_tokens', topK: false },
    fields: ['count', 'topK'],
    names: [...LOGPROBS, 'logit_bias'],
  }),
  vendor('xai', 'xAI', 'https://api.x.ai/v1', {
    dialect: { maxTokens: 'max_completion_tokens', topK: false },
    fields: ['topK'],
    names: ['logit_bias'],
  }),
  vendor('deepseek', 'DeepSeek', 'https://api.deepseek.com/v1', {
    dialect: { topK: false },
    fields: ['count', 'seed', 'topK', 'parallelToolCalls'],
    names: ['logit_bias'],
    jsonSchema: true,
  }),
  vendor('mistral', 'Mistral', 'https://api.mistral.ai/v1', {
    // Reports usage in the last chunk of every stream and rejects fields it does not know.
    dialect: { topK: false, streamUsage: false },
    fields: ['seed', 'topK'],
    names: [...LOGPROBS, 'logit_bias', 'service_tier', 'store'],
    endUser: true,
    embeddings: true,
  }),
  vendor('openrouter', 'OpenRouter', 'https://openrouter.ai/api/v1', {
    fields: ['count'],
    embeddings: true,
  }),
  vendor('together', 'Together', 'https://api.together.xyz/v1', { embeddings: true }),
  vendor('fireworks', 'Fireworks', 'https://api.fireworks.ai/inference/v1', { embeddings: true }),
  vendor('cerebras', 'Cerebras', 'https://api.cerebras.ai/v1', {
    dialect: { maxTokens: 'max_completion_tokens', topK: false },
    fields: ['count', 'frequencyPenalty', 'presencePenalty', 'topK'],
    names: ['logit_bias'],
  }),
  vendor('perplexity', 'Perplexity', 'https://api.perplexity.ai', {
    dialect: { streamUsage: false },
    fields: ['count', 'seed', 'tools', 'stop'],
    names: [...LOGPROBS, 'logit_bias'],
  }),
  vendor('moonshot', 'Moonshot', 'https://api.moonshot.ai/v1', {
    dialect: { topK: false },
    fields: ['seed', 'topK'],
    names: [...LOGPROBS, 'logit_bias'],
  }),
  vendor('deepinfra', 'DeepInfra', 'https://api.deepinfra.com/v1/openai', { embeddings: true }),
];
