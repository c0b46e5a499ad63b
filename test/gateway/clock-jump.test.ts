// The wall clock is set an hour on or back while requests are under way: durations stay what they were, no interaction ends before it began,
// ids stay unique, and a limit neither opens nor locks.
import { expect, it } from 'vitest';
import { startScratchGateway } from './scratch-gateway.ts';

const HOUR = 3_600_000;

it.each([HOUR, -HOUR])('a jump of %i ms inside of a stream', async (jump) => {
  let offset = 0;
  const clock = { now: () => Date.now() + offset, monotonic: () => performance.now() };
  const limit = {
    name: 'few',
    subject: 'workspace',
    of: null,
    requestsPerMinute: 4,
    tokensPerMinute: null,
    concurrent: null,
  } as const;
  await using gateway = await startScratchGateway({ limits: [limit] }, { clock });
  const ask = async (stream: boolean): Promise<number> => {
    const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({
        model: stream ? 'slow' : 'small',
        stream,
        messages: [{ role: 'user', content: 'one two three four five six seven' }],
      }),
    });
    const text = await answer.text();
    if (stream) expect(text).toContain('[DONE]');
    return answer.status;
  };
  const open = ask(true);
  await expect.poll(() => gateway.upstream.requests.length).toBe(1);
  offset = jump;
  const after = await Promise.all([open, ask(false), ask(false), ask(false)]);
  expect(after).toEqual([200, 200, 200, 200]);
  expect(await ask(false)).toBe(429);
  const rows = (await gateway.ends()).filter(({ status }) => status === 'ok');
  expect(new Set(rows.map(({ id }) => id)).size).toBe(4);
  for (const row of rows) {
    expect(row.latency_ms).toBeGreaterThan(0);
    expect(row.latency_ms).toBeLessThan(10_000);
    expect(Math.abs(row.ended_at - row.at - row.latency_ms)).toBeLessThan(2);
    for (const { latency_ms } of row.attempts) expect(latency_ms).toBeGreaterThanOrEqual(0);
  }
});
