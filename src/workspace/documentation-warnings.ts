// Whether each current prompt says what it is for, what is good enough and when it was last looked at. Pure.
import type { Problem } from './problem.ts';
import { DOCUMENTATION_POINTS } from './schemas/prompt.ts';
import type { PromptFile } from './schemas/prompt.ts';
import type { Item, Workspace } from './workspace.ts';
import { DAY_MS } from '../kernel/clock.ts';
import { parseDuration } from '../kernel/duration.ts';

const WORDS: readonly (readonly [RegExp, number])[] = [
  [/\b(daily|every day|each day)\b/i, 1],
  [/\b(bi-?weekly|fortnightly|every other week)\b/i, 14],
  [/\b(weekly|every week|each week)\b/i, 7],
  [/\b(bi-?monthly|every other month)\b/i, 61],
  [/\b(monthly|every month|each month)\b/i, 31],
  [/\b(quarterly|every quarter|each quarter)\b/i, 92],
  [/\b(half-?yearly|semi-?annual(ly)?|twice a year)\b/i, 183],
  [/\b(yearly|annual(ly)?|every year|each year)\b/i, 366],
];
const UNIT_DAYS: Readonly<Record<string, number>> = { day: 1, week: 7, month: 31, quarter: 92, year: 366 };

/** Days between evaluations as words say it ("weekly", "every 2 weeks", "30d"); undefined when they don't ("on each release"). */
export function cadenceDays(text: string): number | undefined {
  const exact = parseDuration(text.trim());
  if (exact !== undefined) return exact / DAY_MS;
  const every = /\bevery (\d{1,3}) (day|week|month|quarter|year)s?\b/i.exec(text);
  if (every !== null) return Number(every[1]) * (UNIT_DAYS[(every[2] as string).toLowerCase()] as number);
  return WORDS.find(([pattern]) => pattern.test(text))?.[1];
}

/** Warnings for missing points and for a `last_reviewed` that lies further back than the evaluation cadence. */
export function documentationWarnings(workspace: Workspace, now: number): Problem[] {
  return workspace.prompts.flatMap((item) => [...missingPoints(item), ...overdueReview(item, now)]);
}

function missingPoints(item: Item<PromptFile>): Problem[] {
  const documentation = item.value.documentation ?? {};
  const missing = DOCUMENTATION_POINTS.filter((point) => documentation[point] === undefined);
  if (missing.length === 0) return [];
  return [
    {
      severity: 'warning',
      code: 'missing_documentation',
      file: item.yaml.file,
      ...item.yaml.locate(['documentation']),
      message: `${item.value.prompt_id} does not say under "documentation": ${missing.join(', ')}.`,
    },
  ];
}

function overdueReview(item: Item<PromptFile>, now: number): Problem[] {
  const { last_reviewed: reviewed, evaluation_cadence: cadence } = item.value.documentation ?? {};
  if (reviewed === undefined) return [];
  const days = cadence === undefined ? undefined : cadenceDays(cadence);
  const age = Math.floor((now - Date.parse(reviewed)) / DAY_MS);
  const place = {
    severity: 'warning' as const,
    file: item.yaml.file,
    ...item.yaml.locate(['documentation', 'last_reviewed']),
  };
  if (age < -1)
    return [
      {
        ...place,
        code: 'review_in_future',
        message: `${item.value.prompt_id}: last_reviewed ${reviewed} lies in the future.`,
      },
    ];
  if (days === undefined || age <= days) return [];
  return [
    {
      ...place,
      code: 'review_overdue',
      message: `${item.value.prompt_id} was last reviewed ${age} days ago; its cadence ("${cadence ?? ''}") asks for at most ${days}.`,
    },
  ];
}
