// Checkpoints of the audit chain as commits under refs/binnacle/audit/NAME: each holds the public key as its only file and the checkpoint
// as its message. Nothing of the working tree, the index or any branch is touched; `git push origin 'refs/binnacle/*'` takes them elsewhere.
import { gitIn } from './repository.ts';

const REFS = 'refs/binnacle/audit';
const KEY_FILE = 'public-key.pem';
/** Git wants to know who commits; it is the program, whoever is configured. */
const IDENTITY = ['-c', 'user.name=Binnacle', '-c', 'user.email=binnacle@localhost'];

export interface AuditRef {
  /** What stands after refs/binnacle/audit/. */
  readonly name: string;
  readonly publicKey: string;
  /** Oldest first. */
  readonly messages: readonly string[];
}

/** Adds a commit to the ref. Throws what git says. */
export async function writeAuditRef(
  directory: string,
  name: string,
  publicKey: string,
  message: string,
): Promise<void> {
  const run = async (command: string[], input?: string): Promise<string> =>
    (await gitIn(directory, input).raw([...IDENTITY, ...command])).trim();
  const ref = `${REFS}/${name}`;
  const before = (await run(['for-each-ref', '--format=%(objectname)', ref])).split('\n')[0] ?? '';
  const blob = await run(['hash-object', '-w', '--stdin'], publicKey);
  const tree = await run(['mktree'], `100644 blob ${blob}\t${KEY_FILE}\n`);
  const parent = before === '' ? [] : ['-p', before];
  const commit = await run(['commit-tree', tree, ...parent, '-m', message]);
  await run(['update-ref', ref, commit, before === '' ? '0'.repeat(commit.length) : before]);
}

/** All checkpoint refs of the repository around a folder; empty where there is no repository or none was written. */
export async function readAuditRefs(directory: string): Promise<AuditRef[]> {
  const git = gitIn(directory);
  let listed: string;
  try {
    listed = await git.raw(['for-each-ref', '--format=%(refname)', `${REFS}/`]);
  } catch {
    return [];
  }
  const refs = listed.split('\n').filter((line) => line !== '');
  return Promise.all(
    refs.map(async (ref) => {
      const log = await git.raw(['log', '--reverse', '--first-parent', '--format=%B%x00', ref]);
      return {
        name: ref.slice(REFS.length + 1),
        publicKey: await git.raw(['show', `${ref}:${KEY_FILE}`]),
        messages: log
          .split('\0')
          .map((message) => message.trim())
          .filter((message) => message !== ''),
      };
    }),
  );
}
