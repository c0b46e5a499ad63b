// Output guardrails on a stream, as a pure machine: text goes in as it comes, text that may be sent comes out. Three modes: `window` holds
// back the last piece, so that a finding is whole before its beginning is sent; `hold` keeps everything to the end; `observe` sends
// everything and only reports.
import { redactText, resolveOverlaps, type AppliedFinding } from './findings.ts';
import type { GuardrailAction } from './guardrail.ts';
import type { StreamMode } from '../contract/guardrails.ts';

/** A scan of the text so far. Findings are in its offsets. */
export type ScanSoFar = (text: string) => Promise<StreamVerdict> | StreamVerdict;

export interface StreamVerdict {
  readonly action: GuardrailAction;
  readonly findings: readonly AppliedFinding[];
}

export type StreamStep =
  /** `through`: how much of the whole text, as it came, has been let go now. */
  | { readonly kind: 'emit'; readonly text: string; readonly through: number }
  /** Nothing more may be sent; the caller ends the stream with the policy's message. */
  | { readonly kind: 'blocked'; readonly findings: readonly AppliedFinding[] };

export interface StreamScannerOptions {
  readonly mode: StreamMode;
  /** Characters held back in `window`; a token is counted as four. */
  readonly holdBack: number;
  readonly scan: ScanSoFar;
  /** What stands in a redacted place. */
  readonly placeholder?: (finding: AppliedFinding, value: string) => string;
  /** Rescan when this many characters have come since the last scan. */
  readonly step?: number;
  /** Characters of sent text that a scan still sees before the window, so that what it needs for context is there; default 512. */
  readonly lookBack?: number;
}

const LOOK_BACK = 512;
/** Findings that start in the window may grow up to this before they are cut. */
const LONGEST_HELD = 20_000;

/** A run of these is not cut unless it is longer than any token: keys, addresses, numbers. */
const IN_WORD = /[\w+/=@:.%&?#~-]/;
const LONGEST_WORD = 4096;

/** Characters that a window of tokens stands for. */
export const charactersOf = (tokens: number): number => tokens * 4;

/** Feed it deltas in order; call `finish` once at the end. */
export class StreamScanner {
  readonly #options: StreamScannerOptions;
  /** All text not yet sent, after some that was: scans need what stands before. */
  #buffer = '';
  /** How much of the buffer has been sent. */
  #sent = 0;
  /** Where the buffer begins in the whole text. */
  #offset = 0;
  #scanned = 0;
  #isBlocked = false;
  readonly #findings: AppliedFinding[] = [];

  constructor(options: StreamScannerOptions) {
    this.#options = options;
  }

  /** All findings so far whose place is settled, in offsets of the whole text. */
  get findings(): readonly AppliedFinding[] {
    return resolveOverlaps(this.#findings);
  }

  /** At once where the scan is. */
  push(delta: string): StreamStep | Promise<StreamStep> {
    if (this.#isBlocked) return { kind: 'blocked', findings: this.findings };
    this.#buffer += delta;
    if (this.#options.mode === 'hold') return this.#emit('');
    if (this.#options.mode === 'observe') {
      this.#sent = this.#buffer.length;
      return this.#emit(delta);
    }
    const waiting = this.#buffer.length - this.#sent;
    const isDue = this.#buffer.length - this.#scanned >= (this.#options.step ?? 32);
    if (waiting <= this.#options.holdBack || !isDue) return this.#emit('');
    return this.#advance(this.#buffer.length - this.#options.holdBack);
  }

  /** Scans the rest and lets it go. In `observe` the findings are only reported. */
  finish(): StreamStep | Promise<StreamStep> {
    if (this.#isBlocked) return { kind: 'blocked', findings: this.findings };
    if (this.#options.mode !== 'observe') return this.#advance(this.#buffer.length);
    const verdict = this.#options.scan(this.#buffer);
    return verdict instanceof Promise
      ? verdict.then((late) => this.#observed(late))
      : this.#observed(verdict);
  }

  #observed({ findings }: StreamVerdict): StreamStep {
    this.#findings.push(...findings);
    return this.#emit('');
  }

  /** Scans the buffer and sends what stands before `limit`, but no part of a finding that may still grow. */
  #advance(limit: number): StreamStep | Promise<StreamStep> {
    const verdict = this.#options.scan(this.#buffer);
    return verdict instanceof Promise
      ? verdict.then((late) => this.#settle(limit, late))
      : this.#settle(limit, verdict);
  }

  #settle(limit: number, verdict: StreamVerdict): StreamStep {
    const isLast = limit === this.#buffer.length;
    this.#scanned = this.#buffer.length;
    if (verdict.action === 'block') {
      this.#isBlocked = true;
      this.#findings.push(...this.#placed(verdict.findings));
      return { kind: 'blocked', findings: this.findings };
    }
    const fresh = verdict.findings.filter((finding) => finding.end > this.#sent);
    const end = isLast ? limit : this.#safeEnd(limit, fresh);
    const settled = fresh.filter((finding) => finding.end <= end);
    this.#findings.push(...this.#placed(settled));
    const text = this.#redacted(settled, end);
    this.#sent = end;
    this.#forget();
    return this.#emit(text);
  }

  #emit(text: string): StreamStep {
    return { kind: 'emit', text, through: this.#offset + this.#sent };
  }

  /** The last place up to which text may go: no finding is cut, no word neither. */
  #safeEnd(limit: number, findings: readonly AppliedFinding[]): number {
    let end = limit;
    for (const finding of [...findings].sort((a, b) => b.start - a.start))
      if (finding.start < end && finding.end > end && end - finding.start < LONGEST_HELD) end = finding.start;
    const from = Math.max(this.#sent, end - LONGEST_WORD);
    for (let place = end; place > from; place -= 1)
      if (!IN_WORD.test(this.#buffer[place - 1] as string)) return this.#uncut(place, findings);
    return this.#uncut(end, findings);
  }

  #uncut(place: number, findings: readonly AppliedFinding[]): number {
    const cut = findings.find((finding) => finding.start < place && finding.end > place);
    return Math.max(this.#sent, cut === undefined ? place : cut.start);
  }

  #redacted(findings: readonly AppliedFinding[], end: number): string {
    const piece = this.#buffer.slice(this.#sent, end);
    const moved = findings.map((finding) => ({
      ...finding,
      start: Math.max(0, finding.start - this.#sent),
      end: finding.end - this.#sent,
    }));
    return redactText(piece, moved, this.#options.placeholder);
  }

  #placed(findings: readonly AppliedFinding[]): AppliedFinding[] {
    return findings.map((finding) => ({
      ...finding,
      start: finding.start + this.#offset,
      end: finding.end + this.#offset,
    }));
  }

  /** Drops sent text that no scan needs any more; cuts at a space, so that no word begins in its middle. */
  #forget(): void {
    const lookBack = this.#options.lookBack ?? LOOK_BACK;
    if (this.#sent < lookBack * 1.5) return;
    let cut = this.#sent - lookBack;
    while (cut < this.#sent && !/\s/.test(this.#buffer[cut] as string)) cut += 1;
    this.#buffer = this.#buffer.slice(cut);
    this.#sent -= cut;
    this.#scanned -= cut;
    this.#offset += cut;
  }
}
