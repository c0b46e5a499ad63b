// Scorers of the user's own: `module` (option `path`: a file of the workspace whose default export is a function) and `webhook` (option
// `url`). Both get {output, reference, context, schema, variables, tags} and answer {score: 0..1 or null, reason}.
import { z } from 'zod';
import { BinnacleError, UsageError } from '../../kernel/errors.ts';
import { describeIssues } from '../../kernel/schema-issues.ts';
import type { ScorerUse } from '../suite.ts';
import type { AnswerToScore, RunScorer, ScorerOutcome } from './answer-scorer.ts';

export interface UserScorerParts {
  /** How long a module may take for one answer. */
  readonly timeoutMs: number;
  /** The default export of a module of the workspace. */
  readonly loadModule: (path: string) => Promise<unknown>;
  /** Posts JSON and answers the parsed body; refuses private addresses unless allowed. */
  readonly post: (url: string, body: unknown, allowPrivate: boolean) => Promise<unknown>;
  readonly close: () => Promise<void>;
}

const answerSchema = z.object({
  score: z.number().min(0).max(1).nullable(),
  reason: z.string().max(4000).default(''),
});

export function isUserScorer(name: string): boolean {
  return name === 'module' || name === 'webhook';
}

function question({ case: one, input }: AnswerToScore): Readonly<Record<string, unknown>> {
  return { ...input, variables: one.variables, tags: one.tags };
}

function readAnswer(value: unknown, whose: string): ScorerOutcome {
  const parsed = answerSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new BinnacleError({
    code: 'bad_scorer_answer',
    message: `${whose} must answer {score: 0..1 or null, reason}: ${describeIssues(parsed.error, value)}.`,
  });
}

/** Throws a UsageError where path or url is missing. */
export function userScorer(use: ScorerUse, parts: UserScorerParts): RunScorer {
  const { path, url, allow_private: allowPrivate } = use.options;
  const close = () => parts.close();
  if (use.scorer === 'module') {
    if (typeof path !== 'string')
      throw new UsageError('The scorer "module" needs options.path.', 'options.path');
    return { use, score: (answer) => byModule(path, answer, parts), close };
  }
  if (typeof url !== 'string' || !URL.canParse(url))
    throw new UsageError('The scorer "webhook" needs options.url, such as https://…', 'options.url');
  return {
    use,
    score: async (answer) => readAnswer(await parts.post(url, question(answer), allowPrivate === true), url),
    close,
  };
}

async function byModule(path: string, answer: AnswerToScore, parts: UserScorerParts): Promise<ScorerOutcome> {
  const score = await parts.loadModule(path);
  if (typeof score !== 'function')
    throw new UsageError(`${path} has no default export that is a function.`, 'options.path');
  const call = score as (input: unknown) => unknown;
  return readAnswer(await within(call(question(answer)), path, parts.timeoutMs), path);
}

/** Rejects where a module's promise does not settle in time: a run must not hang on one answer. */
async function within(answer: unknown, path: string, timeoutMs: number): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () =>
        reject(
          new BinnacleError({ code: 'scorer_timeout', message: `${path} gave no score in ${timeoutMs} ms.` }),
        ),
      timeoutMs,
    );
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
