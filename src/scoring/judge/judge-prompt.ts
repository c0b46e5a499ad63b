// The text a judge is asked with. Values are put in as they are and never read as templates: an answer can't write the judge's prompt.
import { UsageError } from '../../kernel/errors.ts';
import { compileTemplate, isTemplateFault, joinTemplate } from '../../kernel/template.ts';
import type { Judge, JudgedAnswer } from './judge.ts';

/** `swapped`: the two answers of a pair the other way round. Throws a UsageError for a broken template. */
export function judgePrompt(judge: Judge, answer: JudgedAnswer, swapped = false): string {
  const template = compileTemplate(judge.prompt_template);
  if (isTemplateFault(template)) throw new UsageError(template.fault, 'prompt_template');
  const first = swapped ? (answer.other ?? '') : answer.response;
  const second = swapped ? answer.response : (answer.other ?? '');
  const values: Readonly<Record<string, string>> = {
    question: answer.question,
    response: answer.response,
    response_a: first,
    response_b: second,
    context: answer.context ?? '',
    reference: answer.reference ?? '',
    rubric: rubricText(judge),
    minimum: String(judge.scale.minimum),
    maximum: String(judge.scale.maximum),
  };
  return joinTemplate(template, (name) => values[name] ?? '');
}

/** Rubric, its dimensions and the words of its grades. */
function rubricText({ rubric, dimensions, scale }: Judge): string {
  const parts = [rubric.trimEnd()];
  for (const { name, description } of dimensions) parts.push(`- ${name}: ${description}`);
  for (const [grade, label] of Object.entries(scale.labels)) parts.push(`${grade}: ${label}`);
  return parts.join('\n');
}
