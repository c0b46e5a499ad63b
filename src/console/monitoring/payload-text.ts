// Question and answer out of stored payloads, as gateways and imports write them. What can't be read is undefined.
import { z } from 'zod';

const messageSchema = z.looseObject({ role: z.string(), content: z.unknown() });
const requestSchema = z.union([
  z.looseObject({ question: z.string().optional(), messages: z.array(messageSchema) }),
  z.array(messageSchema).transform((messages) => ({ question: undefined, messages })),
]);
const responseSchema = z.union([
  z.looseObject({ text: z.string(), refusal: z.string().optional() }),
  z
    .array(messageSchema)
    .transform((messages) => ({ text: textOf(messages.at(-1)?.content), refusal: undefined })),
]);

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  const parts: unknown[] = content;
  return parts.map((part) => z.looseObject({ text: z.string() }).safeParse(part).data?.text ?? '').join('\n');
}

function parsed<Schema extends z.ZodType>(text: string, schema: Schema): z.output<Schema> | undefined {
  if (text === '') return undefined;
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** What the user asked last. */
export function questionIn(request: string): string | undefined {
  const read = parsed(request, requestSchema);
  if (read === undefined) return undefined;
  return read.question ?? textOf(read.messages.findLast((message) => message.role === 'user')?.content);
}

/** What was answered; a refusal where there is only one. */
export function answerIn(response: string): string | undefined {
  const read = parsed(response, responseSchema);
  return read === undefined ? undefined : read.text === '' ? (read.refusal ?? '') : read.text;
}
