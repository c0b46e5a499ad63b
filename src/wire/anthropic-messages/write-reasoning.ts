// How much a model should think: the canonical effort or budget as Anthropic's `thinking` and `output_config.effort`.
//
// What arrived in Anthropic's own shape and was not changed since goes back as it came.
import type { CanonicalRequest } from '../../contract/canonical.ts';
import { refused } from '../refused-parameters.ts';
import type { ModelTraits } from './models.ts';
import { displayOf, readReasoning } from './read-reasoning.ts';
import { isRecord } from '../read-json.ts';

const VENDOR = 'Anthropic';
const LEAST_BUDGET = 1024;

/** Share of thought by effort for models that take a budget, tokens. */
const BUDGETS: Readonly<Record<string, number>> = {
  minimal: 1024,
  low: 2048,
  medium: 8192,
  high: 16384,
  xhigh: 32768,
  max: 32768,
};

const EFFORTS: Readonly<Record<string, string>> = {
  minimal: 'low',
  low: 'low',
  medium: 'medium',
  high: 'high',
  xhigh: 'xhigh',
  max: 'max',
};

export interface WrittenReasoning {
  readonly thinking?: unknown;
  readonly outputConfig: Readonly<Record<string, unknown>>;
}

/** The two fields, either of them absent. Throws a RequestError where the model can't think as asked. */
export function writeReasoning(
  request: CanonicalRequest,
  traits: ModelTraits,
  maxTokens: number,
): WrittenReasoning {
  const reasoning = request.reasoning;
  if (reasoning === undefined) return { outputConfig: {} };
  const own = writeOwn(request);
  if (own !== undefined) return own;
  const { effort, budgetTokens } = reasoning;
  if (effort === 'none') return traits.thinking === 'none' ? { outputConfig: {} } : DISABLED;
  if (effort === undefined && budgetTokens === undefined) return { outputConfig: {} };
  if (traits.thinking === 'none')
    throw refused(request, 'reasoning', VENDOR, 'this model does not think before it answers.');
  if (effort !== undefined && !Object.hasOwn(EFFORTS, effort))
    throw refused(request, 'reasoning', VENDOR, `there is no effort \`${effort}\`.`);
  const display = displayOf(reasoning.summary);
  if (traits.thinking === 'adaptive' && budgetTokens === undefined) {
    const word = EFFORTS[effort ?? 'high'] as string;
    return {
      thinking: { type: 'adaptive', ...display },
      outputConfig: { effort: word === 'xhigh' && !traits.extraHighEffort ? 'max' : word },
    };
  }
  const wanted = budgetTokens ?? BUDGETS[effort ?? 'medium'] ?? LEAST_BUDGET;
  const budget = Math.min(wanted, maxTokens - 1);
  if (budget < LEAST_BUDGET)
    throw refused(
      request,
      'reasoning',
      VENDOR,
      `thinking needs a budget of ${LEAST_BUDGET} tokens at least, below the ${maxTokens} output tokens allowed.`,
    );
  return { thinking: { type: 'enabled', budget_tokens: budget, ...display }, outputConfig: {} };
}

const DISABLED: WrittenReasoning = { thinking: { type: 'disabled' }, outputConfig: {} };

function writeOwn(request: CanonicalRequest): WrittenReasoning | undefined {
  const body = request.native?.shape === 'anthropic-messages' ? request.native.value : undefined;
  if (!isRecord(body)) return undefined;
  const effort = isRecord(body['output_config']) ? body['output_config']['effort'] : undefined;
  const read = readReasoning(body['thinking'], effort);
  if (JSON.stringify(read) !== JSON.stringify(request.reasoning)) return undefined;
  return {
    ...(body['thinking'] === undefined ? {} : { thinking: body['thinking'] }),
    outputConfig: typeof effort === 'string' ? { effort } : {},
  };
}
