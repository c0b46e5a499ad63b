// The simulated vendor of the overload bench: one prepared answer for each request. Its listener holds as many waiting connections as the
// kernel allows, for a gateway that is let loose opens a thousand at once.
import { createServer } from 'node:net';
import { answerBody } from '../gateway/wire.ts';

const body = answerBody(1500);
const ANSWER = Buffer.from(
  `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
);

const server = createServer({ noDelay: true }, (socket) => {
  let pending = '';
  socket.on('data', (bytes) => {
    pending += bytes.toString('latin1');
    const end = pending.indexOf('\r\n\r\n');
    if (end === -1) return;
    const length = /content-length: *(\d+)/i.exec(pending.slice(0, end))?.[1];
    const isWhole =
      length === undefined ? pending.endsWith('\r\n0\r\n\r\n') : pending.length - end - 4 >= Number(length);
    if (!isWhole) return;
    pending = '';
    socket.write(ANSWER);
  });
  socket.on('error', () => socket.destroy());
});
server.listen({ port: Number(process.argv[2]), host: '127.0.0.1', backlog: 4096 });
process.on('disconnect', () => process.exit(0));
