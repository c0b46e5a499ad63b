// The first-parent history of the files that matter, in one `git log`, and their contents in one `git cat-file --batch`.
import type { SimpleGit } from 'simple-git';
import { MAX_FILE_BYTES } from '../yaml-file.ts';
import { gitIn } from './repository.ts';

/** A file as a commit left it; `blob` is null where it was removed. */
export interface FileChange {
  /** Inside the workspace. */
  readonly path: string;
  readonly blob: string | null;
}

export interface HistoryCommit {
  readonly commit: string;
  readonly firstParent: string | null;
  /** Milliseconds, committer's date. */
  readonly at: number;
  readonly author: string;
  readonly subject: string;
  readonly body: string;
  readonly changes: readonly FileChange[];
}

const FORMAT = '%x01%H%x02%P%x02%ct%x02%an%x02%s%x02%b%x02';

/** Commits from oldest to newest that touch `folders`, along first parents; merges count as what they brought. */
export async function readHistory(
  git: SimpleGit,
  range: string,
  prefix: string,
  folders: readonly string[],
): Promise<HistoryCommit[]> {
  const text = await git.raw([
    'log',
    range,
    '--first-parent',
    '--diff-merges=first-parent',
    '--raw',
    '--no-abbrev',
    '--no-renames',
    '-z',
    '--reverse',
    `--format=${FORMAT}`,
    '--',
    ...folders,
  ]);
  return text
    .split('\u0001')
    .slice(1)
    .map((record) => parseCommit(record, prefix));
}

function parseCommit(record: string, prefix: string): HistoryCommit {
  const [commit = '', parents = '', time = '', author = '', subject = '', body = '', raw = ''] =
    record.split('\u0002');
  const pieces = raw.split('\0').filter((piece) => piece.trim() !== '');
  const changes: FileChange[] = [];
  for (let index = 0; index + 1 < pieces.length; index += 2) {
    const fields = (pieces[index] as string).trim().split(' ');
    const path = pieces[index + 1] as string;
    if (!path.startsWith(prefix)) continue;
    const isFile = (fields[1] ?? '').startsWith('100');
    changes.push({
      path: path.slice(prefix.length),
      blob: isFile && fields[4] !== 'D' ? (fields[3] as string) : null,
    });
  }
  return {
    commit,
    firstParent: parents.split(' ')[0] || null,
    at: Number(time) * 1000,
    author,
    subject,
    body: body.trim(),
    changes,
  };
}

/** Contents of blobs by their id; those over 1 MiB are left out. Two processes, whatever the number. */
export async function readBlobs(directory: string, ids: readonly string[]): Promise<Map<string, Uint8Array>> {
  const blobs = new Map<string, Uint8Array>();
  if (ids.length === 0) return blobs;
  const sizes = await gitIn(directory, `${ids.join('\n')}\n`).raw([
    'cat-file',
    '--batch-check=%(objectname) %(objectsize)',
  ]);
  const small = sizes
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, size]) => size !== undefined && Number(size) <= MAX_FILE_BYTES)
    .map(([id]) => id as string);
  if (small.length === 0) return blobs;
  const bytes = await rawBytes(gitIn(directory, `${small.join('\n')}\n`), [
    'cat-file',
    '--batch=%(objectname) %(objectsize)',
  ]);
  for (let offset = 0; offset < bytes.length;) {
    const end = bytes.indexOf(10, offset);
    const [id = '', size = '0'] = bytes.toString('latin1', offset, end).split(' ');
    blobs.set(id, bytes.subarray(end + 1, end + 1 + Number(size)));
    offset = end + 1 + Number(size) + 1;
  }
  return blobs;
}

/** simple-git decodes output as UTF-8; blobs are wanted as the bytes they are. */
async function rawBytes(git: SimpleGit, command: string[]): Promise<Buffer> {
  const chunks: Buffer[] = [];
  await git
    .outputHandler((_command, stdout) => {
      stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    })
    .raw(command);
  return Buffer.concat(chunks);
}
