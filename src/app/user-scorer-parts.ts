// What scorers of the user's own need of the outer world: modules of the workspace, and HTTP that does not reach into private networks.
import { isAbsolute, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Agent, request } from 'undici';
import type { UserScorerParts } from '../evaluation/run/user-scorer.ts';
import { BinnacleError, UsageError } from '../kernel/errors.ts';
import { assertAllowedAddress, publicLookup } from '../kernel/network-address.ts';

const TIMEOUT_MS = 30_000;
const MOST_CHARACTERS = 1024 * 1024;

export function userScorerParts(workspaceFolder: string): UserScorerParts {
  const open = new Agent();
  const guarded = new Agent({ connect: { lookup: publicLookup } });
  return {
    async loadModule(path) {
      const file = resolve(workspaceFolder, path);
      const inside = relative(workspaceFolder, file);
      if (inside.startsWith('..') || isAbsolute(inside))
        throw new UsageError(`${path} lies outside the workspace.`, 'options.path');
      const loaded = (await import(pathToFileURL(file).href)) as { readonly default?: unknown };
      return loaded.default;
    },
    async post(url, body, allowPrivate) {
      if (!allowPrivate) assertAllowedAddress(new URL(url).hostname);
      const answer = await request(url, {
        dispatcher: allowPrivate ? open : guarded,
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const text = await answer.body.text();
      if (answer.statusCode !== 200 || text.length > MOST_CHARACTERS)
        throw new BinnacleError({ code: 'scorer_webhook', message: `${url} answered ${answer.statusCode}.` });
      return JSON.parse(text) as unknown;
    },
  };
}
