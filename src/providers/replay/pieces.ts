// Cuts the text of an event into pieces as a stream would bring it, never inside a surrogate pair.
import type { CanonicalEvent } from '../../contract/canonical.ts';

/** Pieces of at most `size` UTF-16 units (one more where a pair would be cut); together they are the text. */
export function cutText(text: string, size: number): readonly string[] {
  const pieces: string[] = [];
  let start = 0;
  while (start < text.length) {
    let end = Math.min(text.length, start + size);
    const last = text.charCodeAt(end - 1);
    if (last >= 0xd800 && last < 0xdc00 && end < text.length) end += 1;
    pieces.push(text.slice(start, end));
    start = end;
  }
  return pieces;
}

/** The event as several, where it carries text. */
export function inPieces(event: CanonicalEvent, size: number): readonly CanonicalEvent[] {
  switch (event.type) {
    case 'text-delta':
    case 'refusal-delta':
    case 'reasoning-delta':
      return cutText(event.text, size).map((text) => ({ ...event, text }));
    case 'tool-call-delta':
      return cutText(event.arguments, size).map((piece) => ({ ...event, arguments: piece }));
    case 'start':
    case 'tool-call-start':
    case 'opaque':
    case 'usage':
    case 'finish':
    default:
      return [event];
  }
}
