// What a caller of the console API may see. Every query takes a scope and is confined by it; there is no query without one.

/** `all`: the administrator. `keys`: what these keys did, and nothing else. */
export type Scope = { readonly kind: 'all' } | { readonly kind: 'keys'; readonly keys: readonly string[] };

export const EVERYTHING: Scope = { kind: 'all' };
