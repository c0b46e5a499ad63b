// The signals looked for in live traffic: those of an answer, its language, and beside them errors and complaints, which are no answers.
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

/** One yes or no an interaction, of a kind of its own: whether it failed, whether its user complained. */
export function flagFeatures(signal: 'errors' | 'complaints'): readonly Feature[] {
  return [{ signal, name: signal, alarmShare: 1, read: ({ value }) => value }];
}
