// Writes a model's weights beside the guardrail that uses them, as a JSON module.
import { writeFileSync } from 'node:fs';

/** Writes `src/safety/<folder>/weights.json`. */
export function writeWeights(folder: string, weights: Readonly<Record<string, unknown>>): void {
  const path = new URL(`../../src/safety/${folder}/weights.json`, import.meta.url);
  const text = `${JSON.stringify(weights, null, 2)}\n`;
  writeFileSync(path, text);
  console.log(`src/safety/${folder}/weights.json: ${Math.round(text.length / 1024)} KB`);
}
