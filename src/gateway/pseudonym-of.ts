// The end user of an exchange as kept answers name it: always by pseudonym, so that a name stands in no file that only holds answers.
import { userPseudonym } from '../kernel/user-pseudonym.ts';
import type { Exchange } from './exchange.ts';

/** Empty where the request names no end user. */
export function pseudonymOf({ request, snapshot }: Exchange): string {
  const user = request.endUser ?? '';
  return user === '' ? '' : userPseudonym(user, snapshot.snapshot.workspace.name);
}
