// How an end user is recorded whose name is itself personal data (an e-mail address), where privacy forbids to record such: the same name
// for the same user of a workspace, so that counting by user and erasing a user go on working.
import { createHash } from 'node:crypto';

export function userPseudonym(user: string, workspace: string): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([workspace, user]))
    .digest('hex');
  return `user_${digest.slice(0, 24)}`;
}
