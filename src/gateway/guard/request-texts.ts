// Every text that a caller brings with a request, by place, and the request with some of them replaced. Whatever is changed loses its
// vendor's own form, so that writers build it anew. Pure.
import type { CanonicalRequest, Message, Part } from '../../contract/canonical.ts';

export interface PlacedText {
  /** `messages[2].parts[0]`, `prompt.variables.question`. */
  readonly place: string;
  readonly text: string;
}

type Replace = (place: string, text: string) => string;

function mapPart(part: Part, place: string, replace: Replace): Part {
  switch (part.type) {
    case 'text':
    case 'refusal':
    case 'reasoning': {
      const text = replace(place, part.text);
      if (text === part.text) return part;
      const { native: _stale, ...rest } = part;
      return { ...rest, text };
    }
    case 'tool-call': {
      const text = replace(place, part.arguments);
      if (text === part.arguments) return part;
      const { native: _stale, ...rest } = part;
      return { ...rest, arguments: text };
    }
    case 'tool-result': {
      const parts = mapParts(part.parts, `${place}.parts`, replace);
      if (parts === part.parts) return part;
      const { native: _stale, ...rest } = part;
      return { ...rest, parts };
    }
    case 'image':
    case 'document':
    case 'audio':
    case 'opaque':
      return part;
  }
}

/** The parts with their texts replaced; the same array where nothing changed. */
export function mapParts(parts: readonly Part[], place: string, replace: Replace): readonly Part[] {
  let changed = false;
  const mapped = parts.map((part, index) => {
    const after = mapPart(part, `${place}[${index}]`, replace);
    changed ||= after !== part;
    return after;
  });
  return changed ? mapped : parts;
}

function mapMessage(message: Message, place: string, replace: Replace): Message {
  const parts = mapParts(message.parts, `${place}.parts`, replace);
  if (parts === message.parts) return message;
  const { native: _stale, ...rest } = message;
  return { ...rest, parts };
}

/** The request with each text replaced; the very same where nothing changed. */
export function mapTexts(request: CanonicalRequest, replace: Replace): CanonicalRequest {
  let changed = false;
  const messages = request.messages.map((message, index) => {
    const after = mapMessage(message, `messages[${index}]`, replace);
    changed ||= after !== message;
    return after;
  });
  const variables: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.prompt?.variables ?? {})) {
    const after = replace(`prompt.variables.${name.slice(0, 100)}`, value);
    variables[name] = after;
    changed ||= after !== value;
  }
  if (!changed) return request;
  const { native: _stale, ...rest } = request;
  if (request.prompt === undefined) return { ...rest, messages };
  return { ...rest, messages, prompt: { ...request.prompt, variables } };
}

/** All texts, in order; empty ones left out. */
export function textsOf(request: CanonicalRequest): PlacedText[] {
  const texts: PlacedText[] = [];
  mapTexts(request, (place, text) => {
    if (text !== '') texts.push({ place, text });
    return text;
  });
  return texts;
}

/** Kinds of content that no text guardrail can look into. */
export function unreadableKinds(parts: readonly Part[]): string[] {
  return parts.flatMap((part) => {
    if (part.type === 'tool-result') return unreadableKinds(part.parts);
    return part.type === 'image' ||
      part.type === 'document' ||
      part.type === 'audio' ||
      part.type === 'opaque'
      ? [part.type]
      : [];
  });
}
