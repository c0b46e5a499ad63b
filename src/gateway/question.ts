// What the caller asks, apart from what a prompt wraps around it: rules and recordings go by it. Pure.
import type { CanonicalRequest, Message } from '../contract/canonical.ts';

/** Variables that hold the end user's question, the likeliest first. */
const QUESTION_VARIABLES: readonly string[] = [
  'question',
  'instruction',
  'query',
  'input',
  'message',
  'text',
];

function textOf(message: Message): string {
  let text = '';
  for (const part of message.parts)
    if (part.type === 'text') text += text === '' ? part.text : `\n${part.text}`;
  return text;
}

function lastUserText(messages: readonly Message[]): string | undefined {
  for (let index = messages.length - 1; index >= 0; index -= 1) {
    const message = messages[index] as Message;
    if (message.role === 'user') return textOf(message);
  }
  return undefined;
}

/**
 * The text of the last user message the caller sent; with a managed prompt and no message, the variable named like a question, or the
 * only variable. Empty when there is none.
 */
export function questionOf(request: Pick<CanonicalRequest, 'messages' | 'prompt'>): string {
  const sent = lastUserText(request.messages);
  if (sent !== undefined || request.prompt === undefined) return sent ?? '';
  const { variables } = request.prompt;
  const name = QUESTION_VARIABLES.find((one) => variables[one] !== undefined) ?? Object.keys(variables)[0];
  return name === undefined ? '' : (variables[name] ?? '');
}
