// Writes a chat-completions request for a vendor. `native` messages, parts and tools go out as they came; everything else is built.
// What differs between compatible vendors is data (`ChatDialect`), not code.
import type { CanonicalRequest, MediaSource, Message, Part, Tool } from '../../contract/canonical.ts';
import { vendorMetadata } from '../binnacle-fields.ts';
import { isRecord, unsupported, type JsonRecord } from '../read-json.ts';
import { refuseForeignExtra, refused } from '../refused-parameters.ts';

/** What a compatible vendor understands beyond or short of OpenAI's own API. */
export interface ChatDialect {
  /** As errors call it. */
  readonly name: string;
  /** The spelling of the output bound when the caller's own spelling is not known. */
  readonly maxTokens: 'max_tokens' | 'max_completion_tokens';
  /** Whether `stream_options: {include_usage: true}` is understood. */
  readonly streamUsage: boolean;
  readonly topK: boolean;
  /** Whether `role: "developer"` is understood; else it goes out as `system`. */
  readonly developerRole: boolean;
}

export const OPENAI_DIALECT: ChatDialect = {
  name: 'OpenAI chat completions',
  maxTokens: 'max_completion_tokens',
  streamUsage: true,
  topK: false,
  developerRole: true,
};

export const COMPATIBLE_DIALECT: ChatDialect = {
  name: 'this OpenAI-compatible provider',
  maxTokens: 'max_tokens',
  streamUsage: true,
  topK: true,
  developerRole: false,
};

function urlOf(source: MediaSource): string | undefined {
  if (source.kind === 'url') return source.url;
  return source.kind === 'base64' ? `data:${source.mediaType};base64,${source.data}` : undefined;
}

function writeDocument(source: MediaSource, filename: string | undefined, dialect: ChatDialect): JsonRecord {
  if (source.kind === 'url') throw unsupported('messages (document by URL)', dialect.name);
  const named = filename === undefined ? {} : { filename };
  return source.kind === 'file-id'
    ? { type: 'file', file: { file_id: source.id } }
    : { type: 'file', file: { file_data: urlOf(source), filename: 'document', ...named } };
}

/** A content part; undefined for parts that are not content (tool calls, reasoning). */
function writePart(part: Part, dialect: ChatDialect): unknown {
  if (part.native?.shape === 'openai-chat') return part.native.value;
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text };
    case 'image': {
      const url = urlOf(part.source);
      if (url === undefined) throw unsupported('messages (image by file id)', dialect.name);
      return {
        type: 'image_url',
        image_url: part.detail === undefined ? { url } : { url, detail: part.detail },
      };
    }
    case 'document':
      return writeDocument(part.source, part.filename, dialect);
    case 'audio':
      return { type: 'input_audio', input_audio: { format: part.format, data: part.data } };
    case 'refusal':
      return { type: 'refusal', refusal: part.text };
    case 'opaque':
      throw unsupported(`messages (a part only ${part.native.shape} knows)`, dialect.name);
    case 'tool-result':
      throw unsupported('messages (a tool result inside another)', dialect.name);
    case 'reasoning':
    case 'tool-call':
    default:
      return undefined;
  }
}

function writeContent(parts: readonly Part[], dialect: ChatDialect): unknown {
  const first = parts[0];
  if (parts.length === 1 && first?.type === 'text' && first.native === undefined) return first.text;
  return parts.map((part) => writePart(part, dialect));
}

function messageFields(part: Part): JsonRecord | undefined {
  if (part.type !== 'opaque' || part.native.shape !== 'openai-chat' || !isRecord(part.native.value))
    return undefined;
  const fields = part.native.value['messageFields'];
  return isRecord(fields) ? fields : undefined;
}

function writeToolCall(part: Part & { type: 'tool-call' }): unknown {
  if (part.native?.shape === 'openai-chat') return part.native.value;
  return { id: part.id, type: 'function', function: { name: part.name, arguments: part.arguments } };
}

function writeAssistant(message: Message, dialect: ChatDialect): JsonRecord {
  const content = message.parts.filter(
    (part) => part.type !== 'tool-call' && part.type !== 'reasoning' && messageFields(part) === undefined,
  );
  const calls = message.parts.filter((part) => part.type === 'tool-call').map(writeToolCall);
  return {
    role: 'assistant',
    content: content.length === 0 ? null : writeContent(content, dialect),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
}

function writeToolResult(part: Part & { type: 'tool-result' }, dialect: ChatDialect): JsonRecord {
  const content = part.parts.length === 0 ? '' : writeContent(part.parts, dialect);
  return { role: 'tool', tool_call_id: part.id, content };
}

/** One canonical message is one wire message, except that each tool result is a message of its own, before the rest. */
function writeMessage(message: Message, dialect: ChatDialect): readonly unknown[] {
  if (message.native?.shape === 'openai-chat') return [message.native.value];
  const named = message.name === undefined ? {} : { name: message.name };
  const fields = Object.assign({}, ...message.parts.map((part) => messageFields(part) ?? {})) as JsonRecord;
  if (message.role === 'assistant') return [{ ...writeAssistant(message, dialect), ...named, ...fields }];
  const results = message.parts.filter((part) => part.type === 'tool-result');
  const written: unknown[] = results.map((part) => writeToolResult(part, dialect));
  const rest = message.parts.filter(
    (part) => part.type !== 'tool-result' && messageFields(part) === undefined,
  );
  if (rest.length === 0) return written;
  const role =
    message.role === 'developer' && !dialect.developerRole
      ? 'system'
      : message.role === 'tool'
        ? 'user'
        : message.role;
  return [...written, { role, content: writeContent(rest, dialect), ...named, ...fields }];
}

function writeTool(tool: Tool, dialect: ChatDialect): unknown {
  if (tool.native?.shape === 'openai-chat') return tool.native.value;
  if (tool.type === 'vendor') throw unsupported(`tools (${tool.name})`, dialect.name);
  const { name, description, parameters, strict } = tool;
  return { type: 'function', function: { name, description, parameters, strict } };
}

function writeFormat(request: CanonicalRequest): unknown {
  const format = request.responseFormat;
  if (format === undefined) return undefined;
  if (format.type === 'text') return { type: 'text' };
  if (format.type === 'json') return { type: 'json_object' };
  const { name, description, schema, strict } = format;
  return { type: 'json_schema', json_schema: { name, description, schema, strict } };
}

function nativeBody(request: CanonicalRequest): JsonRecord | undefined {
  return request.native?.shape === 'openai-chat' && isRecord(request.native.value)
    ? request.native.value
    : undefined;
}

function writeOutputBound(request: CanonicalRequest, dialect: ChatDialect): JsonRecord {
  if (request.maxOutputTokens === undefined) return {};
  const native = nativeBody(request);
  if (typeof native?.['max_tokens'] === 'number') return { max_tokens: request.maxOutputTokens };
  if (typeof native?.['max_completion_tokens'] === 'number')
    return { max_completion_tokens: request.maxOutputTokens };
  return { [dialect.maxTokens]: request.maxOutputTokens };
}

function writeStream(request: CanonicalRequest, dialect: ChatDialect): JsonRecord {
  if (!request.stream) return {};
  const options = nativeBody(request)?.['stream_options'];
  const given = isRecord(options) ? options : undefined;
  if (!dialect.streamUsage) {
    // The vendor reports usage unasked and rejects the question.
    const { include_usage: _, ...others } = given ?? {};
    return Object.keys(others).length === 0 ? { stream: true } : { stream: true, stream_options: others };
  }
  return { stream: true, stream_options: { ...given, include_usage: true } };
}

function writeToolChoice(request: CanonicalRequest): unknown {
  const choice = request.toolChoice;
  if (choice === undefined) return undefined;
  return choice.type === 'tool' ? { type: 'function', function: { name: choice.name } } : choice.type;
}

/** Refuses what the shape has no place for: never silently dropped. */
function refuseUnsupported(request: CanonicalRequest, dialect: ChatDialect): void {
  refuseForeignExtra(request, 'openai-chat', dialect.name);
  if (request.topK !== undefined && !dialect.topK && request.shape !== 'openai-chat')
    throw refused(request, 'topK', dialect.name, 'it has no such parameter.');
  if (request.reasoning?.budgetTokens !== undefined)
    throw refused(request, 'reasoning', dialect.name, 'it takes an effort, not a budget of tokens.');
  if (request.reasoning?.summary !== undefined) throw unsupported('reasoning.summary', dialect.name);
}

/** The JSON text of the vendor's request. Throws a RequestError naming a parameter the shape can't carry. */
export function writeChatRequest(
  request: CanonicalRequest,
  upstreamModel: string,
  dialect: ChatDialect = OPENAI_DIALECT,
): string {
  refuseUnsupported(request, dialect);
  const messages: unknown[] = [];
  for (const message of request.messages) messages.push(...writeMessage(message, dialect));
  return JSON.stringify({
    ...(request.shape === 'openai-chat' ? request.extra : {}),
    model: upstreamModel,
    messages,
    ...writeStream(request, dialect),
    ...writeOutputBound(request, dialect),
    temperature: request.temperature,
    top_p: request.topP,
    top_k: request.topK,
    stop: request.stop,
    seed: request.seed,
    frequency_penalty: request.frequencyPenalty,
    presence_penalty: request.presencePenalty,
    n: request.count,
    tools: request.tools?.map((tool) => writeTool(tool, dialect)),
    tool_choice:
      writeToolChoice(request) ??
      (request.shape === 'openai-chat' ? request.extra['tool_choice'] : undefined),
    parallel_tool_calls: request.parallelToolCalls,
    response_format: writeFormat(request),
    reasoning_effort: request.reasoning?.effort,
    user: request.endUser,
    metadata: vendorMetadata(request.metadata),
  });
}
