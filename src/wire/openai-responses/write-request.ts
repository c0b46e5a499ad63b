// Writes a request of the Responses API. Items read from the same shape go out as they came; everything else is built.
import type { CanonicalRequest, MediaSource, Message, Part, Tool } from '../../contract/canonical.ts';
import { vendorMetadata } from '../binnacle-fields.ts';
import { isRecord, unsupported, type JsonRecord } from '../read-json.ts';
import { isLeftover, refuseForeignExtra, refused } from '../refused-parameters.ts';

const SHAPE = 'openai-responses';
const NAME = 'The Responses API';

function mediaField(source: MediaSource, urlField: string): JsonRecord {
  if (source.kind === 'file-id') return { file_id: source.id };
  return source.kind === 'url'
    ? { [urlField]: source.url }
    : { [urlField]: `data:${source.mediaType};base64,${source.data}` };
}

function writeDocument(part: Part & { type: 'document' }): JsonRecord {
  const isInline = part.source.kind === 'base64';
  const filename = part.filename ?? (isInline ? 'document' : undefined);
  return {
    type: 'input_file',
    ...mediaField(part.source, isInline ? 'file_data' : 'file_url'),
    ...(filename === undefined ? {} : { filename }),
  };
}

function writeContentPart(part: Part, isAssistant: boolean): unknown {
  if (part.native?.shape === SHAPE) return part.native.value;
  switch (part.type) {
    case 'text':
      return { type: isAssistant ? 'output_text' : 'input_text', text: part.text };
    case 'refusal':
      return { type: 'refusal', refusal: part.text };
    case 'image':
      return { type: 'input_image', ...mediaField(part.source, 'image_url'), detail: part.detail ?? 'auto' };
    case 'document':
      return writeDocument(part);
    case 'audio':
      return { type: 'input_audio', input_audio: { data: part.data, format: part.format } };
    case 'opaque':
    case 'reasoning':
    case 'tool-call':
    case 'tool-result':
    default:
      throw unsupported(`messages (a ${part.type} part inside a message)`, NAME);
  }
}

function writeToolOutput(part: Part & { type: 'tool-result' }): JsonRecord {
  const isText = part.parts.every((inner) => inner.type === 'text');
  const output = isText
    ? part.parts.map((inner) => (inner.type === 'text' ? inner.text : '')).join('')
    : part.parts.map((inner) => writeContentPart(inner, false));
  return { type: 'function_call_output', call_id: part.id, output };
}

/** A part that is an item of its own; undefined for message content. Reasoning of other shapes can't be carried and is left out. */
function writeItem(part: Part): { readonly item: unknown } | undefined {
  if (part.type === 'tool-result')
    return { item: part.native?.shape === SHAPE ? part.native.value : writeToolOutput(part) };
  if (part.type === 'tool-call') {
    const { id, name } = part;
    const built = { type: 'function_call', call_id: id, name, arguments: part.arguments };
    return { item: part.native?.shape === SHAPE ? part.native.value : built };
  }
  if (part.type === 'reasoning') return { item: part.native?.shape === SHAPE ? part.native.value : null };
  if (part.type === 'opaque' && part.native.shape === SHAPE) return { item: part.native.value };
  return undefined;
}

function writeMessage(message: Message): readonly unknown[] {
  if (message.native?.shape === SHAPE) return [message.native.value];
  const items: unknown[] = [];
  let content: unknown[] = [];
  const flush = (): void => {
    if (content.length === 0) return;
    items.push({ type: 'message', role: message.role === 'tool' ? 'user' : message.role, content });
    content = [];
  };
  for (const part of message.parts) {
    if (part.type === 'opaque' && isLeftover(part.native)) continue;
    const own = writeItem(part);
    if (own === undefined) {
      content.push(writeContentPart(part, message.role === 'assistant'));
      continue;
    }
    flush();
    if (own.item !== null) items.push(own.item);
  }
  flush();
  return items;
}

function writeTool(tool: Tool): unknown {
  if (tool.native?.shape === SHAPE) return tool.native.value;
  if (tool.type === 'vendor') throw unsupported(`tools (${tool.name})`, NAME);
  const { name, description, parameters } = tool;
  return {
    type: 'function',
    name,
    description,
    parameters: parameters ?? null,
    strict: tool.strict ?? false,
  };
}

function writeText(request: CanonicalRequest): unknown {
  const format = request.responseFormat;
  const given =
    request.native?.shape === SHAPE && isRecord(request.native.value)
      ? request.native.value['text']
      : undefined;
  const rest = isRecord(given) ? { ...given, format: undefined } : undefined;
  if (format === undefined) return rest;
  if (format.type === 'text') return { ...rest, format: { type: 'text' } };
  if (format.type === 'json') return { ...rest, format: { type: 'json_object' } };
  const { name, description, schema, strict } = format;
  return { ...rest, format: { type: 'json_schema', name, description, schema, strict } };
}

function refuseUnsupported(request: CanonicalRequest): void {
  refuseForeignExtra(request, SHAPE, NAME);
  if (request.stop !== undefined && request.stop.length > 0)
    throw refused(request, 'stop', NAME, 'it has no stop sequences.');
  if (request.seed !== undefined) throw refused(request, 'seed', NAME, 'it has no seed.');
  if ((request.count ?? 1) > 1) throw refused(request, 'count', NAME, 'it gives one answer.');
  if (request.topK !== undefined) throw refused(request, 'topK', NAME, 'it has no top_k.');
  if ((request.frequencyPenalty ?? 0) !== 0)
    throw refused(request, 'frequencyPenalty', NAME, 'it has no penalties.');
  if ((request.presencePenalty ?? 0) !== 0)
    throw refused(request, 'presencePenalty', NAME, 'it has no penalties.');
  if (request.reasoning?.budgetTokens !== undefined)
    throw refused(request, 'reasoning', NAME, 'it takes an effort, not a budget of tokens.');
}

/** The JSON text of the vendor's request. Nothing is kept at the vendor (`store: false`) unless the caller says so. */
export function writeResponsesRequest(request: CanonicalRequest, upstreamModel: string): string {
  refuseUnsupported(request);
  const { reasoning, toolChoice } = request;
  const { 'text.verbosity': _written, ...own } = request.shape === SHAPE ? request.extra : {};
  return JSON.stringify({
    store: false,
    ...own,
    model: upstreamModel,
    input: request.messages.flatMap(writeMessage),
    ...(request.stream ? { stream: true } : {}),
    max_output_tokens: request.maxOutputTokens,
    temperature: request.temperature,
    top_p: request.topP,
    tools: request.tools?.map(writeTool),
    tool_choice:
      toolChoice === undefined
        ? own['tool_choice']
        : toolChoice.type === 'tool'
          ? { type: 'function', name: toolChoice.name }
          : toolChoice.type,
    parallel_tool_calls: request.parallelToolCalls,
    text: writeText(request),
    reasoning: reasoning === undefined ? undefined : { effort: reasoning.effort, summary: reasoning.summary },
    user: request.endUser,
    metadata: vendorMetadata(request.metadata),
  });
}
