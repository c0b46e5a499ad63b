// Output guardrails on a stream of chunks. Chunks wait in order until all their text may be sent; what need not be changed goes out as it
// came, vendor's form and all. Throws the policy's refusal when something stops the stream.
import type { CanonicalEvent, StreamChunk } from '../../contract/canonical.ts';
import type { ActiveGuardrail } from '../../safety/active-guardrail.ts';
import { scanText, type Verdict } from '../../safety/engine.ts';
import { redactText, type AppliedFinding } from '../../safety/findings.ts';
import { charactersOf, StreamScanner, type StreamVerdict } from '../../safety/stream-scanner.ts';
import type { Exchange } from '../exchange.ts';
import { withDelta, withTexts } from './native-text.ts';
import { blockedBy, noteNotScanned, type Screening } from './screening.ts';
import {
  type Piece,
  type Pushed,
  StreamChannel,
  type TextEvent,
  textOf,
  withText,
} from './stream-channel.ts';

/**
 * Rescan when this many characters have come, and how far back: guardrails on the event loop often and no further than forms reach, those in
 * the pool seldom and with context.
 */
const INLINE = { step: 48, lookBack: 160 };
const IN_POOL = { step: 160, lookBack: 512 };
/** Vendor events shorter than this hold no text beside what their canonical events tell. */
const SHORTEST_EVENT = 100;

/** A piece of text of a chunk. */
interface Held {
  readonly event: TextEvent;
  readonly piece: Piece;
  readonly channel: StreamChannel;
}

interface Waiting {
  readonly chunk: StreamChunk;
  readonly pieces: readonly Held[];
}

function isText(event: CanonicalEvent): event is TextEvent {
  return (
    event.type === 'text-delta' ||
    event.type === 'refusal-delta' ||
    event.type === 'reasoning-delta' ||
    event.type === 'tool-call-delta'
  );
}

function placeOf(event: TextEvent): string {
  const kind =
    event.type === 'tool-call-delta'
      ? `tool_calls[${event.call}].arguments`
      : event.type.replace('-delta', '');
  return `choices[${event.choice}].${kind}`;
}

export class StreamGuard {
  readonly #exchange: Exchange;
  readonly #screening: Screening;
  readonly #local: readonly ActiveGuardrail[];
  readonly #whole: readonly ActiveGuardrail[];
  readonly #channels = new Map<string, StreamChannel>();
  /** The channel that grew last, by choice. */
  readonly #growing = new Map<number, StreamChannel>();
  readonly #waiting: Waiting[] = [];
  /** The channel of the piece that was sent last, and the kind of event that continues it. */
  #last: { readonly channel: StreamChannel; readonly event: TextEvent } | null = null;
  #isChanged = false;

  constructor(exchange: Exchange, screening: Screening) {
    this.#exchange = exchange;
    this.#screening = screening;
    const { output } = screening.guardrails;
    this.#local = output.filter(({ guardrail }) => guardrail.needsWholeText !== true);
    this.#whole = output.filter(({ guardrail }) => guardrail.needsWholeText === true);
  }

  /** What may be sent now that these have come. */
  async take(chunks: readonly StreamChunk[]): Promise<StreamChunk[]> {
    for (const chunk of chunks) {
      const wait = this.#take(chunk);
      if (wait !== undefined) await wait;
    }
    return this.#release();
  }

  /** Scans what is left and gives it out, once the upstream is at its end. */
  async finish(): Promise<StreamChunk[]> {
    for (const channel of this.#channels.values()) {
      if (await channel.finish()) this.#block(channel);
    }
    for (const channel of this.#channels.values()) this.#noteFindings(channel);
    await this.#judgeWhole();
    const last = await this.#release();
    return [...last, ...this.#restOfLast()];
  }

  get #mode(): 'window' | 'hold' | 'observe' {
    if (this.#local.length === 0 && this.#whole.length === 0) return 'observe';
    return this.#screening.guardrails.streams;
  }

  /** Waits only where a guardrail does: nearly all chunks are one more piece of the text that grows. */
  #take(chunk: StreamChunk): Promise<void> | undefined {
    const only = chunk.events.length === 1 ? chunk.events[0] : undefined;
    const growing = only !== undefined && isText(only) ? this.#growing.get(only.choice) : undefined;
    if (only === undefined || !isText(only) || growing?.place !== placeOf(only)) return this.#takeAll(chunk);
    const pushed = growing.push(textOf(only));
    const keep = ({ piece, isBlocked }: Pushed): void => {
      if (isBlocked) this.#block(growing);
      this.#waiting.push({ chunk, pieces: [{ event: only, piece, channel: growing }] });
    };
    if (pushed instanceof Promise) return pushed.then(keep);
    keep(pushed);
    return undefined;
  }

  async #takeAll(chunk: StreamChunk): Promise<void> {
    const pieces: Held[] = [];
    for (const event of chunk.events) {
      if (event.type === 'tool-call-start' || event.type === 'finish') await this.#endRun(event.choice);
      if (!isText(event)) continue;
      const channel = this.#channelOf(event);
      if (this.#growing.get(event.choice) !== channel) await this.#endRun(event.choice);
      this.#growing.set(event.choice, channel);
      const { piece, isBlocked } = await channel.push(textOf(event));
      if (isBlocked) this.#block(channel);
      pieces.push({ event, piece, channel });
    }
    this.#waiting.push({ chunk, pieces });
  }

  /** Another kind of content follows: what the one before holds back is whole. */
  async #endRun(choice: number): Promise<void> {
    const channel = this.#growing.get(choice);
    this.#growing.delete(choice);
    if (channel === undefined || this.#mode !== 'window') return;
    if (await channel.finish()) this.#block(channel);
  }

  #channelOf(event: TextEvent): StreamChannel {
    const place = placeOf(event);
    const known = this.#channels.get(place);
    if (known !== undefined) return known;
    const { guardrails, pseudonyms } = this.#screening;
    const isDear = this.#local.some(({ guardrail }) => guardrail.placement !== 'inline');
    const scanner = new StreamScanner({
      mode: this.#mode,
      holdBack: charactersOf(guardrails.windowTokens),
      scan: (text) => this.#scan(text),
      ...(isDear ? IN_POOL : INLINE),
    });
    const channel = new StreamChannel(place, scanner, pseudonyms);
    this.#channels.set(place, channel);
    return channel;
  }

  #scan(text: string): StreamVerdict | Promise<StreamVerdict> {
    if (this.#local.length === 0 || text === '') return { action: 'allow', findings: [] };
    const verdict = this.#verdict(this.#local, text);
    if (this.#mode !== 'observe') return verdict;
    return verdict instanceof Promise ? verdict.then(observed) : observed(verdict);
  }

  #verdict(active: readonly ActiveGuardrail[], text: string): Verdict | Promise<Verdict> {
    const { context } = this.#exchange;
    const verdict = scanText(active, {
      text,
      direction: 'output',
      asker: this.#screening.asker,
      ...(context === null ? {} : { context }),
    });
    const noted = (found: Verdict): Verdict => {
      this.#screening.note(this.#exchange, { ...found, findings: [] }, '', 'output', text);
      return found;
    };
    return verdict instanceof Promise ? verdict.then(noted) : noted(verdict);
  }

  /** Guardrails that judge an answer as a whole, on each choice's text. */
  async #judgeWhole(): Promise<void> {
    if (this.#whole.length === 0) return;
    for (const channel of this.#channels.values()) {
      if (!channel.place.endsWith('.text') || channel.text === '') continue;
      const verdict = await this.#verdict(this.#whole, channel.text);
      const isObserved = this.#mode === 'observe';
      const findings = isObserved ? onlyObserved(verdict.findings) : verdict.findings;
      this.#screening.noteFindings(this.#exchange, findings, channel.place, 'output', channel.text);
      if (!isObserved && verdict.action === 'block') throw blockedBy(this.#screening.guardrails, verdict);
    }
  }

  #noteFindings(channel: StreamChannel): void {
    this.#screening.noteFindings(this.#exchange, channel.findings, channel.place, 'output', channel.text);
  }

  #block(channel: StreamChannel): never {
    const { findings } = channel;
    for (const one of this.#channels.values()) this.#noteFindings(one);
    const notScanned = this.#local
      .filter(({ guardrail }) => this.#exchange.notScanned.includes(`output:${guardrail.name}`))
      .map(({ guardrail, onError }) => ({ guardrail: guardrail.name, reason: '', onError }));
    throw blockedBy(this.#screening.guardrails, { findings, notScanned });
  }

  async #release(): Promise<StreamChunk[]> {
    const ready: StreamChunk[] = [];
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (!next.pieces.every(({ piece }) => piece.isSettled)) break;
      this.#waiting.shift();
      if (next.pieces.length > 0) ready.push(...this.#sent(next));
      else ready.push(...(await this.#sentBeside(next.chunk)));
    }
    return ready;
  }

  /** A chunk without text, and what must go before it. */
  async #sentBeside(chunk: StreamChunk): Promise<StreamChunk[]> {
    const before = chunk.events.some((event) => event.type !== 'opaque') ? this.#restOfLast() : [];
    return [...before, await this.#structural(chunk)];
  }

  /** A chunk whose text is settled, as it is sent. */
  #sent({ chunk, pieces }: Waiting): StreamChunk[] {
    const before: StreamChunk[] = [];
    let changedFrom: string | null = null;
    let changedTo = '';
    const changed = new Map<CanonicalEvent, CanonicalEvent>();
    const isEnd = chunk.events.some(({ type }) => type === 'finish');
    for (const { event, piece, channel } of pieces) {
      if (this.#last !== null && this.#last.channel !== channel) before.push(...this.#restOfLast());
      this.#last = { channel, event };
      const text = channel.restored(piece.out) + (isEnd ? channel.restoredRest() : '');
      if (text === textOf(event)) continue;
      changedFrom = textOf(event);
      changedTo = text;
      changed.set(event, withText(event, text));
    }
    if (changed.size === 0) return [...before, chunk];
    this.#isChanged = true;
    const events = chunk.events.map((event) => changed.get(event) ?? event);
    const { native } = chunk;
    const own =
      native !== undefined &&
      native.shape === this.#exchange.shape.shape &&
      changed.size === 1 &&
      pieces.length === 1
        ? withDelta(native, changedFrom ?? '', changedTo)
        : null;
    return [...before, own === null ? { events } : { events, native: own }];
  }

  /** An event beside the text: what readable text it holds is scanned too, since some repeat the whole answer. */
  async #structural(chunk: StreamChunk): Promise<StreamChunk> {
    const { native } = chunk;
    if (native === undefined || native.shape !== this.#exchange.shape.shape) return chunk;
    if (native.data.length < SHORTEST_EVENT || this.#mode === 'observe') return this.#restoredNative(chunk);
    const active = this.#isChanged
      ? this.#local
      : this.#local.filter(({ guardrail }) => guardrail.placement === 'inline');
    const own = await withTexts(native, async (text) => {
      const verdict = await scanText(active, { text, direction: 'output' });
      noteNotScanned(this.#exchange, verdict, 'output');
      if (verdict.action === 'block') throw blockedBy(this.#screening.guardrails, verdict);
      const redacted = redactText(text, verdict.findings);
      return this.#screening.pseudonyms?.restore(redacted) ?? redacted;
    });
    return own === native ? chunk : { ...chunk, native: own };
  }

  async #restoredNative(chunk: StreamChunk): Promise<StreamChunk> {
    const { pseudonyms } = this.#screening;
    if (pseudonyms === null || chunk.native === undefined) return chunk;
    const native = await withTexts(chunk.native, (text) => Promise.resolve(pseudonyms.restore(text)));
    return { ...chunk, native };
  }

  /** What a restorer still holds of the channel that was sent last. */
  #restOfLast(): StreamChunk[] {
    const last = this.#last;
    this.#last = null;
    const rest = last?.channel.restoredRest() ?? '';
    return last === null || rest === '' ? [] : [{ events: [withText(last.event, rest)] }];
  }
}

function observed({ findings }: StreamVerdict): StreamVerdict {
  return { action: 'allow', findings: onlyObserved(findings) };
}

/** Nothing was done about these: they are recorded as seen. */
function onlyObserved(findings: readonly AppliedFinding[]): AppliedFinding[] {
  return findings.map((finding) =>
    finding.action === 'allow' ? finding : { ...finding, action: 'flag' as const },
  );
}
