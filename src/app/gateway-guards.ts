// The gateway's guardrails with what they may use: a pool of threads, secrets of the environment, and requests to addresses that the
// operator configured, private ones only where the configuration says so.
import { Agent, request } from 'undici';
import { GuardBook } from '../gateway/guard/guard-book.ts';
import type { ResolveSecrets } from '../gateway/serving-snapshot.ts';
import { BinnacleError } from '../kernel/errors.ts';
import type { Logger } from '../kernel/logger.ts';
import { assertAllowedAddress, publicLookup } from '../kernel/network-address.ts';
import type { OutboundRequest } from '../safety/guardrail.ts';
import { GuardrailPool } from '../safety/pool/pool.ts';

const MOST_ANSWER_BYTES = 1024 * 1024;

export interface GatewayGuards {
  readonly book: GuardBook;
  close(): Promise<void>;
}

async function boundedJson(body: AsyncIterable<Uint8Array>): Promise<unknown> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of body) {
    bytes += piece.byteLength;
    if (bytes > MOST_ANSWER_BYTES) throw new Error('the answer is longer than 1 MiB');
    pieces.push(piece);
  }
  return JSON.parse(Buffer.concat(pieces, bytes).toString('utf8'));
}

/** Sends a guardrail's own request; redirects are not followed. */
function outbound(agents: { readonly open: Agent; readonly guarded: Agent }): OutboundRequest {
  return async ({ url, headers, body, timeoutMilliseconds, allowPrivate }) => {
    if (allowPrivate !== true) assertAllowedAddress(new URL(url).hostname);
    const answer = await request(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      dispatcher: allowPrivate === true ? agents.open : agents.guarded,
      signal: AbortSignal.timeout(timeoutMilliseconds),
    });
    return { status: answer.statusCode, body: await boundedJson(answer.body) };
  };
}

export function gatewayGuards(logger: Logger, resolveSecrets: ResolveSecrets): GatewayGuards {
  const pool = new GuardrailPool();
  const agents = { open: new Agent(), guarded: new Agent({ connect: { lookup: publicLookup } }) };
  const resolve = (text: string): string => {
    const resolved = resolveSecrets(text);
    if (resolved.missing.length === 0) return resolved.text;
    throw new BinnacleError({
      code: 'missing_secret',
      message: `It needs ${resolved.missing.join(', ')} in the gateway's environment.`,
    });
  };
  const book = new GuardBook({
    services: { request: outbound(agents) },
    elsewhere: pool.run,
    logger,
    resolve,
  });
  return {
    book,
    close: async () => {
      await pool.close();
      await agents.open.close();
      await agents.guarded.close();
    },
  };
}
