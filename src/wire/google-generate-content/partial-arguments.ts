// Arguments of a function call that come in pieces (`partialArgs`, Vertex AI): values by JSON path, strings growing piece by piece.
import { isRecord, listOf, stringOf } from '../read-json.ts';

const MAX_DEPTH = 64;

type Container = Record<string, unknown> | unknown[];

/** Collects the pieces of one call; `text` is its JSON so far. */
export class PartialArguments {
  readonly #root: Record<string, unknown> = {};

  /** Takes the `partialArgs` of one event. Pieces whose path makes no sense are left out. */
  add(pieces: unknown): void {
    for (const piece of listOf(pieces)) {
      if (!isRecord(piece)) continue;
      const path = readPath(stringOf(piece['jsonPath']) ?? '');
      if (path !== undefined) this.#put(path.keys, piece, path.isArrayEnd);
    }
  }

  text(): string {
    return JSON.stringify(this.#root);
  }

  #put(
    keys: readonly (string | number)[],
    piece: Readonly<Record<string, unknown>>,
    isArrayEnd: boolean,
  ): void {
    let container: Container = this.#root;
    for (let depth = 0; depth < keys.length - 1; depth += 1) {
      const next = childOf(container, keys[depth] as string | number, typeof keys[depth + 1] === 'number');
      if (next === undefined) return;
      container = next;
    }
    const key = keys.at(-1) as string | number;
    const before = valueAt(container, key);
    const text = piece['stringValue'];
    if (typeof text === 'string') set(container, key, typeof before === 'string' ? before + text : text);
    else if ('numberValue' in piece) set(container, key, piece['numberValue']);
    else if ('boolValue' in piece) set(container, key, piece['boolValue']);
    else if ('nullValue' in piece) set(container, key, null);
    else if (before === undefined && piece['willContinue'] !== true)
      set(container, key, isArrayEnd ? [] : {});
  }
}

/** `$.recipe.steps[0]['the name']` as keys; undefined for what is no path. A `[]` at the end marks the end of an array. */
function readPath(path: string): { keys: (string | number)[]; isArrayEnd: boolean } | undefined {
  if (!path.startsWith('$')) return undefined;
  const isArrayEnd = path.endsWith('[]');
  const rest = isArrayEnd ? path.slice(1, -2) : path.slice(1);
  const keys: (string | number)[] = [];
  let end = 0;
  for (const match of rest.matchAll(/\.([^.[\]]+)|\[(\d{1,6})\]|\[['"]([^'"]*)['"]\]/gy)) {
    end = match.index + match[0].length;
    const [, name, index, quoted] = match;
    keys.push(index === undefined ? (name ?? quoted ?? '') : Number(index));
  }
  return end !== rest.length || keys.length === 0 || keys.length > MAX_DEPTH
    ? undefined
    : { keys, isArrayEnd };
}

function valueAt(container: Container, key: string | number): unknown {
  return Object.hasOwn(container, key) ? (container as Record<string | number, unknown>)[key] : undefined;
}

/** Own properties only, whatever the key is called; an array grows by one item at a time. */
function set(container: Container, key: string | number, value: unknown): boolean {
  if (Array.isArray(container) && (typeof key !== 'number' || key > container.length)) return false;
  Object.defineProperty(container, key, { value, writable: true, enumerable: true, configurable: true });
  return true;
}

function childOf(container: Container, key: string | number, isArray: boolean): Container | undefined {
  const existing = valueAt(container, key);
  if (existing === undefined) {
    const fresh: Container = isArray ? [] : {};
    return set(container, key, fresh) ? fresh : undefined;
  }
  return typeof existing === 'object' && existing !== null ? (existing as Container) : undefined;
}
