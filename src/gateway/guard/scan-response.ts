// Output guardrails on a whole answer: every text of every choice, then each choice's text as a whole.
import type { CanonicalResponse, Choice, Part } from '../../contract/canonical.ts';
import type { ActiveGuardrail } from '../../safety/active-guardrail.ts';
import { scanText, type Verdict } from '../../safety/engine.ts';
import { redactText, type AppliedFinding } from '../../safety/findings.ts';
import type { Exchange } from '../exchange.ts';
import { mapParts, unreadableKinds } from './request-texts.ts';
import { addNotScanned, blockedBy, type Screening } from './screening.ts';

async function verdictOn(
  exchange: Exchange,
  screening: Screening,
  active: readonly ActiveGuardrail[],
  text: string,
  place: string,
): Promise<Verdict> {
  const { context } = exchange;
  const verdict = await scanText(active, {
    text,
    direction: 'output',
    asker: screening.asker,
    ...(context === null ? {} : { context }),
  });
  screening.note(exchange, verdict, place, 'output', text);
  if (verdict.action === 'block') throw blockedBy(screening.guardrails, verdict);
  return verdict;
}

/** Texts of the parts by place. */
function textsIn(parts: readonly Part[], place: string): Map<string, string> {
  const texts = new Map<string, string>();
  mapParts(parts, place, (at, text) => {
    if (text !== '') texts.set(at, text);
    return text;
  });
  return texts;
}

function wholeText(parts: readonly Part[]): string {
  return parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

async function screenChoice(exchange: Exchange, screening: Screening, choice: Choice): Promise<Choice> {
  const { output } = screening.guardrails;
  const local = output.filter(({ guardrail }) => guardrail.needsWholeText !== true);
  const whole = output.filter(({ guardrail }) => guardrail.needsWholeText === true);
  const place = `choices[${choice.index}].parts`;
  for (const kind of unreadableKinds(choice.parts)) addNotScanned(exchange, `output:${kind}`);
  const found = new Map<string, readonly AppliedFinding[]>();
  for (const [at, text] of textsIn(choice.parts, place))
    found.set(at, (await verdictOn(exchange, screening, local, text, at)).findings);
  const text = wholeText(choice.parts);
  if (whole.length > 0 && text !== '') {
    const verdict = await verdictOn(exchange, screening, whole, text, `choices[${choice.index}].text`);
    const only = choice.parts.findIndex((part) => part.type === 'text');
    const isOne = choice.parts.filter((part) => part.type === 'text').length === 1;
    const at = `${place}[${only}]`;
    if (isOne) found.set(at, [...(found.get(at) ?? []), ...verdict.findings]);
  }
  const parts = mapParts(choice.parts, place, (at, before) => {
    const redacted = redactText(before, found.get(at) ?? []);
    return screening.pseudonyms?.restore(redacted) ?? redacted;
  });
  return parts === choice.parts ? choice : { ...choice, parts };
}

/** The answer as it may go out: without its vendor's own form where something was changed. Throws `blocked_by_guardrail`. */
export async function screenResponse(
  exchange: Exchange,
  screening: Screening,
  response: CanonicalResponse,
): Promise<CanonicalResponse> {
  const choices: Choice[] = [];
  for (const choice of response.choices) choices.push(await screenChoice(exchange, screening, choice));
  if (choices.every((choice, index) => choice === response.choices[index])) return response;
  const { native: _native, nativeText: _text, ...rest } = response;
  return { ...rest, choices };
}
