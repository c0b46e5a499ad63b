// Explanations on their way: one after another in the background, each written into its incident with examples from before and after.
import type { Explanation } from '../../contract/api-monitoring.ts';
import type { Clock } from '../../kernel/clock.ts';
import { messageOf } from '../../kernel/errors.ts';
import type { Logger } from '../../kernel/logger.ts';
import { observedMetric } from '../../monitoring/cause/observed-metrics.ts';
import { windowOf } from '../../monitoring/alerts/alert-condition.ts';
import type { AlertHappening } from './alert-engine.ts';
import { findCauses, type CauseQuestion, type CauseServices, type FoundCauses } from './find-causes.ts';
import { withEntry, type Incidents } from './incidents.ts';

export interface CauseDeskServices extends CauseServices {
  readonly incidents: Incidents;
  readonly clock: Clock;
  readonly logger: Logger;
}

const MOST_WAITING = 100;

export class CauseDesk {
  readonly #services: CauseDeskServices;
  #queue: Promise<void> = Promise.resolve();
  #waiting = 0;

  constructor(services: CauseDeskServices) {
    this.#services = services;
  }

  /** Looks for what moved when an alert's condition began to hold. Does not wait. */
  explainAlert(incident: string, { rule, subject, since, event }: AlertHappening): void {
    const { metric, where, per } = rule.condition;
    const observed = observedMetric(metric);
    if (observed === undefined) return;
    const about = { ...where, ...(per === undefined ? {} : { [per]: subject }) };
    this.explain(incident, {
      metric,
      valueSql: observed.sql,
      kind: observed.kind,
      prompt: about.prompt ?? '',
      model: about.model ?? '',
      around: since - windowOf(rule.condition) / 2,
      tolerance: windowOf(rule.condition),
      now: event.at,
    });
  }

  explain(incident: string, question: CauseQuestion): void {
    if (this.#waiting >= MOST_WAITING) return;
    this.#waiting += 1;
    this.#queue = this.#queue
      .then(async () => this.#write(incident, await findCauses(this.#services, question)))
      .catch((error: unknown) => {
        this.#services.logger.log('error', 'no cause was looked for', { incident, error: messageOf(error) });
      })
      .finally(() => (this.#waiting -= 1));
  }

  /** Resolves when nothing is on its way. */
  async settled(): Promise<void> {
    await this.#queue;
  }

  async #write(incident: string, { explanation, examples }: FoundCauses): Promise<void> {
    const { causes, before, after, probes } = explanation;
    const named = causes.map(
      ({ name, share }) => `${name.replaceAll('_', ' ')} (${Math.round(share * 100)} %)`,
    );
    const text =
      named.length === 0
        ? `Nothing that was recorded explains the change from ${shown(before)} to ${shown(after)}.`
        : `The change from ${shown(before)} to ${shown(after)} is explained by ${named.join(', ')}.`;
    await this.#services.incidents.change(incident, (one) =>
      withEntry(
        { ...one, explanation, examples },
        {
          id: 'explained',
          actor: 'console',
          type: 'cause',
          text: [text, ...probes.flatMap(probeSentence)].join(' '),
        },
        this.#services.clock.now(),
      ),
    );
  }
}

function shown(value: number | null): string {
  return value === null ? 'no data' : String(Number(value.toPrecision(4)));
}

function probeSentence({ model, verdict, before, after, answers }: Explanation['probes'][number]): string[] {
  const told = `${answers.after} answers to probes`;
  if (verdict === 'moved')
    return [
      `The same questions moved ${model} from ${shown(before)} to ${shown(after)} (${told}): the model changed.`,
    ];
  return verdict === 'unchanged' ? [`${model} answers the same questions as before (${told}).`] : [];
}
