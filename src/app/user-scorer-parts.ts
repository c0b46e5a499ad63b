// What scorers of the user's own need of the outer world: modules of the workspace, and HTTP that does not reach into private networks.
import { isAbsolute, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Agent, request } from 'undici';
import type { UserScorerParts } from '../evaluation/run/user-scorer.ts';
import { BinnacleError, messageOf, UsageError } from '../kernel/errors.ts';
import { assertAllowedAddress, publicLookup } from '../kernel/network-address.ts';

const TIMEOUT_MS = 30_000;
const MOST_BYTES = 1024 * 1024;

function failed(message: string): BinnacleError {
  return new BinnacleError({ code: 'scorer_webhook', message });
}

async function boundedText(body: AsyncIterable<Uint8Array>, url: string): Promise<string> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of body) {
    bytes += piece.byteLength;
    if (bytes > MOST_BYTES) throw failed(`${url} answered more than 1 MiB.`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces, bytes).toString('utf8');
}

/** `folder`: modules are named by their path from here, and must lie inside. */
export function userScorerParts(folder: string): UserScorerParts {
  const agents = { open: new Agent(), guarded: new Agent({ connect: { lookup: publicLookup } }) };
  return {
    timeoutMs: TIMEOUT_MS,
    async loadModule(path) {
      const file = resolve(folder, path);
      const inside = relative(folder, file);
      if (inside.startsWith('..') || isAbsolute(inside))
        throw new UsageError(`${path} lies outside of ${folder}.`, 'options.path');
      const loaded = (await import(pathToFileURL(file).href).catch((error: unknown) => {
        throw new UsageError(`${path} can't be loaded: ${messageOf(error)}`, 'options.path');
      })) as { readonly default?: unknown };
      return loaded.default;
    },
    async post(url, body, allowPrivate) {
      if (!allowPrivate) assertAllowedAddress(new URL(url).hostname);
      const answer = await request(url, {
        dispatcher: allowPrivate ? agents.open : agents.guarded,
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const text = await boundedText(answer.body as AsyncIterable<Uint8Array>, url);
      if (answer.statusCode !== 200) throw failed(`${url} answered ${answer.statusCode}.`);
      try {
        return JSON.parse(text) as unknown;
      } catch {
        throw failed(`${url} answered something that is not JSON.`);
      }
    },
    close: async () => {
      await agents.open.close();
      await agents.guarded.close();
    },
  };
}
