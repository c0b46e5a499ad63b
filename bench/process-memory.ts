// Memory of a process and of all that it started, read from /proc; Linux alone has it.
import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessMemory {
  /** MiB that lie in memory (VmRSS). */
  readonly resident: number;
  /** MiB at the peak (VmHWM). */
  readonly peak: number;
  /** MiB where pages that several processes share are divided between them. */
  readonly proportional: number;
}

export interface RunningProcess {
  readonly processId: number;
  /** Its arguments, joined by spaces. */
  readonly command: string;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // It ended in between.
    return '';
  }
}

function mebibytes(text: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? Number.NaN) / 1024;
}

/** NaN of a process that does not run. */
export function memoryOf(processId: number): ProcessMemory {
  const status = read(`/proc/${processId}/status`);
  return {
    resident: mebibytes(status, 'VmRSS'),
    peak: mebibytes(status, 'VmHWM'),
    proportional: mebibytes(read(`/proc/${processId}/smaps_rollup`), 'Pss'),
  };
}

/** A process and everything below it. */
export function processTree(root: number): RunningProcess[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const parent = Number(/^PPid:\s+(\d+)/m.exec(read(`/proc/${name}/status`))?.[1] ?? 0);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const found: RunningProcess[] = [];
  const open = [root];
  for (let processId = open.pop(); processId !== undefined; processId = open.pop()) {
    found.push({
      processId,
      command: read(`/proc/${processId}/cmdline`).replaceAll('\0', ' ').trim(),
    });
    open.push(...(children.get(processId) ?? []));
  }
  return found;
}
