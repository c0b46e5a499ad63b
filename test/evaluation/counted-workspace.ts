// A workspace of one prompt over the counting upstream, in a scratch folder.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export async function makeCountedWorkspace(folder: string, upstream: string, cases: number): Promise<void> {
  for (const name of ['prompts', 'suites']) await mkdir(join(folder, name), { recursive: true });
  const write = (path: string, text: string): Promise<void> => writeFile(join(folder, path), text);
  await write('binnacle.yaml', 'name: counted\n');
  await write(
    'models.yaml',
    [
      'providers:',
      `  counted: { kind: openai, base_url: "${upstream}", allow_private: true }`,
      'models:',
      '  small: { provider: counted, upstream_model: m, prices: [{ input: "1", output: "2" }] }',
    ].join('\n'),
  );
  await write(
    'prompts/ask.yaml',
    'prompt_id: "ask-v1.0"\nmodel: small\nuser_prompt_template: "{question}"\nmax_tokens: 20\n',
  );
  const lines = Array.from({ length: cases }, (_, index) =>
    JSON.stringify({
      variables: { question: `question ${index}` },
      reference: `answer to question ${index}`,
    }),
  );
  await write('suites/cases.jsonl', `${lines.join('\n')}\n`);
  await write(
    'suites/counted.yaml',
    'prompt: ask\ncases_from: [{ file: suites/cases.jsonl }]\nscorers: [{ scorer: exact }]\n',
  );
}
