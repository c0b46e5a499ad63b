// The least a gateway in Node can do: reads the body, sends it on over an undici pool, passes the answer through.
import { createServer } from 'node:http';
import { Pool } from 'undici';

const pool = new Pool(`http://127.0.0.1:${process.argv[3]}`, { connections: 128 });
const server = createServer((request, response) => {
  const pieces: Buffer[] = [];
  request.on('data', (piece: Buffer) => pieces.push(piece));
  request.on('end', () => {
    const body = pieces.length === 1 ? pieces[0] : Buffer.concat(pieces);
    pool
      .stream(
        {
          method: 'POST',
          path: '/v1/chat/completions',
          headers: { 'content-type': 'application/json' },
          body: body ?? null,
        },
        ({ statusCode, headers }) => {
          const length = headers['content-length'];
          response.writeHead(statusCode, {
            'content-type': headers['content-type'] as string,
            ...(length === undefined ? {} : { 'content-length': length as string }),
          });
          return response;
        },
      )
      .catch(() => response.destroy());
  });
});
server.listen({ host: '127.0.0.1', port: Number(process.argv[2]), backlog: 4096 }, () =>
  process.send?.('ready'),
);
process.on('disconnect', () => process.exit(0));
