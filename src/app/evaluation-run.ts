// Puts a run together: gateway, journal, what is known from before, scorers; runs it; writes its result. Commands and the gate call it.
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Snapshot } from '../contract/snapshot.ts';
import { CallJournal, findJournals, readJournal } from '../evaluation/run/call-journal.ts';
import type { FinishedCall } from '../evaluation/run/gateway-call.ts';
import { KeptCalls } from '../evaluation/run/kept-calls.ts';
import { planAnswers, planDigest, type PlannedAnswer } from '../evaluation/run/plan.ts';
import type { RunResult } from '../evaluation/run/run-result.ts';
import { runSuite } from '../evaluation/run/run-suite.ts';
import { SpendCeiling } from '../evaluation/run/spend-ceiling.ts';
import type { Suite } from '../evaluation/suite.ts';
import { systemClock } from '../kernel/clock.ts';
import { UsageError } from '../kernel/errors.ts';
import { newId } from '../kernel/ids.ts';
import type { Logger } from '../kernel/logger.ts';
import { parseUsd } from '../kernel/money.ts';
import type { Environment } from '../workspace/environment.ts';
import type { JudgeFile } from '../workspace/schemas/judge.ts';
import { startEvaluationGateway, type EvaluationGateway } from './evaluation-gateway.ts';
import { JudgeDesk } from './evaluation-judges.ts';
import { makeRunScorers } from './evaluation-scorers.ts';
import { recordScores } from './evaluation-scores.ts';
import { targetOf, type EvaluatedVersion } from './evaluation-targets.ts';

/** Folder of the data folder with a journal and a result a run. */
export const RUNS = 'runs';
/** Earlier runs of a suite whose answers may stand for new ones. */
const EARLIER_RUNS = 20;

export interface RunRequest {
  readonly snapshot: Snapshot;
  readonly judges: ReadonlyMap<string, JudgeFile>;
  readonly workspaceFolder: string;
  readonly dataFolder: string;
  readonly environment: Environment;
  readonly logger: Logger;
  readonly suite: Suite;
  readonly versions: readonly EvaluatedVersion[];
  readonly repeats: number;
  readonly concurrency: number;
  readonly retries: number;
  /** Decimal string of US$; null: no ceiling. */
  readonly maxCostUsd: string | null;
  /** Go on with the last run of the same plan that did not answer everything. */
  readonly resume: boolean;
  /** Whether answers of earlier runs with the same content may stand for new ones. */
  readonly reuse: boolean;
  /** Whether pairwise judges compare the two versions instead of each answer with its reference. */
  readonly comparesTargets: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

interface Begun {
  readonly run: string;
  readonly path: string;
  readonly known: Map<string, FinishedCall>;
}

/** Runs a suite against versions and models. Its result lies in the data folder when this resolves. */
export async function executeRun(request: RunRequest): Promise<RunResult> {
  const ready = request.versions.map((version) => targetOf(request.snapshot, version));
  const targets = ready.map(({ target }) => target);
  const plan = planAnswers(request.suite.cases, targets, request.repeats);
  const cacheable = new Set(
    plan.filter(({ target }) => targets[target]?.isCacheable === true).map(({ key }) => key),
  );
  const folder = join(request.dataFolder, RUNS);
  await mkdir(folder, { recursive: true });
  const desk = new JudgeDesk(request);
  const begun = await begin(request, plan, folder, (key) => cacheable.has(key) || desk.mayKeep(key));
  const journal = await CallJournal.open(begun.path, {
    type: 'run',
    run: begun.run,
    suite: request.suite.name,
    plan: planDigest(plan),
    at: systemClock.now(),
  });
  const limit = request.maxCostUsd === null ? null : parseUsd(request.maxCostUsd);
  const ceiling = new SpendCeiling(limit);
  const gateway = await startEvaluationGateway({
    ...request,
    run: begun.run,
    served: ready.map(({ served }) => served),
    ceilingOf: (tags) => desk.ceilingOf(tags) ?? ceiling,
    concurrency: request.concurrency,
  });
  try {
    const calls = new KeptCalls({
      ask: (call) => gateway.ask(call),
      journal,
      known: begun.known,
      retries: request.retries,
      sleep: (milliseconds) => sleep(milliseconds),
    });
    desk.open(calls, begun.run);
    const scorers = makeRunScorers(
      request.suite.scorers,
      (name, use) => desk.scorer(name, use),
      request.workspaceFolder,
    );
    try {
      const result = await runSuite({
        ...request,
        run: begun.run,
        targets,
        plan,
        calls,
        scorers,
        clock: systemClock,
      });
      return await finish(result, folder, journal, gateway);
    } finally {
      for (const scorer of scorers) await scorer.close?.();
    }
  } finally {
    await gateway.close();
    await journal.close();
  }
}

async function finish(
  result: RunResult,
  folder: string,
  journal: CallJournal,
  gateway: EvaluationGateway,
): Promise<RunResult> {
  recordScores(result, gateway, systemClock.now());
  if (result.answers.every(({ outcome }) => outcome.status !== 'over_ceiling')) await journal.end();
  const path = join(folder, `${result.run}.json`);
  await writeFile(`${path}.new`, `${JSON.stringify(result)}\n`, { mode: 0o600, flush: true });
  await rename(`${path}.new`, path);
  return result;
}

async function begin(
  request: RunRequest,
  plan: readonly PlannedAnswer[],
  folder: string,
  mayKeep: (key: string) => boolean,
): Promise<Begun> {
  const digest = planDigest(plan);
  const found = await findJournals(folder, request.suite.name, EARLIER_RUNS);
  const known = new Map<string, FinishedCall>();
  if (request.reuse)
    for (const { path } of found.toReversed())
      for (const [key, call] of (await readJournal(path, mayKeep))?.calls ?? []) known.set(key, call);
  if (request.resume) {
    const last = found.find(({ head }) => head.plan === digest);
    if (last === undefined)
      throw new UsageError(
        `There is no run of the suite "${request.suite.name}" with these cases, versions and models to go on with. Leave --resume out to start one.`,
      );
    for (const [key, call] of (await readJournal(last.path))?.calls ?? []) known.set(key, call);
    return { run: last.head.run, path: last.path, known };
  }
  const run = newId('run', systemClock.now());
  return { run, path: join(folder, `${run}.jsonl`), known };
}
