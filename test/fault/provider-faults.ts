// What a faulty provider's answers must become: the kind recorded and the status answered, by the name of the fault (faulty-upstream.ts).

/** Failures of whole answers and streams alike, before any content: fault, kind of the attempt's error, status. */
export const FAILURES: readonly (readonly [string, string, number])[] = [
  ['error-500', 'server_error', 502],
  ['error-503', 'overloaded', 503],
  ['limited-after', 'rate_limited', 429],
  ['limited', 'rate_limited', 429],
  ['hang-before', 'timeout', 504],
  ['hang-after', 'timeout', 504],
  ['garbage', 'bad_answer', 502],
  ['no-http', 'bad_answer', 502],
];

/** Failures that differ for a stream, as those of a whole answer. */
export const WHOLE_FAILURES: readonly (readonly [string, string, number])[] = [
  ['half-close', 'bad_answer', 502],
  ['reset', 'bad_answer', 502],
  ['too-long', 'bad_answer', 502],
  ['too-short', 'bad_answer', 502],
];

/** Streams that fail after content: the kind of the attempt's error. */
export const CUT_STREAMS: readonly (readonly [string, string])[] = [
  ['half-close', 'cut_stream'],
  ['cut-cleanly', 'cut_stream'],
  ['reset', 'cut_stream'],
  ['hang-inside', 'timeout'],
];

export const FAULT_NAMES: readonly string[] = [
  'fine',
  'lying',
  ...new Set([...FAILURES, ...WHOLE_FAILURES, ...CUT_STREAMS].map(([name]) => name)),
];
