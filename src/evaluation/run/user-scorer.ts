// Scorers of the user's own: `module` (option `path`: a file of the workspace whose default export is a function) and `webhook` (option
// `url`). Both get {output, reference, context, schema, variables} and answer {score: 0..1 or null, reason}.
import { z } from 'zod';
import { BinnacleError, UsageError } from '../../kernel/errors.ts';
import type { ScorerUse } from '../suite.ts';
import type { AnswerToScore, RunScorer, ScorerOutcome } from './answer-scorer.ts';

export interface UserScorerParts {
  /** The default export of a module of the workspace. */
  readonly loadModule: (path: string) => Promise<unknown>;
  /** Posts JSON and answers the parsed body; refuses private addresses unless allowed. */
  readonly post: (url: string, body: unknown, allowPrivate: boolean) => Promise<unknown>;
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
    message: `${whose} answered something else than {score: 0..1 or null, reason}.`,
  });
}

/** Throws a UsageError where path or url is missing. */
export function userScorer(use: ScorerUse, parts: UserScorerParts): RunScorer {
  const { path, url, allow_private: allowPrivate } = use.options;
  if (use.scorer === 'module') {
    if (typeof path !== 'string')
      throw new UsageError('The scorer "module" needs options.path.', 'options.path');
    return { use, score: (answer) => byModule(path, answer, parts) };
  }
  if (typeof url !== 'string') throw new UsageError('The scorer "webhook" needs options.url.', 'options.url');
  return {
    use,
    score: async (answer) => readAnswer(await parts.post(url, question(answer), allowPrivate === true), url),
  };
}

async function byModule(
  path: string,
  answer: AnswerToScore,
  { loadModule }: UserScorerParts,
): Promise<ScorerOutcome> {
  const score = await loadModule(path);
  if (typeof score !== 'function')
    throw new UsageError(`${path} has no default export that is a function.`, 'options.path');
  const call = score as (input: unknown) => unknown;
  return readAnswer(await call(question(answer)), path);
}
