// A canonical request as the JSON text of `POST /v1/messages`.
import type { CanonicalRequest, Message, Tool } from '../../contract/canonical.ts';
import { RequestError } from '../../kernel/errors.ts';
import { parameterName, refuseForeignExtra, refused } from '../refused-parameters.ts';
import { traitsOf } from './models.ts';
import { closedSchema } from './closed-schema.ts';
import type { Block } from './write-content.ts';
import { SHAPE, cacheControl, writeBlocks } from './write-content.ts';
import { writeReasoning } from './write-reasoning.ts';

const VENDOR = 'Anthropic';

/** The JSON text of the request. Throws a RequestError naming a parameter that the API has not. */
export function writeRequest(request: CanonicalRequest, upstreamModel: string): string {
  refuseWhatIsMissing(request);
  const traits = traitsOf(upstreamModel);
  const maxTokens = request.maxOutputTokens ?? traits.maxOutputTokens;
  const reasoning = writeReasoning(request, traits, maxTokens);
  const outputConfig = { ...reasoning.outputConfig, ...writeFormat(request, traits.structuredOutput) };
  const extraConfig = request.extra['output_config'];
  const system = writeSystem(request.messages);
  return JSON.stringify({
    model: upstreamModel,
    max_tokens: maxTokens,
    ...(system.length === 0 ? {} : { system: plainOrBlocks(system) }),
    messages: writeMessages(request.messages),
    ...(request.stream ? { stream: true } : {}),
    ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
    ...(request.topP === undefined ? {} : { top_p: request.topP }),
    ...(request.topK === undefined ? {} : { top_k: request.topK }),
    ...(request.stop === undefined || request.stop.length === 0 ? {} : { stop_sequences: request.stop }),
    ...writeTools(request),
    ...(reasoning.thinking === undefined ? {} : { thinking: reasoning.thinking }),
    ...(request.endUser === undefined ? {} : { metadata: { user_id: request.endUser } }),
    ...(request.shape === SHAPE ? request.extra : {}),
    ...(Object.keys(outputConfig).length === 0
      ? {}
      : {
          output_config: { ...(typeof extraConfig === 'object' ? extraConfig : {}), ...outputConfig },
        }),
  });
}

function refuseWhatIsMissing(request: CanonicalRequest): void {
  refuseForeignExtra(request, SHAPE, VENDOR);
  if (request.count !== undefined && request.count !== 1)
    throw refused(request, 'count', VENDOR, 'it gives one answer a request; send the request several times.');
  if (request.seed !== undefined) throw refused(request, 'seed', VENDOR, 'sampling takes no seed.');
  if (request.frequencyPenalty !== undefined && request.frequencyPenalty !== 0)
    throw refused(request, 'frequencyPenalty', VENDOR, 'leave it out.');
  if (request.presencePenalty !== undefined && request.presencePenalty !== 0)
    throw refused(request, 'presencePenalty', VENDOR, 'leave it out.');
  if (request.temperature !== undefined && request.temperature > 1)
    throw refused(request, 'temperature', VENDOR, 'its range is 0 to 1.');
}

function isInstruction(message: Message): boolean {
  return message.role === 'system' || message.role === 'developer';
}

/** Instructions stand apart from the conversation; one that comes amid it joins the others, in order. */
function writeSystem(messages: readonly Message[]): Block[] {
  return messages.flatMap((message, index) =>
    isInstruction(message) ? writeBlocks(message, `messages[${index}]`) : [],
  );
}

/** Turns alternate: what the canonical form has as tool and user messages in a row becomes one user turn. */
function writeMessages(messages: readonly Message[]): unknown[] {
  const turns: { role: 'user' | 'assistant'; content: Block[] }[] = [];
  messages.forEach((message, index) => {
    if (isInstruction(message)) return;
    const role = message.role === 'assistant' ? 'assistant' : 'user';
    const blocks = writeBlocks(message, `messages[${index}]`);
    if (blocks.length === 0) return;
    const last = turns.at(-1);
    if (last?.role === role) last.content.push(...blocks);
    else turns.push({ role, content: blocks });
  });
  if (turns.length === 0)
    throw new RequestError({
      code: 'invalid_value',
      message: 'Anthropic needs at least one user or assistant message with content.',
      param: 'messages',
    });
  return turns.map(({ role, content }) => ({ role, content: plainOrBlocks(content) }));
}

/** A single unmarked text is sent as a string, which is what most callers wrote. */
function plainOrBlocks(blocks: readonly Block[]): unknown {
  const only = blocks.length === 1 ? blocks[0] : undefined;
  return only?.['type'] === 'text' && Object.keys(only).length === 2 ? only['text'] : blocks;
}

function writeTools(request: CanonicalRequest): Block {
  const tools = request.tools ?? [];
  const choice = request.toolChoice;
  if (tools.length === 0) {
    if (choice !== undefined && (choice.type === 'required' || choice.type === 'tool'))
      throw refused(request, 'toolChoice', VENDOR, 'a forced tool needs `tools`.');
    return {};
  }
  const serial = request.parallelToolCalls === false ? { disable_parallel_tool_use: true } : {};
  const written = { tools: tools.map((tool) => writeTool(tool, request)) };
  if (choice === undefined && request.parallelToolCalls !== false) return written;
  switch (choice?.type) {
    case 'none':
      return { ...written, tool_choice: { type: 'none' } };
    case 'required':
      return { ...written, tool_choice: { type: 'any', ...serial } };
    case 'tool':
      return { ...written, tool_choice: { type: 'tool', name: choice.name, ...serial } };
    default:
      return { ...written, tool_choice: { type: 'auto', ...serial } };
  }
}

function writeTool(tool: Tool, request: CanonicalRequest): Block {
  if (tool.native?.shape === SHAPE) return tool.native.value as Block;
  if (tool.type === 'vendor')
    throw refused(request, 'tools', VENDOR, `the tool ${tool.name} is run by another vendor.`);
  return {
    name: tool.name,
    ...(tool.description === undefined ? {} : { description: tool.description }),
    input_schema: tool.parameters ?? { type: 'object', properties: {} },
    ...(tool.strict === true ? { strict: true } : {}),
    ...cacheControl(tool.cacheMark),
  };
}

function writeFormat(request: CanonicalRequest, structuredOutput: boolean): Block {
  const format = request.responseFormat;
  if (format === undefined || format.type === 'text') return {};
  if (format.type === 'json')
    throw refused(
      request,
      'responseFormat',
      VENDOR,
      `it has no JSON mode without a schema; give ${parameterName('responseFormat', request.shape)} a JSON schema.`,
    );
  if (!structuredOutput)
    throw refused(request, 'responseFormat', VENDOR, 'this model has no structured output.');
  const schema = request.shape === SHAPE ? format.schema : closedSchema(format.schema);
  return { format: { type: 'json_schema', schema } };
}
