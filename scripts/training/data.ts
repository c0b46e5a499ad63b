// The public data sets as training and benchmarks read them, and how they are split so that nothing leaks.
import { existsSync, readFileSync } from 'node:fs';
import { hashText } from '../../src/safety/learning/hashing.ts';

const FOLDER = new URL('../../../shared/data/', import.meta.url);

export interface PiiRow {
  readonly text: string;
  readonly spans: readonly { readonly type: string; readonly start: number; readonly end: number }[];
  readonly template: number;
}
export interface InjectionRow {
  readonly source: string;
  readonly attack: boolean;
  readonly text: string;
  /** Where an attack was planted in a longer text: the planted part. */
  readonly injected?: string;
}
export interface GroundedRow {
  readonly context: string;
  readonly answer: string;
  readonly grounded: boolean;
}
export interface ToxicityRow {
  readonly functionality: string;
  readonly test_case: string;
  readonly label_gold: 'hateful' | 'non-hateful';
  readonly templ_id: string;
}
interface DataSets {
  'pii.jsonl': PiiRow;
  'injection.jsonl': InjectionRow;
  'grounded.jsonl': GroundedRow;
  'toxicity.jsonl': ToxicityRow;
  'answers.jsonl': { readonly answers: Readonly<Record<string, { readonly text: string } | undefined>> };
  'queries.jsonl': { readonly text?: string; readonly question?: string };
}

/** Rows of a data set; undefined where the data are not at hand. */
export function readRows<Name extends keyof DataSets>(name: Name): DataSets[Name][] | undefined {
  const path = new URL(name, FOLDER);
  if (!existsSync(path)) return undefined;
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as DataSets[Name]);
}

/** As `readRows`, for scripts that are of no use without. */
export function needRows<Name extends keyof DataSets>(name: Name): DataSets[Name][] {
  const rows = readRows(name);
  if (rows === undefined) throw new Error(`${name} is not in ${FOLDER.pathname}: get the data sets first.`);
  return rows;
}

/** A number in [0, folds) that depends on the group's name alone. */
export function foldOf(group: string, folds: number): number {
  return hashText(`fold ${group}`) % folds;
}

/** UTF-16 offset of each code point of `text`, and of its end. */
export function codePointOffsets(text: string): number[] {
  const offsets: number[] = [];
  let offset = 0;
  for (const character of text) {
    offsets.push(offset);
    offset += character.length;
  }
  offsets.push(offset);
  return offsets;
}

/**
 * Groups of near-duplicates: texts that share more than half of the shingles of the shorter one (words in fives, or all words of a
 * short text) end in one group. Returns a group number a text.
 */
export function nearDuplicateGroups(texts: readonly string[]): number[] {
  const parent = texts.map((_, index) => index);
  const find = (index: number): number => {
    let root = index;
    while (parent[root] !== root) root = parent[root] as number;
    parent[index] = root;
    return root;
  };
  const shingles = texts.map(shinglesOf);
  const owners = new Map<number, number[]>();
  shingles.forEach((set, index) => {
    const shared = new Map<number, number>();
    for (const shingle of set) {
      const list = owners.get(shingle) ?? [];
      for (const other of list) shared.set(other, (shared.get(other) ?? 0) + 1);
      if (list.length < 50) list.push(index);
      owners.set(shingle, list);
    }
    for (const [other, count] of shared)
      if (count * 2 > Math.min(set.size, (shingles[other] as Set<number>).size))
        parent[find(index)] = find(other);
  });
  return texts.map((_, index) => find(index));
}

function shinglesOf(text: string): Set<number> {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const size = Math.min(5, Math.max(1, words.length));
  const set = new Set<number>();
  for (let index = 0; index + size <= words.length; index += 1)
    set.add(hashText(words.slice(index, index + size).join(' ')));
  return set;
}
