// Whom a limit or a budget counts: the key, the end user, the prompt, or the workspace as a whole. Pure.
import type { LimitSubject } from '../contract/snapshot.ts';
import { isPseudonym, userPseudonym } from '../kernel/user-pseudonym.ts';

/** Of whom a request is; empty where it names none. */
export interface Caller {
  readonly keyId: string;
  readonly keyName: string;
  readonly user: string;
  readonly prompt: string;
  /** Whose workspace it is: the same end user of another is somebody else. */
  readonly workspace: string;
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
  if (rule.subject === 'key') return rule.of === caller.keyName ? name : null;
  // A recorded request may name its user by pseudonym.
  return rule.subject === 'user' && isPseudonym(name) && userPseudonym(rule.of, caller.workspace) === name
    ? name
    : null;
}

/** The account of a subject: users' always by pseudonym, so that it is the same whichever way their requests were recorded. */
export function accountOf(subject: LimitSubject, name: string, workspace: string): string {
  return subject !== 'user' || isPseudonym(name) ? name : userPseudonym(name, workspace);
}
