// Tells people when a budget crosses one of its lines (`warn_at`): every channel, once for each line, subject and crossing. Of a budget that
// each end user has, one notification a line and day, for there may be many users.
import type { LimitSubject } from '../../contract/snapshot.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { LedgerClient } from '../../storage/ledger/ledger.ts';
import type { Notification } from '../notifications/notification.ts';
import type { Outbox } from '../notifications/outbox.ts';
import { budgetCrossings, type BudgetCrossing } from '../queries/budget-warnings.ts';

/** How far is looked back: a console that was away for a while tells late. What was told is not told again. */
const LOOK_BACK_MS = 86_400_000;

/** What binnacle.yaml says of a budget. */
export interface BudgetSettings {
  readonly name: string;
  readonly subject: LimitSubject;
  readonly period: string;
  readonly amount_usd: string;
  readonly hard: boolean;
}

export interface BudgetWarningServices {
  readonly ledger: LedgerClient;
  readonly clock: Clock;
  readonly outbox: Pick<Outbox, 'putToAll'>;
  readonly budgets: () => readonly BudgetSettings[];
}

/** Puts a notification on its way for each line crossed of late. */
export async function tellBudgetWarnings(services: BudgetWarningServices): Promise<void> {
  const budgets = services.budgets();
  if (budgets.length === 0) return;
  for (const crossing of await budgetCrossings(services.ledger, services.clock.now() - LOOK_BACK_MS)) {
    const budget = budgets.find(({ name }) => name === crossing.budget);
    if (budget !== undefined) await services.outbox.putToAll(notificationOf(crossing, budget));
  }
}

function whose({ subject }: BudgetSettings, { key, prompt }: BudgetCrossing): string {
  if (subject === 'workspace') return 'the workspace';
  if (subject === 'user') return 'an end user';
  return subject === 'key' ? `the key ${key}` : `the prompt ${prompt}`;
}

function notificationOf(crossing: BudgetCrossing, budget: BudgetSettings): Notification {
  const { interaction, at, percentage } = crossing;
  const day = new Date(at).toISOString().slice(0, 10);
  const once = budget.subject === 'user' ? day : interaction;
  const then = budget.hard ? 'Beyond 100 % requests are refused.' : 'Requests go on.';
  return {
    id: `budget:${budget.name}:${percentage}:${once}`,
    type: 'budget.warning',
    severity: percentage >= 100 ? 'critical' : 'warning',
    title: `Budget "${budget.name}": ${percentage} % used`,
    text: `${percentage} % of the ${budget.period}'s budget "${budget.name}" (US$ ${budget.amount_usd}) of ${whose(budget, crossing)} are used. ${then}`,
    at,
    facts: {
      budget: budget.name,
      percentage,
      amount_usd: budget.amount_usd,
      period: budget.period,
      subject: budget.subject,
      key: budget.subject === 'key' ? crossing.key : null,
      prompt: budget.subject === 'prompt' ? crossing.prompt : null,
      interaction,
    },
  };
}
