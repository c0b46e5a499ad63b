// A whole console over a scratch workspace for tests: real state, real ledger, tokens that tests know.
import { join } from 'node:path';
import type { Clock } from '../../kernel/clock.ts';
import { silentLogger } from '../../kernel/logger.ts';
import { composeConsole, type ComposedConsole, type ConsoleParts } from '../compose-console.ts';

export const ADMIN_TOKEN = 'the-admin-token';
export const INTERNAL_TOKEN = 'the-internal-token';

/** Composes the console of the workspace in `folder`, its data in `.binnacle` there. */
export function composeScratchConsole(
  folder: string,
  clock: Clock,
  changes: Partial<ConsoleParts> = {},
): Promise<ComposedConsole> {
  return composeConsole({
    workspaceFolder: folder,
    dataFolder: join(folder, '.binnacle'),
    version: '0.0.0',
    clock,
    logger: silentLogger,
    adminToken: ADMIN_TOKEN,
    internalToken: INTERNAL_TOKEN,
    ...changes,
  });
}
