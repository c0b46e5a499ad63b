// promptfoo's assertion types by their equivalent here: a scorer, and what of the case it needs. One table.
import type { ImportedCase, ImportedScorer } from './imported-suite.ts';

export type ConvertedAssertion =
  { readonly scorer: ImportedScorer; readonly case: Partial<ImportedCase> } | { readonly leftOut: string };

interface Assertion {
  readonly type: string;
  readonly value: unknown;
  readonly threshold: number | undefined;
  readonly weight: number | undefined;
}

type Convert = (one: Assertion) => ConvertedAssertion;

function text(one: Assertion): string | null {
  if (typeof one.value === 'string') return one.value;
  return typeof one.value === 'number' || typeof one.value === 'boolean' ? String(one.value) : null;
}

/** A scorer that compares with a reference text. */
function compared(scorer: string, fallback: number): Convert {
  return (one) => {
    const reference = text(one);
    if (reference === null) return { leftOut: `${one.type} with a value that is no text` };
    return { scorer: { scorer, threshold: one.threshold ?? fallback }, case: { reference } };
  };
}

/** Every one of several texts, or any: both as one pattern, since references mean any of them. */
function pattern(make: (parts: readonly string[]) => string): Convert {
  return (one) => {
    const parts = Array.isArray(one.value) ? one.value.map(String) : text(one)?.split(/\s*,\s*/);
    if (parts === undefined) return { leftOut: `${one.type} with a value that is no text` };
    return { scorer: { scorer: 'regex', threshold: 1, options: { pattern: make(parts) } }, case: {} };
  };
}

const escaped = (part: string): string => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
const anyOf = (parts: readonly string[]): string => parts.map(escaped).join('|');

function bounded(scorer: 'latency' | 'cost', option: string): Convert {
  return ({ threshold, type }) =>
    threshold === undefined
      ? { leftOut: `${type} without a threshold` }
      : {
          scorer: {
            scorer,
            threshold: 1,
            options: { [option]: scorer === 'cost' ? decimal(threshold) : threshold },
          },
          case: {},
        };
}

/** A number without an exponent. */
function decimal(value: number): string {
  return value.toFixed(12).replace(/\.?0+$/, '');
}

const TABLE: ReadonlyMap<string, Convert> = new Map<string, Convert>([
  ['equals', compared('exact', 1)],
  ['contains', compared('contains', 1)],
  ['icontains', pattern((parts) => `(?i)${escaped(parts.join(','))}`)],
  ['contains-any', pattern((parts) => anyOf(parts))],
  ['icontains-any', pattern((parts) => `(?i)${anyOf(parts)}`)],
  ['starts-with', pattern((parts) => `^${escaped(parts.join(','))}`)],
  [
    'regex',
    (one) => {
      const written = text(one);
      return written === null
        ? { leftOut: 'regex with a value that is no text' }
        : { scorer: { scorer: 'regex', threshold: 1, options: { pattern: written } }, case: {} };
    },
  ],
  [
    'is-json',
    ({ value }) => ({
      scorer: { scorer: 'json-schema', threshold: 1 },
      case: { schema: typeof value === 'object' && value !== null ? value : {} },
    }),
  ],
  ['rouge-n', compared('rouge-1', 0.75)],
  ['bleu', compared('bleu', 0.5)],
  ['similar', compared('similarity', 0.75)],
  ['similar:cosine', compared('similarity', 0.75)],
  ['latency', bounded('latency', 'most_ms')],
  ['cost', bounded('cost', 'most_usd')],
  ['is-refusal', () => ({ scorer: { scorer: 'refusal', threshold: 1 }, case: {} })],
  [
    'not-is-refusal',
    () => ({ scorer: { scorer: 'refusal', threshold: 1, options: { invert: true } }, case: {} }),
  ],
  [
    'context-faithfulness',
    ({ threshold }) => ({ scorer: { scorer: 'grounded', threshold: threshold ?? 0.5 }, case: {} }),
  ],
]);

/** Types that are the opposite of one in the table: the scorer with `invert`. */
function inverted(converted: ConvertedAssertion): ConvertedAssertion {
  if ('leftOut' in converted) return converted;
  const { scorer } = converted;
  return { ...converted, scorer: { ...scorer, options: { ...scorer.options, invert: true } } };
}

/** `variables` fill `{{name}}` in values, as promptfoo does; `before` is what earlier assertions of the case have set. */
export function convertAssertion(
  given: unknown,
  variables: Readonly<Record<string, string>>,
  before: Partial<ImportedCase>,
): ConvertedAssertion {
  if (typeof given !== 'object' || given === null) return { leftOut: 'not an assertion' };
  const { type, value, threshold, weight } = given as Readonly<Record<string, unknown>>;
  if (typeof type !== 'string') return { leftOut: 'an assertion without a type' };
  const one: Assertion = {
    type,
    value: typeof value === 'string' ? filled(value, variables) : value,
    threshold: typeof threshold === 'number' ? threshold : undefined,
    weight: typeof weight === 'number' ? weight : undefined,
  };
  const own = TABLE.get(type);
  const opposite = type.startsWith('not-') ? TABLE.get(type.slice('not-'.length)) : undefined;
  const converted =
    own !== undefined
      ? own(one)
      : opposite !== undefined
        ? inverted(opposite(one))
        : { leftOut: `type "${type}" has no equivalent` };
  if ('leftOut' in converted) return converted;
  for (const field of ['reference', 'schema'] as const)
    if (
      converted.case[field] !== undefined &&
      before[field] !== undefined &&
      before[field] !== converted.case[field]
    )
      return { leftOut: `a second "${type}" with another value: a case has one ${field}` };
  return one.weight === undefined
    ? converted
    : { ...converted, scorer: { ...converted.scorer, weight: one.weight } };
}

function filled(value: string, variables: Readonly<Record<string, string>>): string {
  return value.replaceAll(/\{\{\s*([A-Za-z_]\w*)\s*\}\}/g, (whole, name: string) => variables[name] ?? whole);
}
