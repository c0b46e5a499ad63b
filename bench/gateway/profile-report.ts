// A profile's figures as tables to read.
import type { CpuShares, Share, Shares } from './profile-figures.ts';

export interface ProfileReport {
  readonly target: string;
  readonly load: string;
  /** Requests a second asked for; 0: as fast as possible. */
  readonly rate: number;
  /** Without a profile running, like the next three. */
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** Processor time of the whole process a request: its other threads are in this and not in the profile. */
  readonly processMicroseconds: number;
  readonly failures: number;
  readonly cpu: CpuShares;
  readonly heap: Shares;
  readonly memory: NodeJS.MemoryUsage;
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`.padStart(8);

function rows(shares: readonly Share[], top: number, digits: number): string {
  return shares
    .slice(0, top)
    .map(
      ({ name, share, perRequest }) =>
        `${percent(share)} ${perRequest.toFixed(digits).padStart(10)}  ${name}`,
    )
    .join('\n');
}

const megabytes = (bytes: number): string => `${(bytes / 1024 ** 2).toFixed(0)} MiB`;

export function showProfile(report: ProfileReport, top: number): string {
  const { cpu, heap, memory } = report;
  return [
    `${report.target}, ${report.load}${report.rate === 0 ? '' : ` at ${report.rate}/s`}: ${report.perSecond.toFixed(0)} requests/s, p50 ${report.p50.toFixed(2)} ms, p99 ${report.p99.toFixed(2)} ms, ${report.processMicroseconds.toFixed(1)} µs of processor time a request (all threads, not profiled), ${report.failures} failures`,
    `memory: resident ${megabytes(memory.rss)}, heap ${megabytes(memory.heapUsed)} of ${megabytes(memory.heapTotal)}, buffers ${megabytes(memory.arrayBuffers)}`,
    '',
    `main thread, profiled: ${cpu.perRequest.toFixed(1)} µs a request; garbage collection${percent(cpu.garbageCollection)}; idle${percent(cpu.idle)} of the time`,
    '   share      µs/req  function (self time)',
    rows(cpu.functions, top, 2),
    '   share      µs/req  room (self time)',
    rows(cpu.rooms, top, 2),
    '   share      µs/req  nearest function of ours on the stack: its own time and what it has Node, packages and the engine do',
    rows(cpu.causes, top, 2),
    '',
    `allocated on the heap: ${heap.perRequest.toFixed(0)} bytes a request`,
    '   share   bytes/req  site',
    rows(heap.functions, top, 0),
    '   share   bytes/req  room',
    rows(heap.rooms, top, 0),
    '   share   bytes/req  nearest function of ours on the stack',
    rows(heap.causes, top, 0),
  ].join('\n');
}
