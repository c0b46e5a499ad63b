// A line to the inspector of a running Node process: asked for by signal, spoken to in Chrome's debugging protocol.
import { setTimeout as pause } from 'node:timers/promises';

export interface Inspector {
  call<T>(method: string, parameters?: Readonly<Record<string, unknown>>): Promise<T>;
  close(): void;
}

interface Answer {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

async function debuggerUrl(port: number): Promise<string> {
  for (let tries = 0; tries < 100; tries += 1) {
    try {
      const answer = await fetch(`http://127.0.0.1:${port}/json/list`);
      const [first] = (await answer.json()) as { webSocketDebuggerUrl: string }[];
      if (first !== undefined) return first.webSocketDebuggerUrl;
    } catch {
      // It has not begun to listen.
    }
    await pause(50);
  }
  throw new Error(`no inspector answers on port ${port}`);
}

/** Attaches to a process that was started with `--inspect-port=127.0.0.1:PORT`; until then its inspector is off and costs nothing. */
export async function attachInspector(processId: number, port: number): Promise<Inspector> {
  process.kill(processId, 'SIGUSR1');
  const socket = new WebSocket(await debuggerUrl(port));
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve);
    socket.addEventListener('error', () => reject(new Error('the inspector refused the connection')));
  });
  const waiting = new Map<number, (answer: Answer) => void>();
  socket.addEventListener('message', (event) => {
    const answer = JSON.parse(String(event.data)) as Answer;
    if (answer.id === undefined) return;
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
  let calls = 0;
  return {
    call: <T>(method: string, parameters: Readonly<Record<string, unknown>> = {}) =>
      new Promise<T>((resolve, reject) => {
        const id = (calls += 1);
        waiting.set(id, ({ result, error }) =>
          error === undefined ? resolve(result as T) : reject(new Error(`${method}: ${error.message}`)),
        );
        socket.send(JSON.stringify({ id, method, params: parameters }));
      }),
    close: () => socket.close(),
  };
}
