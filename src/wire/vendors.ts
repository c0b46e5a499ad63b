// Which formats a vendor's recorded answers come in: the table behind `provider parse`. A new vendor is a row.
import { anthropicMessagesOutbound } from './anthropic-messages/outbound.ts';
import { googleGenerateContentOutbound } from './google-generate-content/outbound.ts';
import { openaiChatOutbound } from './openai-chat/outbound.ts';
import { openaiResponsesOutbound } from './openai-responses/outbound.ts';
import { isRecord, stringOf, type JsonRecord } from './read-json.ts';
import type { AnswerReader } from './recorded/answer-reader.ts';
import { bedrockConverse } from './recorded/bedrock-converse.ts';
import { cohereChat } from './recorded/cohere-chat.ts';

const OPENAI_SHAPED = [
  'openai',
  'azure',
  'openai-compatible',
  'xai',
  'groq',
  'deepseek',
  'mistral',
  'openrouter',
  'together',
  'fireworks',
  'cerebras',
  'perplexity',
  'moonshot',
  'deepinfra',
  'ollama',
  'vllm',
  'llama-cpp',
  'local',
] as const;

/** Names under which the same vendor is also known. */
const ALIASES: Readonly<Record<string, string>> = {
  'azure-openai': 'azure',
  gemini: 'google',
  vertex: 'google',
  'google-vertex': 'google',
  bedrock: 'amazon-bedrock',
  'x-ai': 'xai',
};

/** Whether a body or the first event of a stream is of the Responses API. */
function isResponses(sample: unknown): boolean {
  if (!isRecord(sample)) return false;
  const type = stringOf(sample['type']) ?? '';
  return sample['object'] === 'response' || Array.isArray(sample['output']) || type.startsWith('response.');
}

const READERS: Readonly<Record<string, (sample: unknown) => AnswerReader>> = {
  ...Object.fromEntries(
    OPENAI_SHAPED.map((vendor) => [
      vendor,
      (sample: unknown) => (isResponses(sample) ? openaiResponsesOutbound : openaiChatOutbound),
    ]),
  ),
  anthropic: () => anthropicMessagesOutbound,
  google: () => googleGenerateContentOutbound,
  'amazon-bedrock': () => bedrockConverse,
  cohere: () => cohereChat,
};

export const VENDORS: readonly string[] = Object.keys(READERS);

/** The reader for a vendor's answer, told by a parsed body or first event; undefined for a vendor that is not known. */
export function readerOf(vendor: string, sample: unknown): AnswerReader | undefined {
  const name = vendor.toLowerCase();
  const known = Object.hasOwn(ALIASES, name) ? (ALIASES[name] as string) : name;
  return Object.hasOwn(READERS, known) ? READERS[known]?.(sample) : undefined;
}

/** Whether a whole body is an error in any vendor's words. */
export function isErrorBody(body: JsonRecord): boolean {
  const error = body['error'];
  return isRecord(error) || (typeof error === 'string' && error !== '') || body['type'] === 'error';
}
