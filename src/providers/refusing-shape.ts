// A shape as a vendor speaks it that lacks some of its parameters: what the vendor would ignore or misread is refused before it is sent,
// by the name the caller wrote.
import type { CanonicalRequest } from '../contract/canonical.ts';
import { RequestError } from '../kernel/errors.ts';
import { refused, type ParameterField } from '../wire/refused-parameters.ts';
import type { OutboundShape } from '../wire/shape.ts';

export interface Lacks {
  /** Canonical fields the vendor can't do. */
  readonly fields: readonly ParameterField[];
  /** Parameters of the shape itself, by name. */
  readonly names: readonly string[];
  /** Whether it can't hold an answer to a JSON schema (a JSON object it can). */
  readonly jsonSchema?: boolean;
  /** Whether it rejects `user`. It is who the end user is, which stays with the gateway; so it is left out, not refused. */
  readonly endUser?: boolean;
}

/** The shape with a check in front. `vendor` is how errors call it. */
export function refusingShape(shape: OutboundShape, vendor: string, lacks: Lacks): OutboundShape {
  return {
    ...shape,
    writeRequest: (request, upstreamModel) => {
      refuse(request, vendor, lacks);
      return shape.writeRequest(lacks.endUser === true ? withoutEndUser(request) : request, upstreamModel);
    },
  };
}

function withoutEndUser(request: CanonicalRequest): CanonicalRequest {
  const { endUser: _, ...rest } = request;
  return rest;
}

function refuse(request: CanonicalRequest, vendor: string, lacks: Lacks): void {
  for (const field of lacks.fields)
    if (asks(request, field)) throw refused(request, field, vendor, 'leave it out or choose another model.');
  if (lacks.jsonSchema === true && request.responseFormat?.type === 'json-schema')
    throw refused(request, 'responseFormat', vendor, 'it takes a JSON object, not a JSON schema.');
  for (const name of lacks.names) {
    const value = request.extra[name];
    if (value === undefined || value === null || value === false || value === 0) continue;
    throw new RequestError({
      code: 'unsupported_parameter',
      message: `${vendor} can't do \`${name}\`: leave it out or choose another model.`,
      param: name,
    });
  }
}

/** Whether the request asks for what the field does; a value that every vendor has anyway asks for nothing. */
function asks(request: CanonicalRequest, field: ParameterField): boolean {
  switch (field) {
    case 'count':
      return request.count !== undefined && request.count !== 1;
    case 'frequencyPenalty':
      return request.frequencyPenalty !== undefined && request.frequencyPenalty !== 0;
    case 'presencePenalty':
      return request.presencePenalty !== undefined && request.presencePenalty !== 0;
    case 'parallelToolCalls':
      return request.parallelToolCalls === false;
    case 'responseFormat':
      return request.responseFormat !== undefined && request.responseFormat.type !== 'text';
    case 'toolChoice':
      return request.toolChoice?.type === 'required' || request.toolChoice?.type === 'tool';
    case 'tools':
      return request.tools !== undefined && request.tools.length > 0;
    default:
      return request[field] !== undefined;
  }
}
