// A canonical request as the JSON text of `models/{model}:generateContent` and `:streamGenerateContent` (the model is in the path).
import type { CanonicalRequest } from '../../contract/canonical.ts';
import { refuseForeignExtra, refused } from '../refused-parameters.ts';
import { writeSchema } from './json-schema.ts';
import { thinkingControlOf } from './models.ts';
import { writeMessages } from './write-content.ts';

const VENDOR = 'Google';

type Fields = Readonly<Record<string, unknown>>;

/** Tokens of thought by effort, for models that take a budget. */
const BUDGETS: Readonly<Record<string, number>> = {
  none: 0,
  minimal: 1024,
  low: 1024,
  medium: 8192,
  high: 24576,
};
const LEVELS: ReadonlySet<string> = new Set(['minimal', 'low', 'medium', 'high']);

/** The JSON text of the request. Throws a RequestError naming a parameter that the API has not. */
export function writeRequest(request: CanonicalRequest, upstreamModel: string): string {
  refuseForeignExtra(request, 'google-generate-content', VENDOR);
  if (request.parallelToolCalls === false)
    throw refused(request, 'parallelToolCalls', VENDOR, 'the model decides how many tools it calls at once.');
  const { system, contents } = writeMessages(request);
  const config = {
    ...writeSampling(request),
    ...writeFormat(request),
    ...writeThinking(request, upstreamModel),
  };
  return JSON.stringify({
    ...(system.length === 0 ? {} : { systemInstruction: { parts: system } }),
    contents,
    ...writeTools(request),
    ...(Object.keys(config).length === 0 ? {} : { generationConfig: config }),
  });
}

function writeSampling(request: CanonicalRequest): Fields {
  const fields = {
    candidateCount: request.count === 1 ? undefined : request.count,
    maxOutputTokens: request.maxOutputTokens,
    temperature: request.temperature,
    topP: request.topP,
    topK: request.topK,
    seed: request.seed,
    frequencyPenalty: request.frequencyPenalty,
    presencePenalty: request.presencePenalty,
    stopSequences: request.stop !== undefined && request.stop.length > 0 ? request.stop : undefined,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function writeFormat(request: CanonicalRequest): Fields {
  const format = request.responseFormat;
  if (format === undefined || format.type === 'text') return {};
  if (format.type === 'json') return { responseMimeType: 'application/json' };
  return { responseMimeType: 'application/json', responseJsonSchema: writeSchema(format.schema) };
}

function writeThinking(request: CanonicalRequest, model: string): Fields {
  const { effort, budgetTokens, summary } = request.reasoning ?? {};
  if (effort === undefined && budgetTokens === undefined && summary === undefined) return {};
  const control = thinkingControlOf(model);
  if (control === 'none') {
    if (effort === 'none') return {};
    throw refused(request, 'reasoning', VENDOR, 'this model does not think before it answers.');
  }
  const thoughts = summary === undefined ? {} : { includeThoughts: summary !== 'none' };
  if (budgetTokens !== undefined) return { thinkingConfig: { thinkingBudget: budgetTokens, ...thoughts } };
  if (effort === undefined) return { thinkingConfig: thoughts };
  if (control === 'level') {
    if (!LEVELS.has(effort))
      throw refused(request, 'reasoning', VENDOR, `this model's levels are ${[...LEVELS].join(', ')}.`);
    return { thinkingConfig: { thinkingLevel: effort, ...thoughts } };
  }
  const budget = Object.hasOwn(BUDGETS, effort) ? BUDGETS[effort] : undefined;
  if (budget === undefined)
    throw refused(
      request,
      'reasoning',
      VENDOR,
      `this model's efforts are ${Object.keys(BUDGETS).join(', ')}.`,
    );
  return { thinkingConfig: { thinkingBudget: budget, ...thoughts } };
}

function writeTools(request: CanonicalRequest): Fields {
  const functions: unknown[] = [];
  const others: unknown[] = [];
  let strict = false;
  for (const tool of request.tools ?? []) {
    if (tool.type === 'vendor') {
      if (tool.native.shape !== 'google-generate-content')
        throw refused(request, 'tools', VENDOR, `the tool ${tool.name} is run by another vendor.`);
      others.push(tool.native.value);
      continue;
    }
    strict ||= tool.strict === true;
    functions.push({
      name: tool.name,
      ...(tool.description === undefined ? {} : { description: tool.description }),
      ...(tool.parameters === undefined ? {} : { parametersJsonSchema: writeSchema(tool.parameters) }),
    });
  }
  if (functions.length === 0 && others.length === 0) return {};
  const tools = functions.length === 0 ? others : [{ functionDeclarations: functions }, ...others];
  const choice = writeChoice(request, strict);
  return { tools, ...(choice === undefined ? {} : { toolConfig: { functionCallingConfig: choice } }) };
}

function writeChoice(request: CanonicalRequest, strict: boolean): Fields | undefined {
  const choice = request.toolChoice;
  switch (choice?.type) {
    case 'none':
      return { mode: 'NONE' };
    case 'required':
      return { mode: 'ANY' };
    case 'tool':
      return { mode: 'ANY', allowedFunctionNames: [choice.name] };
    case 'auto':
      return { mode: strict ? 'VALIDATED' : 'AUTO' };
    default:
      return strict ? { mode: 'VALIDATED' } : undefined;
  }
}
