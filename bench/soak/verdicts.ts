// What a soak has to show, from what was seen each second. Kept connections are no leak: they may be as many as there were requests at
// once, and go when nobody uses them. What adds up is one.
import type { Descriptors } from './descriptors.ts';
import { slopeOf, type Slope } from './slope.ts';

export interface Sample extends Descriptors {
  readonly second: number;
  readonly megabytes: number;
}

export interface Seen {
  readonly seconds: number;
  readonly samples: readonly Sample[];
  /** Requests that the gateway may have had under way at once. */
  readonly mostAtOnce: number;
  /** Connections that the clients had open at most. */
  readonly mostFromClients: number;
  /** After the load, once idle connections had their time to close. */
  readonly atRest: Descriptors;
  readonly sent: number;
  readonly failed: number;
  readonly recorded: number;
  readonly brokenOff: number;
}

export interface Judged {
  readonly promise: string;
  readonly figure: string;
  /** Null: not judged. */
  readonly isKept: boolean | null;
}

/** Memory is judged in runs as long as this at least: caches and the heap take some three minutes to fill. */
const LEAST_SECONDS = 240;
/** Share of the run in which caches fill and code is compiled. */
const WARM_UP = 0.25;
/** Descriptors that may be open in passing just as they are counted. */
const IN_PASSING = 2;
/** undici takes a connection back a turn after its answer; until then another is opened. */
const KEPT_OVER_BUSY = 1.25;

const round = (value: number, digits = 1): number => Number(value.toFixed(digits));

export interface MemoryFigures {
  readonly least: number;
  readonly most: number;
  /** A minute, after the warm-up and in the last half of that time. */
  readonly slope: Slope;
  readonly lastHalf: Slope;
}

export function warmSamples({ samples, seconds }: Pick<Seen, 'samples' | 'seconds'>): readonly Sample[] {
  return samples.filter(({ second }) => second > seconds * WARM_UP);
}

export function memoryFigures(warm: readonly Sample[]): MemoryFigures {
  const points = warm.map(({ second, megabytes }) => [second / 60, megabytes] as const);
  const held = warm.map(({ megabytes }) => megabytes);
  return {
    least: round(Math.min(...held)),
    most: round(Math.max(...held)),
    slope: slopeOf(points),
    lastHalf: slopeOf(points.slice(points.length / 2)),
  };
}

function memory(seen: Seen): Judged {
  const { most, lastHalf } = memoryFigures(warmSamples(seen));
  // While caches fill and the heap takes its size memory grows: what is asked of is the last half. At the upper end of its interval it must
  // come to less than a twentieth of what is held.
  const minutes = (seen.seconds * (1 - WARM_UP)) / 2 / 60;
  const isFlat = lastHalf.interval[1] * minutes < 0.05 * most;
  const figure = `${lastHalf.slope} MB a minute, 95 % interval ${lastHalf.interval[0]} to ${lastHalf.interval[1]}; ${most} MB at most`;
  return { promise: 'memory is flat', figure, isKept: seen.seconds >= LEAST_SECONDS ? isFlat : null };
}

/** Files and other sockets come and go, but the fewest of a while go up only when something is never closed. */
function files(seen: Seen): Judged {
  const warm = warmSamples(seen);
  const counts = warm.map(({ files: open, otherSockets }) => open + otherSockets);
  const sixth = Math.ceil(counts.length / 6);
  const first = Math.min(...counts.slice(0, sixth));
  const last = Math.min(...counts.slice(-sixth));
  const figure = `${first} at first, ${last} at last`;
  return {
    promise: 'files and other descriptors do not grow',
    figure,
    isKept: last <= first + IN_PASSING,
  };
}

function connections(promise: string, counts: readonly number[], most: number): Judged {
  const held = Math.max(...counts);
  return {
    promise,
    figure: `${held} held, ${most} at once`,
    isKept: most > 0 && held <= most * KEPT_OVER_BUSY + IN_PASSING,
  };
}

function rest(seen: Seen): Judged {
  const { vendor, clients, otherSockets, files: open } = seen.atRest;
  const others = Math.min(...warmSamples(seen).map((one) => one.files + one.otherSockets));
  return {
    promise: 'idle connections are closed after the load',
    figure: `${vendor} to the vendor, ${clients} of clients, ${open + otherSockets} other descriptors`,
    isKept: vendor === 0 && clients === 0 && open + otherSockets <= others + IN_PASSING,
  };
}

export function verdictsOf(seen: Seen): readonly Judged[] {
  const { samples, sent, failed, recorded, brokenOff } = seen;
  const share = brokenOff / Math.max(1, sent);
  return [
    memory(seen),
    files(seen),
    connections(
      'connections to the vendor are no more than requests at once',
      samples.map(({ vendor }) => vendor),
      seen.mostAtOnce,
    ),
    connections(
      'connections of clients are no more than they opened',
      samples.map(({ clients }) => clients),
      seen.mostFromClients,
    ),
    rest(seen),
    {
      promise: 'one in ten broken off in the middle',
      figure: `${round(100 * share)} %`,
      isKept: Math.abs(share - 0.1) < 0.02,
    },
    {
      promise: 'each request answered and recorded once',
      figure: `${sent} sent, ${failed} failed, ${recorded} recorded`,
      isKept: recorded === sent && failed === 0,
    },
  ];
}
