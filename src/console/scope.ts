// What a caller of the console API may see. Every query takes a scope and is confined by it; there is no query without one.

import { RequestError } from '../kernel/errors.ts';

/** `all`: the administrator. `keys`: what these keys did, and nothing else. */
export type Scope =
  | { readonly kind: 'all' }
  | {
      readonly kind: 'keys';
      readonly keys: readonly string[];
      /** Prompts and models they may see; empty: all. */
      readonly prompts: readonly string[];
      readonly models: readonly string[];
    };

export const EVERYTHING: Scope = { kind: 'all' };

/** Throws a RequestError (403) for a caller who may see a part alone: what a route tells is of the whole installation. */
export function requireEverything(scope: Scope): void {
  if (scope.kind === 'all') return;
  throw new RequestError({
    code: 'not_allowed',
    message: 'This is about the whole installation: it needs the admin token, not an API key.',
    httpStatus: 403,
  });
}

/** Whether the caller may know of a prompt or a model. */
export function maySee(scope: Scope, kind: 'prompts' | 'models', name: string): boolean {
  return scope.kind === 'all' || scope[kind].length === 0 || scope[kind].includes(name);
}
