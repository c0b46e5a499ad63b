// Runs one part and keeps the circumstances beside its figures. A part that does not come to its end falls short, and says why.
import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { messageOf } from '../../src/kernel/errors.ts';
import type { MeasuredPart } from './page.ts';
import { measurePace } from './pace.ts';
import { absentData, notMeasured, type Extent, type Part, type Row } from './part.ts';

/** A line for a table: no folders of this machine, not too long. */
function plain(message: string): string {
  return message
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/(?:\/[\w.@-]+)+\/(?=[\w.@-])/g, '')
    .slice(0, 200);
}

async function rowsOf(part: Part, extent: Extent): Promise<readonly Row[]> {
  const absent = absentData(part);
  if (absent.length > 0) return [notMeasured(part.what, `data set ${absent.join(', ')} is not here`)];
  try {
    return await part.run(extent);
  } catch (error) {
    return [
      {
        promise: part.what,
        figure: `did not come to its end: ${plain(messageOf(error))}`,
        threshold: '',
        verdict: 'falls short',
      },
    ];
  }
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  } catch {
    return 'no Git';
  }
}

export async function measurePart(part: Part, extent: Extent, shared = false): Promise<MeasuredPart> {
  const processor = (cpus()[0]?.model ?? '').trim() || process.arch;
  const around = {
    name: part.name,
    what: part.what,
    extent: extent.full ? ('full' as const) : ('quick' as const),
    at: new Date().toISOString(),
    commit: commit(),
    machine: `${availableParallelism()} × ${processor}, ${Math.round(totalmem() / 1024 ** 3)} GiB, ${process.platform}`,
    node: process.version,
    loadAtStart: Number((loadavg()[0] ?? 0).toFixed(1)),
    paceAtStart: Math.round(measurePace()),
    shared,
  };
  const begun = performance.now();
  const rows = await rowsOf(part, extent);
  return { ...around, seconds: Math.round((performance.now() - begun) / 100) / 10, rows: [...rows] };
}
