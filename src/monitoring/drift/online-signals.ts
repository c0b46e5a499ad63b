// The signals looked for in live traffic: those of an answer, its language, and beside them errors and complaints, which are no answers.
import { ERROR_RATE_KINDS } from '../../contract/metric-names.ts';
import { driftFeatures, type Feature } from './signals.ts';

/** Share of the allowed false alarms that language takes from the other readings of an answer. */
const LANGUAGE_SHARE = 0.1;

/** Features of a live answer. `isHome` says whether it is in the language that answers are in. */
export function answerFeatures(
  isRefusal: (answer: string) => boolean,
  isHome: (answer: string) => boolean,
): readonly Feature[] {
  const others = driftFeatures(isRefusal)
    .filter((feature) => feature.signal !== 'value')
    .map((feature) => ({ ...feature, alarmShare: feature.alarmShare * (1 - LANGUAGE_SHARE) }));
  const language: Feature = {
    signal: 'language',
    name: 'language',
    alarmShare: LANGUAGE_SHARE,
    read: ({ answer }) => (answer === undefined ? undefined : isHome(answer) ? 0 : 1),
  };
  return [...others, language];
}

/** Kinds of errors told apart; what has another kind, or none, counts as an error alone. */
const ERROR_KINDS: readonly string[] = [...ERROR_RATE_KINDS, 'client_error'];
/** Share of the allowed false alarms for whether it failed at all; the kinds share the rest. */
const ANY_ERROR_SHARE = 0.4;

/** Of an interaction: whether it failed (`value`), and of what failed (with a `kind`) the share of each kind, so that one in the place of another is seen. */
export function errorFeatures(): readonly Feature[] {
  const kinds = ERROR_KINDS.map((name): Feature => ({
    signal: 'errors',
    name,
    alarmShare: (1 - ANY_ERROR_SHARE) / ERROR_KINDS.length,
    read: ({ kind }) => (kind === undefined ? undefined : kind === name ? 1 : 0),
  }));
  return [
    { signal: 'errors', name: 'errors', alarmShare: ANY_ERROR_SHARE, read: ({ value }) => value },
    ...kinds,
  ];
}

/** Of a comment, as `kind`. */
export type CommentKind = 'complaint' | 'other';

/** Of feedback: whether it complains in any way (`value`), and, of what has a comment, whether the comment does. */
export function complaintFeatures(): readonly Feature[] {
  return [
    { signal: 'complaints', name: 'complaints', alarmShare: 0.5, read: ({ value }) => value },
    {
      signal: 'complaints',
      name: 'comments',
      alarmShare: 0.5,
      read: ({ kind }) => (kind === undefined ? undefined : kind === 'complaint' ? 1 : 0),
    },
  ];
}
