// What the models of Anthropic differ in, as far as a request must be written differently for them. Rows of data, first match wins;
// from the vendor's model overview and its pages on structured outputs, effort and adaptive thinking.

export interface ModelTraits {
  /** Sent as `max_tokens` where the caller set none: the API requires one. */
  readonly maxOutputTokens: number;
  /** `adaptive`: effort steers thinking; `budget`: `thinking.budget_tokens`; `none`: the model can't think aloud. */
  readonly thinking: 'adaptive' | 'budget' | 'none';
  /** Whether `output_config.format` constrains the answer to a JSON schema. */
  readonly structuredOutput: boolean;
  /** Whether effort has the step `xhigh`; without it the caller's `xhigh` is `max`. */
  readonly extraHighEffort: boolean;
}

interface ModelRow extends ModelTraits {
  readonly name: RegExp;
}

const ROWS: readonly ModelRow[] = [
  row(/claude-(?:instant|v?2(?:$|[-.:])|3-(?:opus|sonnet|haiku))/, 4096, 'none', false),
  row(/claude-3-5-/, 8192, 'none', false),
  row(/claude-3-7-/, 64000, 'budget', false),
  row(/claude-opus-4-[15](?![0-9])/, 32000, 'budget', true),
  row(/claude-(?:sonnet|haiku)-4-5/, 64000, 'budget', true),
  row(/claude-(?:sonnet|opus)-4-6/, 64000, 'adaptive', true),
  row(/claude-opus-4-[78]/, 64000, 'adaptive', true, true),
  row(/claude-opus-4(?:-|@|$)/, 32000, 'budget', false),
  row(/claude-sonnet-4(?:-|@|$)/, 64000, 'budget', false),
];

/** A model that no row knows is taken for a current one, with a `max_tokens` every current model accepts. */
const CURRENT: ModelTraits = {
  maxOutputTokens: 64000,
  thinking: 'adaptive',
  structuredOutput: true,
  extraHighEffort: true,
};

function row(
  name: RegExp,
  maxOutputTokens: number,
  thinking: ModelTraits['thinking'],
  structuredOutput: boolean,
  extraHighEffort = false,
): ModelRow {
  return { name, maxOutputTokens, thinking, structuredOutput, extraHighEffort };
}

/** The traits of a model by the name the vendor knows it by. */
export function traitsOf(model: string): ModelTraits {
  return ROWS.find((each) => each.name.test(model)) ?? CURRENT;
}
