// Behaviour drift of live traffic: feeds new interactions into a stream for each prompt and model, and for probes apart, and opens an incident
// where one changes. How far it has read is kept; what the streams hold is read again from the ledger after a restart.
import type { Clock } from '../../kernel/clock.ts';
import { DriftStream, type FoundDrift } from '../../monitoring/drift/drift-stream.ts';
import {
  answerFeatures,
  complaintFeatures,
  errorFeatures,
  type CommentKind,
} from '../../monitoring/drift/online-signals.ts';
import type { Feature } from '../../monitoring/drift/signals.ts';
import type { LedgerClient } from '../../storage/ledger/ledger.ts';
import type { DocumentStore } from '../../storage/state/state.ts';
import { sentiment } from '../../text/tone.ts';
import { notAhead, type Cursor } from '../queries/cursor.ts';
import {
  feedbackAfter,
  lastRowsOfStreams,
  rowsAfter,
  type DriftRow,
  type Traffic,
} from '../queries/drift-rows.ts';
import { answerIn } from './payload-text.ts';

export interface DriftFinding extends FoundDrift {
  /** `prompt@model`; `probe:prompt@version@model` for probes, which a new version of the prompt must not look like a change of. */
  readonly stream: string;
  readonly prompt: string;
  readonly model: string;
  readonly isProbe: boolean;
}

export interface DriftWatchServices {
  readonly ledger: LedgerClient;
  readonly documents: DocumentStore;
  readonly clock: Clock;
  readonly isRefusal: (answer: string) => boolean;
  readonly detectLanguage: (text: string) => string;
  /** Must do the same finding once, however often it is told. */
  readonly found: (findings: readonly DriftFinding[]) => Promise<void>;
}

type About = Pick<DriftFinding, 'stream' | 'prompt' | 'model' | 'isProbe'>;

interface Watched {
  readonly about: About;
  stream: DriftStream;
  readonly features: readonly Feature[];
  /** Observations before this belong to the time before the last change. */
  since: number;
  touched: number;
}

const POSITIONS = 'drift-position';
const POSITION_OF: Readonly<Record<Traffic, string>> = { live: 'rows', probes: 'probes' };
const STREAMS = 'drift-stream';
const AT_ONCE = 2_000;
/** Spools may bring what is older: reading stays this far behind. */
const BEHIND = 20_000;
const LOOK_BACK = 7 * 86_400_000;
const WARM_UP = 1_000;
const MOST_STREAMS = 300;
/** Comments with a sentiment below this complain, whatever the thumb. */
const COMPLAINT_BELOW = -0.2;

export class DriftWatch {
  readonly #services: DriftWatchServices;
  readonly #streams = new Map<string, Watched>();
  /** Probes come round by round, later than live rows of their time: they have a place of their own. */
  readonly #cursors = new Map<Traffic, Cursor>();
  #feedback: Cursor | null = null;

  constructor(services: DriftWatchServices) {
    this.#services = services;
  }

  /** Reads what is new. Rejects when the ledger does not answer; it goes on where it was. */
  async read(): Promise<void> {
    const to = this.#services.clock.now() - BEHIND;
    this.#feedback = notAhead(this.#feedback ?? (await this.#position('feedback')) ?? { at: to, id: '' }, to);
    for (const traffic of ['live', 'probes'] as const) await this.#readRows(traffic, to);
    await this.#readFeedback(to);
  }

  async #readRows(traffic: Traffic, to: number): Promise<void> {
    const cursor = notAhead(this.#cursors.get(traffic) ?? (await this.#begin(traffic, to)), to);
    this.#cursors.set(traffic, cursor);
    const rows = await rowsAfter(this.#services.ledger, traffic, cursor, to, AT_ONCE);
    for (const row of rows) await this.#take(row, traffic, true);
    const last = rows.at(-1);
    if (last === undefined) return;
    const { ended_at: at, id } = last;
    this.#cursors.set(traffic, await this.#keep(POSITION_OF[traffic], { at, id }));
  }

  async #readFeedback(to: number): Promise<void> {
    if (this.#feedback === null) return;
    const rows = await feedbackAfter(this.#services.ledger, this.#feedback, to, AT_ONCE);
    for (const { prompt, model, at, comment, complaint } of rows) {
      const kind = kindOf(comment);
      const complains = complaint === 1 || kind === 'complaint';
      const about = { stream: `${prompt}@${model}`, prompt, model, isProbe: false };
      const key = `${about.stream} complaints`;
      const watched = await this.#watched(key, about, complaintFeatures());
      if (at < watched.since) continue;
      watched.stream.add({ value: complains ? 1 : 0, ...(kind === undefined ? {} : { kind }) }, at);
      await this.#look(key, watched, at);
    }
    const last = rows.at(-1);
    if (last !== undefined) this.#feedback = await this.#keep('feedback', last);
  }

  /** Where it was, with the streams as they were; the first time ever: now. */
  async #begin(traffic: Traffic, to: number): Promise<Cursor> {
    const kept = await this.#position(POSITION_OF[traffic]);
    const cursor = kept ?? { at: to, id: '' };
    const from = cursor.at - LOOK_BACK;
    const rows = await lastRowsOfStreams(this.#services.ledger, traffic, cursor, from, WARM_UP);
    for (const row of rows) await this.#take(row, traffic, false);
    return cursor;
  }

  async #position(name: string): Promise<Cursor | null> {
    const document = await this.#services.documents.get(POSITIONS, name);
    return document === null ? null : (document.body as Cursor);
  }

  async #keep(name: string, { at, id }: Cursor): Promise<Cursor> {
    const cursor = { at, id };
    await this.#services.documents.put(POSITIONS, name, cursor);
    return cursor;
  }

  async #take(row: DriftRow, traffic: Traffic, isNew: boolean): Promise<void> {
    const about = aboutOf(row, traffic);
    const failed = row.status === 'error' || row.status === 'interrupted';
    const errors = await this.#watched(`${about.stream} errors`, about, errorFeatures());
    if (row.at >= errors.since)
      errors.stream.add(failed ? { value: 1, kind: row.error_kind } : { value: 0 }, row.at);
    const answer = row.status === 'ok' ? answerIn(row.response) : undefined;
    const answers = await this.#watched(about.stream, about, this.#answerFeatures);
    if (answer !== undefined && row.at >= answers.since) answers.stream.add({ answer }, row.at);
    if (!isNew) return;
    await this.#look(`${about.stream} errors`, errors, row.at);
    await this.#look(about.stream, answers, row.at);
  }

  get #answerFeatures(): readonly Feature[] {
    const { isRefusal, detectLanguage } = this.#services;
    return answerFeatures(isRefusal, (answer) => ['en', ''].includes(detectLanguage(answer)));
  }

  async #watched(key: string, about: About, features: readonly Feature[]): Promise<Watched> {
    const there = this.#streams.get(key);
    if (there !== undefined) return there;
    this.#forgetOldest();
    const document = await this.#services.documents.get(STREAMS, key);
    const since = (document?.body as { since: number } | undefined)?.since ?? 0;
    const made = {
      about,
      features,
      stream: new DriftStream(features, `${key} ${since}`),
      since,
      touched: 0,
    };
    this.#streams.set(key, made);
    return made;
  }

  #forgetOldest(): void {
    if (this.#streams.size < MOST_STREAMS) return;
    const [oldest] = [...this.#streams].sort(([, a], [, b]) => a.touched - b.touched);
    if (oldest !== undefined) this.#streams.delete(oldest[0]);
  }

  async #look(key: string, watched: Watched, at: number): Promise<void> {
    watched.touched = at;
    const changes = watched.stream.changes();
    if (changes.length === 0) return;
    const { about, features } = watched;
    await this.#services.found(changes.map((change) => ({ ...change, ...about })));
    // From here on the new behaviour is what the stream is compared with.
    watched.since = Math.min(...changes.map((change) => change.detectedAt)) + 1;
    watched.stream = new DriftStream(features, `${key} ${watched.since}`);
    await this.#services.documents.put(STREAMS, key, { since: watched.since });
  }
}

function kindOf(comment: string): CommentKind | undefined {
  if (comment === '') return undefined;
  return sentiment(comment) < COMPLAINT_BELOW ? 'complaint' : 'other';
}

function aboutOf({ prompt, version, model }: DriftRow, traffic: Traffic): About {
  const isProbe = traffic === 'probes';
  const stream = isProbe ? `probe:${prompt}@${version}@${model}` : `${prompt}@${model}`;
  return { stream, prompt, model, isProbe };
}
