// The journal of a run: one JSON line a finished call, on the disk before anybody relies on it. After a crash the same plan finds its
// calls here and pays for none of them again. A torn last line is what a crash leaves, and is left out.
import { open, readdir, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readJsonLines } from '../../kernel/jsonl.ts';
import { finishedCallSchema, isFinished, type CallOutcome, type FinishedCall } from './gateway-call.ts';

const headSchema = z.object({
  type: z.literal('run'),
  run: z.string(),
  suite: z.string(),
  /** SHA-256 of the plan: the same cases, targets and repeats. */
  plan: z.string(),
  at: z.number(),
});
export type JournalHead = z.infer<typeof headSchema>;

const callSchema = z.object({
  type: z.literal('call'),
  key: z.string(),
  outcome: finishedCallSchema,
});

const endSchema = z.object({ type: z.literal('end') });

export interface ReadJournal {
  readonly head: JournalHead;
  readonly isComplete: boolean;
  readonly calls: ReadonlyMap<string, FinishedCall>;
}

/** Reads a journal; undefined where there is none or it has no head. `wanted` keeps memory to the calls that are asked about. */
export async function readJournal(
  path: string,
  wanted: (key: string) => boolean = () => true,
): Promise<ReadJournal | undefined> {
  let head: JournalHead | undefined;
  let isComplete = false;
  const calls = new Map<string, FinishedCall>();
  for await (const line of readJsonLines(path)) {
    if ('error' in line) continue;
    if (head === undefined) {
      const parsed = headSchema.safeParse(line.value);
      if (!parsed.success) return undefined;
      head = parsed.data;
      continue;
    }
    if (endSchema.safeParse(line.value).success) isComplete = true;
    const call = callSchema.safeParse(line.value);
    if (call.success && wanted(call.data.key)) calls.set(call.data.key, call.data.outcome);
  }
  return head === undefined ? undefined : { head, isComplete, calls };
}

export interface FoundJournal {
  readonly path: string;
  readonly head: JournalHead;
}

/** Journals of a folder, newest first, at most `limit`. Reads only their heads. */
export async function findJournals(folder: string, suite: string, limit: number): Promise<FoundJournal[]> {
  const names = await readdir(folder).catch(() => []);
  const found: FoundJournal[] = [];
  for (const name of names
    .filter((one) => one.endsWith('.jsonl'))
    .sort()
    .reverse()) {
    if (found.length >= limit) break;
    const path = join(folder, name);
    for await (const line of readJsonLines(path)) {
      const head = 'error' in line ? undefined : headSchema.safeParse(line.value);
      if (head?.success === true && head.data.suite === suite) found.push({ path, head: head.data });
      break;
    }
  }
  return found;
}

/** Appends to a journal; lines that come together share one write and one sync. */
export class CallJournal {
  readonly #file: FileHandle;
  #waiting: string[] = [];
  /** The write that will take what is waiting; null while nothing waits. */
  #next: Promise<void> | null = null;
  #last: Promise<void> = Promise.resolve();

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Opens for appending; a torn last line is closed off, so that the next line stands alone. */
  static async open(path: string, head: JournalHead): Promise<CallJournal> {
    const file = await open(path, 'a+', 0o600);
    const journal = new CallJournal(file);
    const { size } = await file.stat();
    if (size === 0) await journal.#append(JSON.stringify(head));
    else {
      const last = Buffer.alloc(1);
      await file.read(last, 0, 1, size - 1);
      if (last[0] !== 0x0a) await file.appendFile('\n');
    }
    return journal;
  }

  /** Resolves when the call is on the disk. Failures are kept for the record and are asked again by the next try. */
  record(key: string, outcome: CallOutcome): Promise<void> {
    const type = isFinished(outcome) ? 'call' : 'failure';
    return this.#append(JSON.stringify({ type, key, outcome }));
  }

  /** Marks that every call of the plan was made. */
  end(): Promise<void> {
    return this.#append(JSON.stringify({ type: 'end' }));
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#file.close();
  }

  #append(line: string): Promise<void> {
    this.#waiting.push(line);
    if (this.#next === null) {
      const write = this.#last.then(() => this.#write());
      this.#next = write;
      this.#last = write.catch(() => undefined);
    }
    return this.#next;
  }

  async #write(): Promise<void> {
    const lines = this.#waiting;
    this.#waiting = [];
    this.#next = null;
    await this.#file.appendFile(`${lines.join('\n')}\n`);
    await this.#file.datasync();
  }
}
