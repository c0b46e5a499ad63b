// Whom a limit or a budget counts: the key, the end user, the prompt, or the workspace as a whole. Pure.
import type { LimitSubject } from '../contract/snapshot.ts';

/** Of whom a request is; empty where it names none. */
export interface Caller {
  readonly keyId: string;
  readonly keyName: string;
  readonly user: string;
  readonly prompt: string;
}

/** The name a rule counts this caller under; null where the rule does not concern it. */
export function subjectOf(
  rule: { readonly subject: LimitSubject; readonly of: string | null },
  caller: Caller,
): string | null {
  if (rule.subject === 'workspace') return '';
  const name = rule.subject === 'key' ? caller.keyId : rule.subject === 'user' ? caller.user : caller.prompt;
  if (name === '') return null;
  if (rule.of === null || rule.of === name) return name;
  return rule.subject === 'key' && rule.of === caller.keyName ? name : null;
}
