// The signals that behaviour drift is looked for in, each read from one observation as one or more numbers.
import { FORMAT_FEATURES, hasFormat, type FormatFeature } from '../../text/format.ts';
import { casualness, sentiment } from '../../text/tone.ts';

/** One answer of a stream, or a value measured on it (latency, cost, a score). */
export interface Observation {
  readonly answer?: string;
  readonly value?: number;
  /** Which of a few kinds it is of: the error's, the comment's. */
  readonly kind?: string;
}

export type SignalName =
  'length' | 'refusal' | 'format' | 'tone' | 'value' | 'language' | 'errors' | 'complaints';

/** One number read from an observation; undefined where it can't be read. */
export interface Feature {
  readonly signal: SignalName;
  /** Tells features of one signal apart: `code-fence`, `sentiment`; the signal's own name where there is one alone. */
  readonly name: string;
  /** This feature's share of the allowed false alarms. Shares of the answer's features add up to 1; `value` has its own. */
  readonly alarmShare: number;
  readonly read: (observation: Observation) => number | undefined;
}

function ofAnswer(read: (answer: string) => number): Feature['read'] {
  return ({ answer }) => (answer === undefined ? undefined : read(answer));
}

function formatFeature(name: FormatFeature): Feature {
  return {
    signal: 'format',
    name,
    alarmShare: 0.06,
    read: ofAnswer((answer) => (hasFormat(answer, name) ? 1 : 0)),
  };
}

/** All features, in the order signals are reported. `isRefusal` says whether an answer declines to answer. */
export function driftFeatures(isRefusal: (answer: string) => boolean): readonly Feature[] {
  return [
    { signal: 'length', name: 'length', alarmShare: 0.3, read: ofAnswer((answer) => answer.length) },
    {
      signal: 'refusal',
      name: 'refusal',
      alarmShare: 0.26,
      read: ofAnswer((answer) => (isRefusal(answer) ? 1 : 0)),
    },
    ...FORMAT_FEATURES.map(formatFeature),
    { signal: 'tone', name: 'sentiment', alarmShare: 0.1, read: ofAnswer(sentiment) },
    { signal: 'tone', name: 'casualness', alarmShare: 0.1, read: ofAnswer(casualness) },
    { signal: 'value', name: 'value', alarmShare: 1, read: ({ value }) => value },
  ];
}
