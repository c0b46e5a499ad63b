// From the engine's profiles to figures: self time and allocated bytes a request, by function and by room.
import { fileURLToPath } from 'node:url';

interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
}

export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: CallFrame;
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  /** Microseconds from one sample to the next. */
  readonly timeDeltas: readonly number[];
}

interface HeapNode {
  readonly callFrame: CallFrame;
  readonly selfSize: number;
  readonly children: readonly HeapNode[];
}

export interface HeapProfile {
  readonly head: HeapNode;
}

/** What one function or room has of the whole. */
export interface Share {
  readonly name: string;
  /** Of all busy time, or of all bytes: 0..1. */
  readonly share: number;
  /** Microseconds, or bytes. */
  readonly perRequest: number;
}

export interface Shares {
  /** Microseconds, or bytes, a request. */
  readonly perRequest: number;
  /** Largest first. */
  readonly functions: readonly Share[];
  readonly rooms: readonly Share[];
  /** By the nearest function of the project on the stack: who made Node, packages and the engine do it. */
  readonly causes: readonly Share[];
}

export interface CpuShares extends Shares {
  /** Of busy time: 0..1. */
  readonly garbageCollection: number;
  /** Of the window: 0..1. */
  readonly idle: number;
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The module's path within the project; Node's own and the engine's as they are named. */
function placeOf({ url }: CallFrame): string {
  const path = url.startsWith('file:') ? fileURLToPath(url) : url;
  return path.startsWith(ROOT) ? path.slice(ROOT.length) : path;
}

function nameOf(frame: CallFrame): string {
  const place = placeOf(frame);
  const name = frame.functionName === '' ? '(anonymous)' : frame.functionName;
  return place === '' ? name : `${name} ${place}:${frame.lineNumber + 1}`;
}

/** The room, package or part of Node that a function belongs to. */
function roomOf(frame: CallFrame): string {
  const place = placeOf(frame);
  if (place === '')
    return frame.functionName.startsWith('(') ? frame.functionName : '(engine and native functions)';
  const packageName = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(place)?.[1];
  if (packageName !== undefined) return packageName;
  if (place.startsWith('node:')) return place.split('/').slice(0, 3).join('/');
  const parts = place.split('/');
  return parts.slice(0, parts.length > 3 ? 3 : parts.length - 1).join('/');
}

/** Who caused what a function does: itself where it is of the project, else who called it. */
function causeOf(frame: CallFrame, callersCause: string | undefined): string {
  return placeOf(frame).startsWith('src/') ? nameOf(frame) : (callersCause ?? '(none of ours)');
}

function causesById(profile: CpuProfile): ReadonlyMap<number, string> {
  const causes = new Map<number, string>();
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const [root] = profile.nodes;
  const open = root === undefined ? [] : [{ node: root, above: undefined as string | undefined }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const cause = causeOf(next.node.callFrame, next.above);
    causes.set(next.node.id, cause);
    for (const id of next.node.children ?? []) {
      const node = nodes.get(id);
      if (node !== undefined) open.push({ node, above: cause });
    }
  }
  return causes;
}

class Sums {
  readonly #sums = new Map<string, number>();
  add(name: string, amount: number): void {
    this.#sums.set(name, (this.#sums.get(name) ?? 0) + amount);
  }
  of(name: string): number {
    return this.#sums.get(name) ?? 0;
  }
  shares(whole: number, requests: number): Share[] {
    return [...this.#sums]
      .map(([name, amount]) => ({ name, share: amount / whole, perRequest: amount / requests }))
      .sort((one, other) => other.perRequest - one.perRequest);
  }
}

/** Time the profiled thread itself spent; what it waited for is left out. */
export function selfTimes(profile: CpuProfile, requests: number): CpuShares {
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
  const causes = causesById(profile);
  const functions = new Sums();
  const rooms = new Sums();
  const caused = new Sums();
  let busy = 0;
  let idle = 0;
  for (const [index, sample] of profile.samples.entries()) {
    const frame = frames.get(sample);
    // A delta tells the time before its sample, so a sample lasts until the next one.
    const took = Math.max(0, profile.timeDeltas[index + 1] ?? 0);
    if (frame === undefined) continue;
    if (frame.functionName === '(idle)') {
      idle += took;
      continue;
    }
    busy += took;
    functions.add(nameOf(frame), took);
    rooms.add(roomOf(frame), took);
    caused.add(causes.get(sample) ?? '(none of ours)', took);
  }
  return {
    perRequest: busy / requests,
    functions: functions.shares(busy, requests),
    rooms: rooms.shares(busy, requests),
    causes: caused.shares(busy, requests),
    garbageCollection: functions.of('(garbage collector)') / busy,
    idle: idle / (busy + idle),
  };
}

/** Bytes allocated on the engine's heap, collected since or not. */
export function allocations(profile: HeapProfile, requests: number): Shares {
  const functions = new Sums();
  const rooms = new Sums();
  const caused = new Sums();
  let bytes = 0;
  const open: { node: HeapNode; above?: string }[] = [{ node: profile.head }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node } = next;
    const cause = causeOf(node.callFrame, next.above);
    for (const child of node.children) open.push({ node: child, above: cause });
    if (node.selfSize === 0) continue;
    bytes += node.selfSize;
    functions.add(nameOf(node.callFrame), node.selfSize);
    rooms.add(roomOf(node.callFrame), node.selfSize);
    caused.add(cause, node.selfSize);
  }
  return {
    perRequest: bytes / requests,
    functions: functions.shares(bytes, requests),
    rooms: rooms.shares(bytes, requests),
    causes: caused.shares(bytes, requests),
  };
}
