// Input guardrails on all that a caller brings: scanned text by text, then redacted, pseudonymised or refused.
import type { CanonicalRequest } from '../../contract/canonical.ts';
import { scanText, type Verdict } from '../../safety/engine.ts';
import { redactText, type AppliedFinding } from '../../safety/findings.ts';
import type { Exchange } from '../exchange.ts';
import { mapTexts, type PlacedText, textsOf, unreadableKinds } from './request-texts.ts';
import { addNotScanned, blockedBy, type Screening } from './screening.ts';

/** Texts scanned side by side; the pool's queue holds more than a few requests' worth of them. */
const AT_ONCE = 16;

type Scanned = PlacedText & { readonly verdict: Verdict };

async function scanAll(texts: readonly PlacedText[], { guardrails, asker }: Screening): Promise<Scanned[]> {
  const scanned: Scanned[] = [];
  for (let from = 0; from < texts.length; from += AT_ONCE) {
    const group = texts.slice(from, from + AT_ONCE).map(async (placed) => ({
      ...placed,
      verdict: await scanText(guardrails.input, { text: placed.text, direction: 'input', asker }),
    }));
    scanned.push(...(await Promise.all(group)));
  }
  return scanned;
}

function replaced(screening: Screening, text: string, findings: readonly AppliedFinding[]): string {
  return screening.pseudonyms === null
    ? redactText(text, findings)
    : screening.pseudonyms.replace(text, findings);
}

/** The request as it goes on: with what is to be redacted replaced. */
function rewritten(
  request: CanonicalRequest,
  scanned: readonly Scanned[],
  screening: Screening,
): CanonicalRequest {
  const byPlace = new Map(scanned.map((one) => [one.place, one.verdict.findings]));
  return mapTexts(request, (place, text) => {
    const findings = byPlace.get(place);
    return findings === undefined ? text : replaced(screening, text, findings);
  });
}

function noteUnreadable(exchange: Exchange, request: CanonicalRequest): void {
  for (const message of request.messages)
    for (const kind of unreadableKinds(message.parts)) addNotScanned(exchange, `input:${kind}`);
}

const isActive = ({ action }: AppliedFinding): boolean => action !== 'allow';
const isRedacted = ({ action }: AppliedFinding): boolean => action === 'redact';

/**
 * Screens what the caller brought, in place. `rendered` counts the messages at the front that a managed prompt made: their templates are
 * reviewed in Git and not scanned, the values in them are. Returns whether something was replaced. Throws `blocked_by_guardrail`.
 */
export async function screenRequest(
  exchange: Exchange,
  screening: Screening,
  rendered: number,
): Promise<boolean> {
  const { request } = exchange;
  const own = rendered === 0 ? request : { ...request, messages: request.messages.slice(rendered) };
  noteUnreadable(exchange, own);
  if (screening.guardrails.input.length === 0) return false;
  const scanned = await scanAll(textsOf(own), screening);
  for (const { place, text, verdict } of scanned) screening.note(exchange, verdict, place, 'input', text);
  const blocking = scanned.find(({ verdict }) => verdict.action === 'block');
  if (blocking !== undefined) throw blockedBy(screening.guardrails, blocking.verdict);
  if (scanned.some(({ verdict }) => verdict.findings.some(isActive))) exchange.sensitive = true;
  if (!scanned.some(({ verdict }) => verdict.findings.some(isRedacted))) return false;
  const question = await scanText(screening.guardrails.input, {
    text: exchange.question,
    direction: 'input',
    asker: screening.asker,
  });
  exchange.question = replaced(screening, exchange.question, question.findings);
  const after = rewritten(own, scanned, screening);
  const front = request.messages.slice(0, rendered);
  exchange.request = rendered === 0 ? after : { ...after, messages: [...front, ...after.messages] };
  return true;
}
