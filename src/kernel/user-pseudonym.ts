// How an end user is recorded whose name is itself personal data (an e-mail address), where privacy forbids to record such: the same name
// for the same user of a workspace, so that counting by user and erasing a user go on working.
import { createHash } from 'node:crypto';

const PSEUDONYM = /^user_[0-9a-f]{24}$/;

export function userPseudonym(user: string, workspace: string): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([workspace, user]))
    .digest('hex');
  return `user_${digest.slice(0, 24)}`;
}

/** Whether a recorded name is a pseudonym already. */
export function isPseudonym(name: string): boolean {
  return PSEUDONYM.test(name);
}
