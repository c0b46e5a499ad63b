// Start-up as a part: time to the first answer on an empty folder, time to ready and memory of each process with and without a past.
import { z } from 'zod';
import { scratchFolder, startUp, stopUp } from '../end-to-end/installation.ts';
import { figuresOf } from './child.ts';
import { atMost, exactly, notMeasured, type Part, type Row } from './part.ts';

const memorySchema = z.object({ resident: z.number(), proportional: z.number() });

const figuresSchema = z.array(
  z.object({
    interactions: z.number(),
    times: z.array(z.object({ what: z.string(), median: z.number() })),
    memory: z.array(z.object({ process: z.string(), ready: memorySchema, idle: memorySchema })),
  }),
);
type Figures = z.output<typeof figuresSchema>[number];

/** MiB after some idle seconds. */
const MOST_MEMORY: Readonly<Record<string, number>> = {
  gateway: 250,
  console: 250,
  ledger: 1024,
  supervisor: 250,
};

function rowsOf({ interactions, times, memory }: Figures): Row[] {
  const past = `${interactions} recorded`;
  return [
    ...times
      .filter(({ what }) => !what.includes('first time'))
      .map(({ what, median }) => atMost(`${past}: ${what}`, median, 2000, 'ms')),
    ...memory.map(({ process: name, idle }) =>
      atMost(`${past}: memory of the ${name}, idle`, idle.resident, MOST_MEMORY[name] ?? Number.NaN, 'MiB'),
    ),
  ];
}

async function firstAnswer(): Promise<Row[]> {
  using folder = scratchFolder();
  const begun = performance.now();
  const started = await startUp(folder.path, ['--demo', '--port', '0', '--console-port', '0']);
  try {
    const answer = await fetch(`${started.running.gateway}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'auto', messages: [{ role: 'user', content: 'Where is my order?' }] }),
    });
    await answer.text();
    const seconds = (performance.now() - begun) / 1000;
    return [
      exactly('status of the first answer', answer.status, 200),
      atMost('first answer after the command, on an empty folder', seconds, 60, 's'),
    ];
  } finally {
    await stopUp(started);
  }
}

export const startUpTime: Part = {
  name: 'start-up',
  what: 'from the command to the first answer, without key or service; time to ready and memory of each process',
  data: [],
  fast: false,
  timed: true,
  run: async ({ full }) => {
    const first = await firstAnswer();
    if (process.platform !== 'linux')
      return [...first, notMeasured('memory of the processes', 'is read from /proc, which Linux alone has')];
    const extent = full ? ['5'] : ['2', '--interactions', '0,20000', '--idle', '5'];
    const all = await figuresOf(figuresSchema, ['bench/start-up.ts', ...extent, '--json']);
    return [...first, ...all.flatMap(rowsOf)];
  },
};
