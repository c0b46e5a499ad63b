// `binnacle up`: finds the workspace, checks what must hold, takes the data folder, and supervises until told to stop.
import { flushCompileCache } from 'node:module';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { systemClock } from '../kernel/clock.ts';
import { UsageError } from '../kernel/errors.ts';
import { lockFolder } from '../storage/folder-lock.ts';
import { findWorkspace } from '../workspace/find-workspace.ts';
import { firstCall, type ShownPrompt } from './first-call.ts';
import { readInstallation, type Installation } from './installation.ts';
import { gitVersion, requireDataFolder, requireNode, requirePort } from './preflight.ts';
import { supervise, type Ending, type Up } from './supervisor.ts';

export interface UpOptions {
  readonly workingDirectory: string;
  readonly workspace?: string | undefined;
  readonly port?: number | undefined;
  readonly consolePort?: number | undefined;
  /** Where no workspace is found: make one with the example's simulated answers and use it. */
  readonly demo: boolean;
  readonly environment: NodeJS.ProcessEnv;
  readonly err: (text: string) => void;
  /** Called once when both processes answer. */
  readonly onUp: (running: Running) => void;
}

export interface Running {
  readonly gateway: string;
  readonly console: string;
  readonly workspace: string;
  readonly data: string;
  /** A call to copy. */
  readonly curl: string;
  readonly notes: readonly string[];
}

/** A holder that is just ending is waited for this long. */
const LOCK_PATIENCE_MS = 500;

const SERVING_PATIENCE_MS = 5_000;

const DEMO_FOLDER = join('.binnacle', 'demo');

async function demoFolder(options: UpOptions): Promise<string> {
  const folder = join(options.workingDirectory, DEMO_FOLDER);
  if (
    await findWorkspace(folder).then(
      (found) => found === folder,
      () => false,
    )
  )
    return folder;
  if ((await gitVersion()) === null)
    throw new UsageError(
      'Git is not installed; the example workspace keeps its prompt versions in it. Install Git and start again.',
    );
  options.err(`making the example workspace in ${DEMO_FOLDER} (its answers are simulated)\n`);
  const { createExample } = await import('../workspace/create-example.ts');
  await createExample(folder, systemClock.now());
  return folder;
}

async function folderFor(options: UpOptions): Promise<string> {
  if (options.workspace !== undefined)
    return findWorkspace(resolve(options.workingDirectory, options.workspace));
  try {
    return await findWorkspace(options.workingDirectory);
  } catch (error) {
    if (!options.demo) throw error;
    return demoFolder(options);
  }
}

const promptsSchema = z.object({ prompts: z.array(z.object({ name: z.string() })) });
const promptSchema = z.object({
  versions: z.array(
    z.object({
      name: z.string(),
      system_prompt: z.string().nullable(),
      user_prompt_template: z.string().nullable(),
      labels: z.array(z.string()),
    }),
  ),
});
const healthSchema = z.object({ snapshot: z.object({ version: z.string().nullable() }).nullable() });
const modelsSchema = z.object({ models: z.array(z.object({ id: z.string() })) });

async function ask<Schema extends z.ZodType>(url: string, schema: Schema): Promise<z.output<Schema> | null> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(3_000) });
    return answer.ok ? schema.parse(await answer.json()) : null;
  } catch {
    return null;
  }
}

/** A prompt that production serves, for the call that is shown. */
async function shownPrompt(consoleUrl: string): Promise<ShownPrompt | null> {
  for (const { name } of (await ask(`${consoleUrl}/api/prompts`, promptsSchema))?.prompts ?? []) {
    const prompt = await ask(`${consoleUrl}/api/prompts/${encodeURIComponent(name)}`, promptSchema);
    const served = prompt?.versions.find(({ labels }) => labels.includes('production'));
    if (served !== undefined) return served;
  }
  return null;
}

/** Which snapshot a process has, by its `/healthz`; null when it has none or does not answer. */
async function snapshotOf(url: string): Promise<string | null> {
  return (await ask(`${url}/healthz`, healthSchema))?.snapshot?.version ?? null;
}

/**
 * Waits until the gateway serves the workspace as it is now, not as it was at its last run: a call that is copied at once must be answered, and
 * by what was just edited. A workspace that does not compile is not waited for.
 */
async function untilServing(up: Up): Promise<void> {
  const deadline = systemClock.monotonic() + SERVING_PATIENCE_MS;
  const compiled = await snapshotOf(up.consoleUrl);
  while (systemClock.monotonic() < deadline) {
    const served = await snapshotOf(up.gatewayUrl);
    if (served !== null && (compiled === null || served === compiled)) return;
    await sleep(50);
  }
}

async function describe(installation: Installation, up: Up): Promise<Running> {
  await untilServing(up);
  const prompt = await shownPrompt(up.consoleUrl);
  const models = prompt === null ? await ask(`${up.consoleUrl}/api/models`, modelsSchema) : null;
  return {
    gateway: up.gatewayUrl,
    console: up.consoleUrl,
    workspace: installation.workspaceFolder,
    data: installation.dataFolder,
    curl: firstCall(up.gatewayUrl, prompt, models?.models[0]?.id ?? null),
    notes: up.notes,
  };
}

/** Runs until told to stop by a signal, or until a process can't run as configured. Throws a UsageError for what must hold and does not. */
export async function runUp(options: UpOptions): Promise<Ending> {
  requireNode(process.version);
  const installation = await readInstallation(await folderFor(options));
  const { dataFolder } = installation;
  await requireDataFolder(dataFolder);
  const lock = await lockFolder({
    directory: dataFolder,
    holder: 'binnacle up',
    startedAt: systemClock.now(),
    patience: LOCK_PATIENCE_MS,
  });
  try {
    return await runOwned(options, installation);
  } finally {
    lock.release();
  }
}

async function runOwned(options: UpOptions, installation: Installation): Promise<Ending> {
  const { dataFolder, workspaceFolder, settings } = installation;
  const { host } = settings.gateway;
  const consoleHost = settings.console.host;
  const gatewayPort = await requirePort(host, options.port ?? settings.gateway.port, '--port');
  const consolePort = await requirePort(
    consoleHost,
    options.consolePort ?? settings.console.port,
    '--console-port',
  );
  const supervisor = supervise({
    workspaceFolder,
    dataFolder,
    gateway: { host, port: gatewayPort },
    console: { host: consoleHost, port: consolePort },
    environment: options.environment,
    clock: systemClock,
    err: options.err,
    onUp: (up) =>
      void describe(installation, up).then((running) => {
        options.onUp(running);
        flushCompileCache();
      }),
  });
  const stop = (): void => supervisor.stop();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  return await supervisor.ended;
}
