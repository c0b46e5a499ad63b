// People's grades: what waits to be graded, who has graded what, and each grade as a row of the ledger. A task in the state store says only
// which interaction it is and how often it is to be graded; its texts stay where interactions are, and are erased with them.
import type {
  GivenRatingLine,
  RatingQueue,
  RatingsResult,
  SampleResult,
} from '../../contract/api-evaluation.ts';
import { givenRatingSchema } from '../../contract/api-evaluation.ts';
import type { RatingRow } from '../../contract/interaction.ts';
import { drawSample, type StratifyBy } from '../../evaluation/human/draw-sample.ts';
import { ratingFault, type RatingDimension } from '../../evaluation/human/dimensions.ts';
import type { Clock } from '../../kernel/clock.ts';
import { newId } from '../../kernel/ids.ts';
import type { LedgerClient } from '../../storage/ledger/ledger.ts';
import { encodeFrame } from '../../storage/spool/frame.ts';
import type { Document, DocumentStore } from '../../storage/state/state.ts';
import { ratingCandidates, storedTexts, type Period } from '../queries/evaluation.ts';

export interface RatingDeskParts {
  readonly ledger: LedgerClient;
  readonly documents: DocumentStore;
  readonly clock: Clock;
  /** What is graded by, of the workspace as it is now. */
  readonly dimensions: () => readonly RatingDimension[];
}

interface Task {
  readonly stratum: string;
  readonly weight: number;
  readonly drawnAt: number;
  readonly ratersWanted: number;
  readonly raters: readonly string[];
}

export interface SampleOrder {
  readonly period: Period;
  readonly share: number;
  readonly by: readonly StratifyBy[];
  readonly raters: number;
}

const TASKS = 'rating-task';
const RATINGS = 'rating';
const MOST_TASKS = 10_000;

export class RatingDesk {
  readonly #parts: RatingDeskParts;

  constructor(parts: RatingDeskParts) {
    this.#parts = parts;
  }

  /** Draws from a period and puts what is new into the queue. Drawing again adds nothing twice. */
  async sample({ period, share, by, raters }: SampleOrder): Promise<SampleResult> {
    const candidates = await ratingCandidates(this.#parts.ledger, period);
    const drawn = drawSample(candidates, share, by);
    let added = 0;
    for (const { interaction, stratum, weight } of drawn) {
      const task: Task = {
        stratum,
        weight,
        drawnAt: this.#parts.clock.now(),
        ratersWanted: raters,
        raters: [],
      };
      if (await this.#parts.documents.replace(TASKS, interaction, 0, task, 'open')) added += 1;
    }
    const strata = new Map<string, { drawn: number; weight: number }>();
    for (const { stratum, weight } of drawn)
      strata.set(stratum, { drawn: (strata.get(stratum)?.drawn ?? 0) + 1, weight });
    return {
      candidates: candidates.length,
      drawn: drawn.length,
      added,
      strata: [...strata].map(([stratum, told]) => ({ stratum, ...told })),
    };
  }

  /** What a rater has not graded yet, oldest first; without model, version and variant. */
  async queue(rater: string, limit: number): Promise<RatingQueue> {
    const open = await this.#parts.documents.list(TASKS, { status: 'open', limit: MOST_TASKS });
    const waiting = open
      .map((document) => ({ id: document.id, task: document.body as Task }))
      .filter(({ task }) => !task.raters.includes(rater))
      .sort((a, b) => a.task.drawnAt - b.task.drawnAt || (a.id < b.id ? -1 : 1))
      .slice(0, limit);
    const texts = await storedTexts(
      this.#parts.ledger,
      waiting.map(({ id }) => id),
    );
    return {
      dimensions: [...this.#parts.dimensions()],
      tasks: waiting.flatMap(({ id, task }) => {
        const text = texts.get(id);
        if (text === undefined) return []; // erased, or past its retention
        return [
          {
            interaction: id,
            ...text,
            drawn_at: new Date(task.drawnAt).toISOString(),
            ratings: task.raters.length,
            raters_wanted: task.ratersWanted,
          },
        ];
      }),
    };
  }

  /** Takes grades: each is checked, counted once a rater, dimension and interaction, and written to the ledger before it is acknowledged. */
  async take(lines: readonly unknown[]): Promise<RatingsResult> {
    const rejected: { index: number; error: string }[] = [];
    const fresh: { readonly mark: string; readonly row: RatingRow }[] = [];
    let duplicates = 0;
    for (const [index, line] of lines.entries()) {
      const read = this.#read(line);
      if ('error' in read) {
        rejected.push({ index, error: read.error });
        continue;
      }
      const mark = `${read.row.interaction}/${read.row.dimension}/${read.row.rater}`;
      const isThere = (await this.#parts.documents.get(RATINGS, mark)) !== null;
      if (isThere || fresh.some((other) => other.mark === mark)) duplicates += 1;
      else fresh.push({ mark, row: read.row });
    }
    if (fresh.length > 0) await this.#keep(fresh);
    return { accepted: fresh.length, duplicates, rejected };
  }

  async counts(): Promise<{ open: number; done: number }> {
    const [open, done] = await Promise.all(
      ['open', 'done'].map((status) => this.#parts.documents.list(TASKS, { status, limit: MOST_TASKS })),
    );
    return { open: open?.length ?? 0, done: done?.length ?? 0 };
  }

  async #keep(fresh: readonly { readonly mark: string; readonly row: RatingRow }[]): Promise<void> {
    const frames = Buffer.concat(fresh.map(({ row }) => encodeFrame(row)));
    // Ledger first: a crash between leaves rows under ids that the next try of the rater adds to, never a mark without its row.
    await this.#parts.ledger.ingest({ name: `ratings/${fresh[0]?.row.id ?? ''}`, frames });
    for (const { mark } of fresh) await this.#parts.documents.put(RATINGS, mark, {});
    const byTask = new Map<string, Set<string>>();
    for (const { row } of fresh)
      byTask.set(row.interaction, (byTask.get(row.interaction) ?? new Set<string>()).add(row.rater));
    for (const [interaction, raters] of byTask) await this.#note(interaction, [...raters]);
  }

  /** Marks a task as graded by these; tried again when somebody else changed it meanwhile. */
  async #note(interaction: string, raters: readonly string[]): Promise<void> {
    for (;;) {
      const found: Document | null = await this.#parts.documents.get(TASKS, interaction);
      if (found === null) return;
      const task = found.body as Task;
      const all = [...new Set([...task.raters, ...raters])];
      const status = all.length >= task.ratersWanted ? 'done' : 'open';
      const changed = { ...task, raters: all };
      if (await this.#parts.documents.replace(TASKS, interaction, found.revision, changed, status)) return;
    }
  }

  #read(line: unknown): { readonly row: RatingRow } | { readonly error: string } {
    const parsed = givenRatingSchema.safeParse(line);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      return { error: `${issue?.path.join('.') || 'the line'}: ${issue?.message ?? 'is not valid'}` };
    }
    const given: GivenRatingLine = parsed.data;
    const fault = ratingFault(this.#parts.dimensions(), given.dimension, given.value);
    if (fault !== null) return { error: fault };
    const now = this.#parts.clock.now();
    const { interaction, rater, dimension, value, comment, cost_usd, at } = given;
    return {
      row: {
        row: 'rating',
        id: newId('rat', now),
        at: at === undefined ? now : Date.parse(at),
        interaction,
        rater,
        dimension,
        value,
        comment,
        cost_usd: cost_usd ?? null,
      },
    };
  }
}
