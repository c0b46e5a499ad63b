// The gate as JUnit XML, which CI systems show as tests: one test a changed prompt; a block is a failure, a doubt that does not pass an error.
import type { GatedPrompt, GateResult } from './gate-result.ts';

/** What XML 1.0 may hold, escaped; everything else is left out. */
export function xmlText(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

function isDoubtful({ verdict, policy }: GatedPrompt): boolean {
  return verdict.decision === 'inconclusive' && policy?.inconclusive !== 'allow';
}

function testCase(one: GatedPrompt): string {
  const { verdict, new_id, suite } = one;
  const told = xmlText(verdict.reasons.join('; '));
  const more = verdict.moreCases === null ? '' : ` About ${verdict.moreCases} more cases would settle it.`;
  const body =
    verdict.decision === 'block'
      ? `<failure message="${told}">${told}</failure>`
      : isDoubtful(one)
        ? `<error message="${told}">${told}${more}</error>`
        : `<system-out>${told}</system-out>`;
  return `    <testcase name="${xmlText(new_id)}" classname="binnacle.gate.${xmlText(suite ?? 'none')}">${body}</testcase>`;
}

export function gateJunit(result: GateResult): string {
  const failures = result.prompts.filter(({ verdict }) => verdict.decision === 'block').length;
  const errors = result.prompts.filter(isDoubtful).length;
  const counts = `tests="${result.prompts.length}" failures="${failures}" errors="${errors}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="binnacle gate" ${counts}>`,
    `  <testsuite name="binnacle gate" ${counts}>`,
    ...result.prompts.map(testCase),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}
