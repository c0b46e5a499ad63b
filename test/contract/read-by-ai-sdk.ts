// Recorded answers read by the AI SDK's packages, and held against what we read.
import type {
  LanguageModelV4,
  LanguageModelV4Content,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
} from '@ai-sdk/provider';
import { expect } from 'vitest';
import type { Usage } from '../../src/contract/usage.ts';
import { streamBytes, type Recording } from './wire-recordings.ts';

export interface Compared {
  readonly text: string;
  readonly reasoning: string;
  readonly calls: readonly { readonly name: string; readonly arguments: unknown }[];
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly output: number;
}

/** recording → field → why we read it otherwise. */
export type Differences = Readonly<Record<string, Readonly<Partial<Record<keyof Compared, string>>>>>;

const PROMPT = [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'hi' }] }];

/** The classes of a usage as the SDK counts them: its output holds the thoughts. */
export function comparedUsage(
  usage: Usage | null,
): Pick<Compared, 'input' | 'cacheRead' | 'cacheWrite' | 'output'> {
  return {
    input: usage?.input ?? 0,
    cacheRead: usage?.cache_read ?? 0,
    cacheWrite: usage?.cache_write ?? 0,
    output: (usage?.output ?? 0) + (usage?.reasoning ?? 0),
  };
}

/** Answers every request with the recording. */
export function replaying(recording: Recording): typeof fetch {
  const isStream = recording.kind === 'stream';
  const body = isStream ? Buffer.from(streamBytes(recording)) : recording.body;
  const headers = { 'content-type': isStream ? 'text/event-stream' : 'application/json' };
  return async () => await Promise.resolve(new Response(body, { headers }));
}

/** The calls that a part leaves to the caller: one or none. */
function callsIn(part: LanguageModelV4Content | LanguageModelV4StreamPart): Compared['calls'] {
  if (part.type === 'tool-approval-request') return [{ name: part.type, arguments: {} }];
  if (part.type !== 'tool-call' || part.providerExecuted === true) return [];
  const text = part.input === '' ? '{}' : part.input;
  return [{ name: part.toolName, arguments: JSON.parse(text) as unknown }];
}

export async function readBySdk(model: LanguageModelV4, kind: Recording['kind']): Promise<Compared> {
  let text = '';
  let reasoning = '';
  let usage: LanguageModelV4Usage | undefined;
  const calls: Compared['calls'][number][] = [];
  if (kind === 'json') {
    const answer = await model.doGenerate({ prompt: PROMPT });
    usage = answer.usage;
    for (const part of answer.content) {
      if (part.type === 'text') text += part.text;
      if (part.type === 'reasoning') reasoning += part.text;
      calls.push(...callsIn(part));
    }
  } else {
    const { stream } = await model.doStream({ prompt: PROMPT });
    for await (const part of stream) {
      if (part.type === 'text-delta') text += part.delta;
      if (part.type === 'reasoning-delta') reasoning += part.delta;
      if (part.type === 'finish') usage = part.usage;
      if (part.type === 'error') throw part.error;
      calls.push(...callsIn(part));
    }
  }
  return {
    text,
    reasoning,
    calls,
    input: usage?.inputTokens.noCache ?? 0,
    cacheRead: usage?.inputTokens.cacheRead ?? 0,
    cacheWrite: usage?.inputTokens.cacheWrite ?? 0,
    output: usage?.outputTokens.total ?? 0,
  };
}

/** Every field of ours is theirs, but for those that are listed with a reason: these must differ. */
export function expectAgreement(
  ours: Partial<Compared>,
  theirs: Compared,
  listed: Differences[string] = {},
): void {
  for (const field of Object.keys(ours) as (keyof Compared)[]) {
    if (listed[field] === undefined) expect(ours[field], field).toEqual(theirs[field]);
    else
      expect(ours[field], `${field} agrees now: take the difference off the list`).not.toEqual(theirs[field]);
  }
}
