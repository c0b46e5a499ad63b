// A recording: questions and the answers that models gave them, read from JSONL once and indexed by question.
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { readJsonLines } from '../../kernel/jsonl.ts';
import { didYouMean } from '../../kernel/nearest.ts';
import { BinnacleError } from '../../kernel/errors.ts';
import { isRecord, listOf, stringOf, type JsonRecord } from '../../wire/read-json.ts';

export interface RecordedToolCall {
  readonly id: string;
  readonly name: string;
  /** JSON text. */
  readonly arguments: string;
}

/** One recorded answer. */
export interface RecordedAnswer {
  readonly text: string;
  readonly toolCalls: readonly RecordedToolCall[];
  readonly reasoning: string;
  /** The vendor's word, where it was recorded. */
  readonly finishReason: string | undefined;
  /** A raw usage object in any vendor's shape, or disjoint classes. */
  readonly usage: JsonRecord | undefined;
  readonly latencyMs: number | undefined;
  readonly ttftMs: number | undefined;
}

/** Answers to one question by model; the empty name answers for every model. */
type ByModel = Map<string, RecordedAnswer>;

/** Questions compared with an unknown one to find the nearest: beyond, it would take too long. */
const MAX_COMPARED = 2000;

/** What spelling of a question counts as the same: surrounding white space and line ends do not matter, everything else does. */
function keyOf(question: string): string {
  return question.replaceAll('\r\n', '\n').trim();
}

function milliseconds(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}

function readToolCall(value: unknown, position: number): RecordedToolCall[] {
  if (!isRecord(value)) return [];
  const named = isRecord(value['function']) ? value['function'] : value;
  const given = named['arguments'];
  return [
    {
      id: stringOf(value['id']) ?? `call_${position}`,
      name: stringOf(named['name']) ?? '',
      arguments: typeof given === 'string' ? given : JSON.stringify(given ?? {}),
    },
  ];
}

function readAnswer(value: unknown, around: JsonRecord): RecordedAnswer | undefined {
  const answer: JsonRecord = isRecord(value) ? value : { ...around, text: value };
  const calls = listOf(answer['tool_calls']).flatMap((call, position) => readToolCall(call, position));
  const text = stringOf(answer['text']) ?? stringOf(answer['answer']);
  if (text === undefined && calls.length === 0) return undefined;
  return {
    text: text ?? '',
    toolCalls: calls,
    reasoning: stringOf(answer['reasoning']) ?? '',
    finishReason: stringOf(answer['finish_reason']),
    usage: isRecord(answer['usage']) ? answer['usage'] : undefined,
    latencyMs: milliseconds(answer['latency_ms']),
    ttftMs: milliseconds(answer['ttft_ms']),
  };
}

function brokenLine(path: string, index: number, what: string): BinnacleError {
  return new BinnacleError({
    code: 'broken_recording',
    message: `${path}, line ${index + 1}: ${what}. A line is {"question", "model"?, "answer"} or {"question", "answers": {model: {"text"}}}.`,
    httpStatus: 500,
    param: path,
  });
}

function addLine(byQuestion: Map<string, ByModel>, line: JsonRecord, path: string, index: number): void {
  const question = stringOf(line['question']) ?? stringOf(line['instruction']) ?? stringOf(line['prompt']);
  if (question === undefined) throw brokenLine(path, index, 'it has no question');
  const key = keyOf(question);
  const answers = byQuestion.get(key) ?? new Map<string, RecordedAnswer>();
  byQuestion.set(key, answers);
  if (isRecord(line['answers'])) {
    for (const model of Object.keys(line['answers'])) {
      const answer = readAnswer(line['answers'][model], {});
      if (answer === undefined) throw brokenLine(path, index, `the answer of "${model}" has no text`);
      answers.set(model, answer);
    }
    return;
  }
  const answer = readAnswer(line['answer'], line);
  if (answer === undefined) throw brokenLine(path, index, 'it has no answer');
  answers.set(stringOf(line['model']) ?? '', answer);
}

/** What a newcomer with a question of their own needs to know. */
const SIMULATED =
  "This model's answers are simulated: ask what was recorded, or give the model a real provider in models.yaml.";

export class Recording {
  /** Without its folder: callers read it in messages, and where it lies is none of their business. */
  readonly #file: string;
  readonly #byQuestion: ReadonlyMap<string, ByModel>;

  constructor(path: string, byQuestion: ReadonlyMap<string, ByModel>) {
    this.#file = basename(path);
    this.#byQuestion = byQuestion;
  }

  get size(): number {
    return this.#byQuestion.size;
  }

  /** The answer of a model to a question, or why there is none in one sentence. */
  find(question: string, model: string): RecordedAnswer | { readonly missing: string } {
    const answers = this.#byQuestion.get(keyOf(question));
    if (answers === undefined) {
      const near = didYouMean(question, [...this.#byQuestion.keys()].slice(0, MAX_COMPARED));
      return {
        missing: `${this.#file} has no recorded answer to the question "${shorten(question)}".${near} ${SIMULATED}`,
      };
    }
    const answer = answers.get(model) ?? answers.get('');
    if (answer !== undefined) return answer;
    const models = [...answers.keys()];
    return {
      missing: `${this.#file} has answers to this question, but none of "${model}", only of ${models.slice(0, 10).join(', ')}.${didYouMean(model, models)}`,
    };
  }
}

function shorten(text: string): string {
  return text.length <= 120 ? text : `${text.slice(0, 119)}…`;
}

/** Reads a recording whole. Throws a BinnacleError naming file and line. */
export async function readRecording(path: string): Promise<Recording> {
  try {
    await stat(path);
  } catch (error) {
    throw new BinnacleError({
      code: 'no_recording',
      message: `The recording ${path} can't be read: check "file" in the provider's options.`,
      httpStatus: 500,
      param: path,
      cause: error,
    });
  }
  const byQuestion = new Map<string, ByModel>();
  for await (const line of readJsonLines(path)) {
    if ('error' in line) throw brokenLine(path, line.index, 'it is not JSON');
    if (!isRecord(line.value)) throw brokenLine(path, line.index, 'it is no object');
    addLine(byQuestion, line.value, path, line.index);
  }
  return new Recording(path, byQuestion);
}
