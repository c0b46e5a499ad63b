// Builds a model of names from labelled rows: the gazetteer, the examples, the training.
import { Gazetteer, type Kind } from '../../src/safety/names/gazetteer.ts';
import type { NameModel } from '../../src/safety/names/recognise.ts';
import type { PiiRow } from './data.ts';
import { cleanQueries, encode, exampleOf, fill, refill, templatesOf, type Example } from './name-examples.ts';
import { loadNameLists, type NameLists } from './name-lists.ts';
import { NameValues } from './name-values.ts';
import { cleanSentences, OrdinaryText } from './ordinary-examples.ts';
import { Random } from './random.ts';
import { trainTagger } from './train-tagger.ts';

/** 2^17 bytes: a million bits for some hundred thousand entries. */
const GAZETTEER_BYTES = 1 << 17;
/** Share of the names that the gazetteer knows: the rest teaches the tagger to do without. */
const KNOWN_SHARE = 0.6;

export interface NameTrainingOptions {
  readonly epochs: number;
  readonly perTemplate: number;
  readonly perRow: number;
  /** Ordinary texts without names. */
  readonly ordinary: number;
  readonly trainingCaution: number;
  readonly caution: number;
}
export const NAME_TRAINING: NameTrainingOptions = {
  epochs: 8,
  perTemplate: 40,
  perRow: 2,
  ordinary: 6000,
  trainingCaution: 0,
  caution: -25,
};

function gazetteerOf(lists: NameLists, share: number, random: Random): Gazetteer & { bits: Uint8Array } {
  const bits = new Uint8Array(GAZETTEER_BYTES);
  const gazetteer = new Gazetteer(bits);
  const addAll = (kind: Kind, values: Iterable<string>, share: number): void => {
    for (const value of values)
      if (share >= 1 || random.chance(share)) gazetteer.add(kind, value.toLowerCase());
  };
  addAll('first', lists.first, share);
  addAll('last', lists.last, share);
  addAll('city', lists.cities, share);
  addAll('country', lists.countries, 1);
  addAll('demonym', lists.demonyms, 1);
  addAll('common', lists.common, 1);
  addAll(
    'org',
    lists.organizations.flatMap((name) => [name]),
    share,
  );
  addAll('job', lists.jobs, 1);
  return Object.assign(gazetteer, { bits });
}

export interface TrainedNames {
  readonly model: NameModel;
  readonly bits: Uint8Array;
}

let cachedLists: NameLists | undefined;

/** Trains on these rows (of other templates than those it will be tested on). */
export function trainNames(rows: readonly PiiRow[], options = NAME_TRAINING): TrainedNames {
  cachedLists ??= loadNameLists();
  const lists = cachedLists;
  const random = new Random(20);
  const values = new NameValues(lists, random);
  const gazetteer = gazetteerOf(lists, KNOWN_SHARE, random);
  const places = new Set(
    [...lists.cities, ...lists.countries, ...lists.demonyms].map((name) => name.toLowerCase()),
  );
  for (const word of lists.common) places.delete(word);
  const ordinary = new OrdinaryText(cleanSentences(places), lists.common, random);
  const examples: Example[] = [
    ...rows.map(exampleOf),
    ...rows.flatMap((row) => Array.from({ length: options.perRow }, () => refill(row, values, random))),
    ...templatesOf('name-templates.txt').flatMap((template) =>
      Array.from({ length: options.perTemplate }, () => fill(template, values, random)),
    ),
    ...templatesOf('clean-templates.txt').flatMap((text) =>
      Array.from({ length: 6 }, () => ({ text, spans: [] })),
    ),
    ...random
      .shuffle(cleanQueries(places))
      .slice(0, 2000)
      .map((text) => ({ text, spans: [] })),
    ...Array.from({ length: options.ordinary }, () => ordinary.example()),
  ];
  const weights = trainTagger(
    examples.map((example) => encode(example, gazetteer)),
    options.epochs,
    random,
    options.trainingCaution,
  );
  return { model: { weights, gazetteer, caution: options.caution }, bits: gazetteer.bits };
}
