// One sandbox process as the outside sees it: takes a program, gives its verdict, dies at the deadline.
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { launchSandbox } from './sandbox-launch.ts';

export interface Verdict {
  readonly passed: boolean;
  readonly reason: string;
}

interface Message {
  readonly started?: true;
  readonly ready?: true;
  readonly verdict?: Verdict & { readonly broken: boolean };
}

/** Starting an interpreter may take this long on a busy machine; it is not the program's time. */
const START_MS = 60_000;
/** Programs a process runs before it is replaced; each has its own interpreter anyway. */
const PROGRAMS = 16;
const MOST_LINE = 1_000_000;

/** A memory image of a fresh interpreter, made by a sandbox process of its own (some 30 MB, 2.5 s). */
export async function interpreterSnapshot(): Promise<Buffer> {
  const child = launchSandbox('snapshot');
  const timer = setTimeout(() => child.kill('SIGKILL'), START_MS);
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => void chunks.push(chunk));
  const complaint = textOf(child);
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  clearTimeout(timer);
  if (status !== 0 || chunks.length === 0)
    throw new Error(`The Python sandbox did not start: ${complaint() || `exit code ${status}`}`);
  return Buffer.concat(chunks);
}

/** The last of what a process wrote to standard error. */
function textOf(child: ChildProcessWithoutNullStreams): () => string {
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    text = (text + chunk).slice(-2_000);
  });
  return () => text.trim();
}

export class SandboxWorker {
  readonly #child = launchSandbox('serve');
  #left = PROGRAMS;
  #alive = true;
  #text = '';
  #onMessage: (message: Message) => void = () => undefined;
  #onEnd: () => void = () => undefined;

  constructor(snapshot: Buffer) {
    const { stdin, stdout, stderr } = this.#child;
    stderr.resume();
    stdin.on('error', () => undefined);
    stdout.setEncoding('utf8').on('data', (chunk: string) => this.#read(chunk));
    const ended = (): void => {
      this.#alive = false;
      this.#onEnd();
    };
    this.#child.on('close', ended);
    this.#child.on('error', ended);
    const head = Buffer.alloc(4);
    head.writeUInt32LE(snapshot.length);
    stdin.write(head);
    stdin.write(snapshot);
  }

  /** False once the process must not be given another program. */
  get usable(): boolean {
    return this.#alive && this.#left > 0;
  }

  /** Runs one program, one at a time. The deadline counts from when it starts, not from when the interpreter does. */
  run(source: string, deadlineMs: number): Promise<Verdict> {
    this.#left -= 1;
    return new Promise((resolve) => {
      const finish = (verdict: Verdict, keep: boolean): void => {
        clearTimeout(timer);
        this.#onEnd = this.#onMessage = () => undefined;
        if (!keep || this.#left <= 0) this.kill();
        resolve({ passed: verdict.passed, reason: verdict.reason });
      };
      const late = (reason: string) => () => finish({ passed: false, reason }, false);
      let timer = setTimeout(late('the sandbox did not start in time'), START_MS);
      this.#onEnd = () => finish({ passed: false, reason: 'the program ended its process' }, false);
      this.#onMessage = ({ started, verdict }) => {
        if (started === true) {
          clearTimeout(timer);
          timer = setTimeout(late(`not done after ${deadlineMs / 1000} s`), deadlineMs);
        }
        if (verdict !== undefined) finish(verdict, !verdict.broken);
      };
      if (!this.#alive) return this.#onEnd();
      this.#child.stdin.write(`${JSON.stringify({ source })}\n`);
    });
  }

  kill(): void {
    this.#alive = false;
    this.#child.kill('SIGKILL');
  }

  #read(chunk: string): void {
    this.#text += chunk;
    if (this.#text.length > MOST_LINE) return this.kill();
    const lines = this.#text.split('\n');
    this.#text = lines.pop() as string;
    for (const line of lines) {
      try {
        this.#onMessage(JSON.parse(line) as Message);
      } catch {
        this.kill();
      }
    }
  }
}
