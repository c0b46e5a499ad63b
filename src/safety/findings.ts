// From what guardrails found to what happens: overlapping findings resolved, the strongest action, the redacted text.
import type { GuardrailAction, RawFinding } from './guardrail.ts';

/** A finding with the guardrail it is reported under and what is done about it. */
export interface AppliedFinding extends RawFinding {
  readonly guardrail: string;
  readonly action: GuardrailAction;
}

/** Findings of one guardrail in one text; a text with more of them is hostile or a list of nothing else. */
const MOST_FINDINGS = 5000;

/** At most 5,000 findings: of a text with more, the rest is taken together as one that reaches to the last of them. */
export function boundedFindings<Finding extends RawFinding>(
  findings: readonly Finding[],
): readonly Finding[] {
  if (findings.length <= MOST_FINDINGS) return findings;
  const isInOrder = findings.every(
    (finding, index) => index === 0 || finding.start >= (findings[index - 1] as Finding).start,
  );
  const inOrder = isInOrder ? findings : [...findings].sort((a, b) => a.start - b.start);
  const rest = { ...(inOrder[MOST_FINDINGS - 1] as Finding) };
  let { end, score } = rest;
  for (let index = MOST_FINDINGS; index < inOrder.length; index += 1) {
    end = Math.max(end, (inOrder[index] as Finding).end);
    score = Math.max(score, (inOrder[index] as Finding).score);
  }
  return [...inOrder.slice(0, MOST_FINDINGS - 1), { ...rest, end, score }];
}

const RANK: Readonly<Record<GuardrailAction, number>> = { allow: 0, flag: 1, redact: 2, block: 3 };

/** The stronger of two actions. */
export function stronger(one: GuardrailAction, other: GuardrailAction): GuardrailAction {
  return RANK[other] > RANK[one] ? other : one;
}

const length = (finding: RawFinding): number => finding.end - finding.start;

/**
 * Findings of one guardrail that overlap are reduced to the strongest (action, then length, then score); those of different guardrails stay
 * beside each other. In order of place.
 */
export function resolveOverlaps(findings: readonly AppliedFinding[]): AppliedFinding[] {
  const ranked = [...findings].sort(
    (a, b) =>
      RANK[b.action] - RANK[a.action] || length(b) - length(a) || b.score - a.score || a.start - b.start,
  );
  const kept = new Map<string, AppliedFinding[]>();
  const byPlace = (a: AppliedFinding, b: AppliedFinding): number => a.start - b.start || a.end - b.end;
  for (const finding of ranked) {
    const same = kept.get(finding.guardrail) ?? [];
    const at = firstEndingAfter(same, finding.start);
    if (at < same.length && (same[at] as AppliedFinding).start < finding.end) continue;
    same.splice(at, 0, finding);
    kept.set(finding.guardrail, same);
  }
  return [...kept.values()].flat().sort(byPlace);
}

/** Index of the first finding that ends after `place`, in a list in order without overlaps. */
function firstEndingAfter(findings: readonly AppliedFinding[], place: number): number {
  let low = 0;
  let high = findings.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((findings[middle] as AppliedFinding).end > place) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The text with each finding that is to be redacted replaced by `<TYPE>`; overlapping ones together, under the first one's type. */
export function redactText(
  text: string,
  findings: readonly AppliedFinding[],
  placeholder: (finding: AppliedFinding, value: string) => string = (finding) => `<${finding.type}>`,
): string {
  const places = findings
    .filter(({ action }) => action === 'redact')
    .sort((a, b) => a.start - b.start || b.end - a.end);
  const pieces: string[] = [];
  let last = 0;
  for (let index = 0; index < places.length; index += 1) {
    const first = places[index] as AppliedFinding;
    if (first.end <= last) continue;
    let end = first.end;
    while ((places[index + 1]?.start ?? Infinity) < end) {
      index += 1;
      end = Math.max(end, (places[index] as AppliedFinding).end);
    }
    pieces.push(text.slice(last, first.start), placeholder(first, text.slice(first.start, end)));
    last = end;
  }
  pieces.push(text.slice(last));
  return pieces.join('');
}
