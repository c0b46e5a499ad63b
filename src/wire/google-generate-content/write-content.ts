// Canonical messages as Google's `contents` and `systemInstruction`.
import type { CanonicalRequest, MediaSource, Message, Part } from '../../contract/canonical.ts';
import { RequestError } from '../../kernel/errors.ts';
import { isRecord, parseOrUndefined } from '../read-json.ts';
import { isLeftover } from '../refused-parameters.ts';

const SHAPE = 'google-generate-content';

/**
 * Stands in for the signature of a call that another model made, or whose signature its client did not keep: models that require one
 * accept it (Google, "Thought signatures", on histories of other models).
 */
const NO_SIGNATURE = 'skip_thought_signature_validator';

export type GooglePart = Readonly<Record<string, unknown>>;

export interface Content {
  readonly role: 'user' | 'model';
  readonly parts: GooglePart[];
}

export interface WrittenMessages {
  readonly system: readonly GooglePart[];
  readonly contents: readonly Content[];
}

/** All messages of a request. Throws a RequestError naming the part that Google can't take. */
export function writeMessages(request: CanonicalRequest): WrittenMessages {
  const names = callNames(request.messages);
  const system: GooglePart[] = [];
  const contents: Content[] = [];
  request.messages.forEach((message, index) => {
    const parts = writeParts(message, names, `messages[${index}]`);
    if (message.role === 'system' || message.role === 'developer') {
      system.push(...parts);
      return;
    }
    if (parts.length === 0) return;
    const role = message.role === 'assistant' ? 'model' : 'user';
    const last = contents.at(-1);
    if (last?.role === role) last.parts.push(...parts);
    else contents.push({ role, parts });
  });
  if (contents.length === 0)
    throw new RequestError({
      code: 'invalid_value',
      message: 'Google needs at least one user or assistant message with content.',
      param: 'messages',
    });
  return { system, contents };
}

/** Results name the function, which the canonical form tells by the id of its call. */
function callNames(messages: readonly Message[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const message of messages)
    for (const part of message.parts) if (part.type === 'tool-call') names.set(part.id, part.name);
  return names;
}

/** A reasoning part with a signature and no text signs the part after it; at the end it stands alone. */
function writeParts(message: Message, names: ReadonlyMap<string, string>, where: string): GooglePart[] {
  const written: GooglePart[] = [];
  let signature: string | undefined;
  let isSigned = false;
  message.parts.forEach((part, index) => {
    if (part.type === 'reasoning') {
      signature = part.signature ?? signature;
      return;
    }
    const parts = writePart(part, names, `${where}.content[${index}]`);
    const first = parts[0];
    if (first === undefined) return;
    const needsOne = part.type === 'tool-call' && !isSigned;
    const sign = signature ?? (needsOne ? NO_SIGNATURE : undefined);
    if (part.type === 'tool-call') isSigned = true;
    written.push(sign === undefined ? first : { ...first, thoughtSignature: sign }, ...parts.slice(1));
    signature = undefined;
  });
  if (signature !== undefined) written.push({ text: '', thoughtSignature: signature });
  return written;
}

function writePart(part: Part, names: ReadonlyMap<string, string>, where: string): GooglePart[] {
  if (part.native?.shape === SHAPE) return [part.native.value as GooglePart];
  switch (part.type) {
    case 'text':
    case 'refusal':
      return part.text === '' ? [] : [{ text: part.text }];
    case 'image':
      return [writeMedia(part.source, 'image/jpeg')];
    case 'document':
      return [writeMedia(part.source, 'application/pdf')];
    case 'audio':
      return [{ inlineData: { mimeType: `audio/${part.format}`, data: part.data } }];
    case 'reasoning':
      return [];
    case 'tool-call':
      return [
        { functionCall: { id: part.id, name: part.name, args: writeArguments(part.arguments, where) } },
      ];
    case 'tool-result':
      return writeResult(part, names, where);
    default:
      if (isLeftover(part.native)) return [];
      throw unsupported(where, `Google can't read content of the shape ${part.native.shape}.`);
  }
}

function writeArguments(text: string, where: string): unknown {
  if (text.trim() === '') return {};
  const value = parseOrUndefined(text);
  if (isRecord(value)) return value;
  throw unsupported(where, 'the arguments of a tool call must be a JSON object.');
}

/** `output` or `error` are the keys the vendor documents for a result that is no object of its own. Media follow as parts of their own. */
function writeResult(
  part: Extract<Part, { type: 'tool-result' }>,
  names: ReadonlyMap<string, string>,
  where: string,
): GooglePart[] {
  const name = names.get(part.id);
  if (name === undefined)
    throw unsupported(where, `no earlier message calls the tool whose result has the id ${part.id}.`);
  const text = part.parts.map((each) => (each.type === 'text' ? each.text : '')).join('');
  const output = parseOrUndefined(text) ?? text;
  const media = part.parts.filter((each) => each.type !== 'text');
  return [
    {
      functionResponse: { id: part.id, name, response: part.isError === true ? { error: text } : { output } },
    },
    ...media.flatMap((each, index) => writePart(each, names, `${where}.content[${index}]`)),
  ];
}

const TYPES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
  heic: 'image/heic',
  pdf: 'application/pdf',
  txt: 'text/plain',
};

function writeMedia(source: MediaSource, fallback: string): GooglePart {
  if (source.kind === 'base64') return { inlineData: { mimeType: source.mediaType, data: source.data } };
  const uri = source.kind === 'url' ? source.url : source.id;
  const extension = /\.([a-z]{3,4})(?:[?#]|$)/i.exec(uri)?.[1]?.toLowerCase();
  return { fileData: { fileUri: uri, mimeType: (extension && TYPES[extension]) || fallback } };
}

function unsupported(param: string, message: string): RequestError {
  return new RequestError({ code: 'unsupported_parameter', message: `\`${param}\`: ${message}`, param });
}
