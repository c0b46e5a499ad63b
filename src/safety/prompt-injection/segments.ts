// A text in sentences and lines: an instruction planted in a long innocent text shows in its own segment.

const BORDER = /(?<=[.!?。])\s+|\n+/;
const SHORTEST = 25;
const LONGEST = 600;
const MOST = 48;

/** Segments in order; short ones join their neighbour, and of very many the middle is left out. */
export function segmentsOf(text: string): string[] {
  const segments: string[] = [];
  let current = '';
  for (const piece of text.split(BORDER)) {
    current = current === '' ? piece : `${current} ${piece}`;
    if (current.length < SHORTEST) continue;
    segments.push(current.slice(0, LONGEST));
    current = '';
  }
  if (current !== '') {
    if (segments.length > 0) segments[segments.length - 1] += ` ${current}`;
    else segments.push(current);
  }
  return segments.length <= MOST ? segments : [...segments.slice(0, MOST / 2), ...segments.slice(-MOST / 2)];
}
