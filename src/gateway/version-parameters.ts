// What a prompt version fixes of a request: parameters, output schema, model. What the request sets otherwise is refused by name. Pure.
import { isDeepStrictEqual } from 'node:util';
import type { CanonicalRequest, ResponseFormat } from '../contract/canonical.ts';
import type { PromptVersion } from '../contract/snapshot.ts';
import { RequestError } from '../kernel/errors.ts';

type ParameterField =
  | 'temperature'
  | 'maxOutputTokens'
  | 'topP'
  | 'topK'
  | 'stop'
  | 'seed'
  | 'frequencyPenalty'
  | 'presencePenalty';

/** Parameters of a prompt file by their name there and their field in the canonical request. */
const FIELDS: Readonly<Record<string, ParameterField>> = {
  temperature: 'temperature',
  max_tokens: 'maxOutputTokens',
  top_p: 'topP',
  top_k: 'topK',
  stop: 'stop',
  seed: 'seed',
  frequency_penalty: 'frequencyPenalty',
  presence_penalty: 'presencePenalty',
};

function conflict(version: PromptVersion, param: string): RequestError {
  return new RequestError({
    code: 'parameter_conflict',
    message: `Prompt ${version.name}@${version.version} sets "${param}"; leave it out of the request or send the same value.`,
    param,
  });
}

function asList(value: unknown): unknown {
  return typeof value === 'string' ? [value] : value;
}

function fixParameter(
  request: CanonicalRequest,
  version: PromptVersion,
  param: string,
): Partial<CanonicalRequest> {
  const value = version.parameters[param];
  if (param === 'reasoning_effort' && typeof value === 'string') {
    const asked = request.reasoning?.effort;
    if (asked !== undefined && asked !== value) throw conflict(version, param);
    return { reasoning: { ...request.reasoning, effort: value } };
  }
  const field = FIELDS[param];
  if (field === undefined) {
    if (Object.hasOwn(request.extra, param) && !isDeepStrictEqual(request.extra[param], value))
      throw conflict(version, param);
    return { extra: { ...request.extra, [param]: value } };
  }
  const set = field === 'stop' ? asList(value) : value;
  if (request[field] !== undefined && !isDeepStrictEqual(request[field], set)) throw conflict(version, param);
  return { [field]: set };
}

function outputFormat(version: PromptVersion): ResponseFormat {
  const name = version.name.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 64);
  return { type: 'json-schema', name, schema: version.outputSchema, strict: true };
}

/** The request with all that the version fixes. Throws a 400 naming the parameter that the request sets otherwise. */
export function applyVersion(request: CanonicalRequest, version: PromptVersion): CanonicalRequest {
  if (request.model !== undefined && request.model !== version.model) throw conflict(version, 'model');
  let fixed: CanonicalRequest = { ...request, model: version.model };
  for (const param of Object.keys(version.parameters))
    fixed = { ...fixed, ...fixParameter(fixed, version, param) };
  if (version.outputSchema === null || version.outputSchema === undefined) return fixed;
  const format = outputFormat(version);
  const asked = request.responseFormat;
  const differs =
    asked !== undefined &&
    !(asked.type === 'json-schema' && isDeepStrictEqual(asked.schema, version.outputSchema));
  if (differs) throw conflict(version, 'response_format');
  return { ...fixed, responseFormat: format };
}
