// An evaluation ordered by a runbook, in a process of its own: it may take long, hold much and crash without the console noticing more than
// its end. It is the very command a person would give.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { RunEvaluation } from '../console/monitoring/runbooks/runbook-acts.ts';
import { BinnacleError } from '../kernel/errors.ts';

const OUTPUT_LIMIT = 64 * 1024 * 1024;

const resultSchema = z.object({
  run: z.string(),
  status: z.string(),
  spent_usd: z.string(),
  summaries: z.array(
    z.object({
      target: z.string(),
      quality: z.looseObject({}).nullable(),
      answered: z.number(),
      failed: z.number(),
      total_cost_usd: z.string().nullable(),
    }),
  ),
});

export interface EvaluationChildParts {
  readonly workspaceFolder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Orders runs of the command line's own `eval run`. Answers paid for by a run that was cut short stand for new ones. */
export function evaluationChild({ workspaceFolder, environment }: EvaluationChildParts): RunEvaluation {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const program = fileURLToPath(new URL(`../cli/main.${extension}`, import.meta.url));
  return async ({ suite, prompt, version, models, maxCostUsd }, signal) => {
    const words = ['eval', 'run', suite, '--json', '--workspace', workspaceFolder];
    if (prompt !== null) words.push('--prompt', `${prompt}@${version ?? 'production'}`);
    for (const model of models) words.push('--model', model);
    if (maxCostUsd !== null) words.push('--max-cost', maxCostUsd);
    const { output, errors } = await outputOf(program, words, environment, signal);
    const parsed = resultSchema.safeParse(parseOrNull(output));
    if (!parsed.success)
      throw new BinnacleError({
        code: 'evaluation_failed',
        message: `The evaluation of ${suite} did not run: ${errors.trim().slice(-500) || 'it said nothing'}`,
      });
    const { run, status, spent_usd, summaries } = parsed.data;
    const told = summaries.map(
      ({ target, quality, answered, failed }) =>
        `${target}: quality ${qualityOf(quality)}, ${answered} answered, ${failed} failed`,
    );
    return {
      text: `Run ${run} of ${suite} is ${status.replaceAll('_', ' ')} ($${spent_usd}). ${told.join('; ')}.`,
      data: parsed.data,
    };
  };
}

function qualityOf(quality: Readonly<Record<string, unknown>> | null): string {
  const value = quality?.['estimate'] ?? quality?.['mean'];
  return typeof value === 'number' ? value.toFixed(3) : 'unknown';
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function outputOf(
  program: string,
  words: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<{ output: string; errors: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, ...words], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...environment },
      signal,
    });
    const read = { output: '', errors: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (read.output.length < OUTPUT_LIMIT) read.output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      read.errors = (read.errors + text).slice(-4_000);
    });
    child.on('error', reject);
    child.on('close', () => resolve(read));
  });
}
