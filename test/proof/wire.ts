// Recorded answers of vendors: all are read, and the tests that hold each of them to what it says.
import { readFileSync } from 'node:fs';
import { messageOf } from '../../src/kernel/errors.ts';
import { parseAnswer } from '../../src/wire/parse-answer.ts';
import { runTests, testsRow } from './child.ts';
import { dataPath, exactly, type Part } from './part.ts';

const SPOKEN = ['openai', 'anthropic', 'google', 'openai-compatible', 'xai', 'groq', 'deepseek', 'mistral'];

interface Recording {
  readonly provider: string;
  readonly path: string;
}

/** A body that a vendor sent and that is no answer of a model (an upload, an error) is told as such, never as text. */
function isRead(recording: Recording): boolean {
  try {
    const { text, tool_calls, usage, finish_reason } = parseAnswer(recording);
    return usage !== null || finish_reason === 'error' || text !== '' || tool_calls.length > 0;
  } catch (error) {
    return /no answer|not an answer|not a chat completion|spliced|cut|message/i.test(messageOf(error));
  }
}

export const wire: Part = {
  name: 'wire',
  what: "vendors' recorded answers read to the letter, cut anywhere",
  data: ['wire.jsonl'],
  fast: false,
  timed: false,
  run: async () => {
    const lines = readFileSync(dataPath('wire.jsonl'), 'utf8').trim().split('\n');
    const rows = lines.map((line) => JSON.parse(line) as Recording);
    const spoken = rows.filter(({ provider }) => SPOKEN.includes(provider));
    const run = (...files: string[]): ReturnType<typeof runTests> => runTests(files);
    return [
      exactly(
        'recordings of the eight spoken formats read or refused as no answer',
        spoken.filter(isRead).length,
        spoken.length,
      ),
      testsRow(
        'text, tool calls and disjoint usage right; cut at every position the same',
        await run('test/contract/wire-recordings.test.ts', 'test/contract/openai-recordings.test.ts'),
      ),
      testsRow("agreement with the AI SDK's readers", await run('test/contract/ai-sdk-differential.test.ts')),
    ];
  },
};
