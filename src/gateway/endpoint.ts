// What an endpoint is, and how one is found: exact path, then method; a near path is named in the 404.
import type { IncomingMessage } from 'node:http';
import { RequestError } from '../kernel/errors.ts';
import { didYouMean } from '../kernel/nearest.ts';
import type { InboundShape } from '../wire/shape.ts';
import type { Reply } from './reply.ts';

export interface Endpoint {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Writes this endpoint's errors. */
  readonly errors: Pick<InboundShape, 'writeError'>;
  /** Answers, or throws a BinnacleError that the server writes in the endpoint's shape. */
  handle(request: IncomingMessage, reply: Reply): Promise<void> | void;
}

export type Found =
  | { readonly kind: 'endpoint'; readonly endpoint: Endpoint }
  | { readonly kind: 'refused'; readonly error: RequestError; readonly allow?: string };

/** Finds endpoints by method and URL. A path in which a segment may vary is not needed here and not known. */
export class EndpointTable {
  readonly #byPath = new Map<string, Endpoint[]>();

  constructor(endpoints: readonly Endpoint[]) {
    for (const endpoint of endpoints) {
      const same = this.#byPath.get(endpoint.path);
      if (same === undefined) this.#byPath.set(endpoint.path, [endpoint]);
      else same.push(endpoint);
    }
  }

  find(method: string, url: string): Found {
    const question = url.indexOf('?');
    const path = question === -1 ? url : url.slice(0, question);
    const here = this.#byPath.get(path);
    if (here === undefined) return { kind: 'refused', error: this.#unknown(method, path) };
    const endpoint = here.find((one) => one.method === method);
    if (endpoint !== undefined) return { kind: 'endpoint', endpoint };
    const allow = here.map((one) => one.method).join(', ');
    return {
      kind: 'refused',
      allow,
      error: new RequestError({
        code: 'method_not_allowed',
        message: `${path} is called with ${allow}, not ${method.slice(0, 20)}.`,
        httpStatus: 405,
      }),
    };
  }

  #unknown(method: string, path: string): RequestError {
    const asked = path.slice(0, 100);
    return new RequestError({
      code: 'unknown_url',
      message: `There is no ${method.slice(0, 20)} ${asked} here.${didYouMean(asked, this.#byPath.keys())}`,
      httpStatus: 404,
    });
  }
}
