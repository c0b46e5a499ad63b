// How the models of Google are told how much to think. Rows of data, first match wins; from the vendor's page on thinking.

/** `level`: `thinkingLevel`; `budget`: `thinkingBudget` in tokens; `none`: the model does not think. */
export type ThinkingControl = 'level' | 'budget' | 'none';

const ROWS: readonly (readonly [RegExp, ThinkingControl])[] = [
  [/gemini-(?:1\.|2\.0|pro$|pro-vision)|gemma|embedding/, 'none'],
  [/gemini-2\.5/, 'budget'],
  [/gemini/, 'level'],
];

/** The control of a model by the name the vendor knows it by; `level` for one that no row knows. */
export function thinkingControlOf(model: string): ThinkingControl {
  return ROWS.find(([name]) => name.test(model))?.[1] ?? 'level';
}
