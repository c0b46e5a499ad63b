// An answer as it is kept for those who ask again: its own text once, not once more as the tree that was parsed of it.
import type { CanonicalResponse } from '../contract/canonical.ts';

export function keptResponse(response: CanonicalResponse): CanonicalResponse {
  const { native, nativeText } = response;
  if (native === undefined || nativeText === undefined) return response;
  return { ...response, native: { shape: native.shape, value: null } };
}
