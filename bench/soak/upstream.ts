// The simulated vendor of the soak: answers at once, but takes its time where a request asks for that, so that a client who leaves leaves in the
// middle of an answer and not after it.
import { createServer, type ServerResponse } from 'node:http';
import { answerBody, streamEvents } from '../gateway/wire.ts';

/** What a request says somewhere in its text to be answered slowly. */
export const SLOWLY = 'There is no hurry.';

/** Between two events of a slow stream, and before and amid a slow whole answer, milliseconds. */
const EVENT_MS = 15;
const HALF_MS = 600;

/**
 * What it says of how long it keeps a connection without use. It keeps it for far longer: that connections are closed is the gateway's doing.
 */
const KEEPS = { connection: 'keep-alive', 'keep-alive': `timeout=${process.argv[3] ?? '600'}` };

const WHOLE = answerBody(1500);
const EVENTS = streamEvents();

function stream(response: ServerResponse, isSlow: boolean): void {
  response.writeHead(200, { ...KEEPS, 'content-type': 'text/event-stream' });
  if (!isSlow) return void response.end(EVENTS.join(''));
  let next = 0;
  const timer = setInterval(() => {
    const event = EVENTS[next];
    next += 1;
    if (event !== undefined) return void response.write(event);
    clearInterval(timer);
    response.end();
  }, EVENT_MS);
  response.on('close', () => clearInterval(timer));
}

function whole(response: ServerResponse, isSlow: boolean): void {
  const headers = {
    ...KEEPS,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(WHOLE),
  };
  if (!isSlow) return void response.writeHead(200, headers).end(WHOLE);
  setTimeout(() => {
    response.writeHead(200, headers).write(WHOLE.slice(0, 700));
    setTimeout(() => response.end(WHOLE.slice(700)), HALF_MS);
  }, HALF_MS);
}

if (import.meta.main) {
  let open = 0;
  let most = 0;
  const server = createServer((request, response) => {
    open += 1;
    most = Math.max(most, open);
    response.once('close', () => (open -= 1));
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const text = Buffer.concat(pieces).toString();
      const isSlow = text.includes(SLOWLY);
      if (text.includes('"stream":true')) stream(response, isSlow);
      else whole(response, isSlow);
    });
  });
  server.keepAliveTimeout = 600_000;
  server.listen({ host: '127.0.0.1', port: Number(process.argv[2]), backlog: 4096 }, () =>
    process.send?.('ready'),
  );
  process.on('message', () => process.send?.(most));
  process.on('disconnect', () => process.exit(0));
}
