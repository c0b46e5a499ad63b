// Parts whose figures no clock decides, two at once: each in a process of its own, the longest first, so that both cores end together.
import { figuresOf } from './child.ts';
import { measurePart } from './measure.ts';
import { measuredSchema, type MeasuredPart } from './page.ts';
import type { Extent, Part } from './part.ts';

const AT_ONCE = 2;

export interface AtOnce {
  readonly extent: Extent;
  /** Figures of an earlier run, for how long each part takes. */
  readonly earlier: readonly MeasuredPart[];
  /** Hears of each part that begins. */
  readonly tell: (part: Part) => void;
  /** Gets each part's figures as they come; called for one after the other. */
  readonly take: (measured: MeasuredPart) => Promise<void>;
}

/** A process that does not come to its figures makes a part that falls short, and does not end the others. */
async function measureApart(part: Part, extent: Extent): Promise<MeasuredPart> {
  const program = ['scripts/proof.ts', '--shared', part.name, ...(extent.full ? ['--full'] : [])];
  try {
    return await figuresOf(measuredSchema, program);
  } catch (error) {
    return measurePart({ ...part, run: () => Promise.reject(error) }, extent, true);
  }
}

export async function measureAtOnce(
  parts: readonly Part[],
  { extent, earlier, tell, take }: AtOnce,
): Promise<void> {
  const took = ({ name }: Part): number => earlier.find((one) => one.name === name)?.seconds ?? 0;
  const waiting = parts.toSorted((a, b) => took(b) - took(a));
  let taken = Promise.resolve();
  const lane = async (): Promise<void> => {
    for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
      tell(part);
      const measured = await measureApart(part, extent);
      taken = taken.then(() => take(measured));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  await taken;
}
