// How fast this machine is at the moment, by a piece of work that is always the same: shared machines differ by a factor of several from hour
// to hour, and a load average does not tell.

const DOCUMENT = JSON.stringify({
  model: 'gpt-4o-mini',
  temperature: 0.2,
  messages: Array.from({ length: 6 }, (_, index) => ({
    role: index % 2 === 0 ? 'user' : 'assistant',
    content: `${index}: Where is my order 4711? It should have come on Monday, and nobody answers. `.repeat(
      3,
    ),
  })),
});
const WINDOWS = 7;
const WINDOW_MS = 40;

/** Megabytes of JSON that one thread reads and writes again in a second, median of some windows. */
export function measurePace(): number {
  const paces = Array.from({ length: WINDOWS }, () => {
    const begun = performance.now();
    let bytes = 0;
    while (performance.now() - begun < WINDOW_MS)
      for (let turn = 0; turn < 20; turn += 1) bytes += JSON.stringify(JSON.parse(DOCUMENT)).length;
    return bytes / (performance.now() - begun) / 1000;
  });
  return paces.toSorted((a, b) => a - b)[WINDOWS >> 1] ?? 0;
}
