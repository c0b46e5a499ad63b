// The console process: composes itself from the supervisor's settings, listens, and ends with its supervisor.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { INTERNAL_TOKEN_FILE } from '../contract/internal.ts';
import { ADMIN_TOKEN_FILE, consoleProcessSchema } from '../contract/processes.ts';
import { systemClock } from '../kernel/clock.ts';
import { messageOf } from '../kernel/errors.ts';
import { simulatedProviders } from '../console/simulated.ts';
import { secretNames } from '../workspace/environment.ts';
import { formatProblem } from '../workspace/problem.ts';
import type { ProviderFile } from '../workspace/schemas/models.ts';
import { composeConsole, type ComposedConsole } from './compose-console.ts';
import { attachToSupervisor } from './managed-process.ts';
import { programVersion } from './program-version.ts';

let composed: ComposedConsole | null = null;
const managed = attachToSupervisor('console', async () => composed?.close());

function token(folder: string, file: string): string {
  return readFileSync(join(folder, file), 'utf8').trim();
}

/** A line for each provider whose key is not in the environment: its calls fail until it is. */
function unsetSecrets(providers: Readonly<Record<string, ProviderFile>>): string[] {
  return Object.entries(providers).flatMap(([name, { api_key: key = '', headers }]) => {
    const named = [key, ...Object.values(headers)].flatMap(secretNames);
    const unset = named.filter((secret) => (managed.environment[secret] ?? '') === '');
    if (unset.length === 0) return [];
    return `calls to the provider ${name} fail: ${unset.join(', ')} is not set; set it and start again`;
  });
}

/** What a person should know at the start: what keeps the workspace from being served, and what history is missing. */
function notesOf({ workspace }: ComposedConsole): string[] {
  const told = workspace
    .opened()
    .problems.filter((problem) => problem.severity === 'error' || problem.file === '.git');
  const shown = told.slice(0, 5).map((problem) => `workspace: ${formatProblem(problem)}`);
  shown.push(...unsetSecrets(workspace.opened().workspace.models.value.providers));
  const simulated = [...simulatedProviders(workspace.serving() ?? null)];
  if (simulated.length > 0)
    shown.unshift(
      `answers of ${simulated.length === 1 ? 'the provider' : 'the providers'} ${simulated.join(', ')} are simulated: replayed from recordings, no model is called`,
    );
  return told.length > 5 ? [...shown, `workspace: ${told.length - 5} more: run "binnacle check"`] : shown;
}

async function run(): Promise<void> {
  const settings = consoleProcessSchema.parse(managed.settings);
  composed = await composeConsole({
    workspaceFolder: settings.workspace_folder,
    dataFolder: settings.data_folder,
    version: programVersion(),
    clock: systemClock,
    logger: managed.logger,
    adminToken: token(settings.data_folder, ADMIN_TOKEN_FILE),
    internalToken: token(settings.data_folder, INTERNAL_TOKEN_FILE),
    environment: managed.environment,
    gatewayUrl: settings.gateway_url,
  });
  composed.schedule.start();
  const url = await composed.app.listen({ host: settings.host, port: settings.port });
  managed.tell({ type: 'ready', url, notes: notesOf(composed) });
}

try {
  await run();
} catch (error) {
  managed.logger.log('error', 'the console does not start', { error: messageOf(error) });
  process.exit(1);
}
