// Reads the samples of an OpenAI eval: JSONL lines {input, ideal}, with input a text or a chat. Pure.
import { isJsonObject, textsOfRole } from './chat-messages.ts';
import { fileName, type Imported, type ImportedCase, type ImportedPrompt } from './imported-suite.ts';

interface Sample {
  readonly system: string;
  readonly question: string;
  readonly ideal: string | readonly string[] | undefined;
}

function readSample(value: unknown): Sample | string {
  if (!isJsonObject(value)) return 'not an object';
  const input = value['input'];
  const of = (role: string): string[] => textsOfRole(input, role);
  const users = typeof input === 'string' ? [input] : of('user');
  // Some evals ask in the system message alone.
  const system = typeof input === 'string' ? [] : of('system');
  if (users.length === 0 && system.length === 0) return 'it has no input';
  if (of('assistant').length > 0 || users.length > 1) return 'a conversation of several turns';
  const ideal = value['ideal'];
  return {
    system: users.length === 0 ? '' : system.join('\n'),
    question: users[0] ?? system.join('\n'),
    ideal: typeof ideal === 'string' ? ideal : Array.isArray(ideal) ? ideal.map(String) : undefined,
  };
}

/** `scorer`: what an eval's class means here: Match (the default) is `contains`, exact equality is `exact`. */
export function importOpenaiEvals(
  lines: readonly unknown[],
  name: string,
  scorer: 'contains' | 'exact',
): Imported {
  const leftOut: string[] = [];
  const cases: ImportedCase[] = [];
  const systems = new Set<string>();
  for (const [index, line] of lines.entries()) {
    const sample = readSample(line);
    if (typeof sample === 'string') {
      leftOut.push(`line ${index + 1}: ${sample}`);
      continue;
    }
    systems.add(sample.system);
    const { question, system, ideal } = sample;
    if (ideal === undefined) leftOut.push(`line ${index + 1}: no "ideal", the case has no reference`);
    cases.push({ variables: { system, question }, ...(ideal === undefined ? {} : { reference: ideal }) });
  }
  const hasSystem = [...systems].some((system) => system !== '');
  const kept = cases.map(({ variables, ...one }) => ({
    ...one,
    variables: hasSystem ? variables : { question: variables['question'] ?? '' },
  }));
  const prompt: ImportedPrompt = {
    name: fileName(name, 'imported'),
    system: hasSystem ? '{system}' : null,
    user: '{question}',
  };
  return {
    prompts: [prompt],
    suites:
      kept.length === 0 ? [] : [{ name: prompt.name, cases: kept, scorers: [{ scorer, threshold: 1 }] }],
    leftOut,
  };
}
