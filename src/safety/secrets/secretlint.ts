// Secretlint's recommended rules over a text in memory. It loads on the first use and masks nothing: only places are taken from it.
import type { RawFinding } from '../guardrail.ts';

/** What secretlint finds: the rule's name in capitals as the type. Texts over 200,000 characters are cut. */
export async function lintSecrets(text: string): Promise<RawFinding[]> {
  const [{ lintSource }, { creator }] = await Promise.all([
    import('@secretlint/core'),
    import('@secretlint/secretlint-rule-preset-recommend'),
  ]);
  const result = await lintSource({
    source: { content: text.slice(0, 200_000), filePath: 'text.txt', ext: '.txt', contentType: 'text' },
    options: {
      noPhysicFilePath: true,
      config: { rules: [{ id: '@secretlint/secretlint-rule-preset-recommend', rule: creator }] },
    },
  });
  return result.messages.map((message) => ({
    type: (message.ruleId.split('-rule-').at(-1) ?? 'secret').replaceAll('-', '_').toUpperCase(),
    start: message.range[0],
    end: message.range[1],
    score: 0.9,
  }));
}
