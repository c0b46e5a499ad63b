// One YAML file as a plain value with positions. What makes YAML dangerous or slow is refused before it is parsed: aliases, anchors,
// merge keys, depth, size, and masses of tokens (the parser needs seconds for a megabyte of commas).
import { CST, isMap, isNode, isPair, isScalar, isSeq, Lexer, LineCounter, parseDocument } from 'yaml';
import type { Document, Node, Pair } from 'yaml';
import { messageOf } from '../kernel/errors.ts';
import type { Position, Problem } from './problem.ts';

export const MAX_FILE_BYTES = 1024 * 1024;
const MAX_DEPTH = 64;
const MAX_TOKENS = 100_000;
const MAX_SYNTAX_PROBLEMS = 20;

export type YamlPath = readonly (string | number)[];

export interface YamlFile {
  readonly file: string;
  readonly value: unknown;
  /** Where the value at `path` is, or the nearest part of the path that exists. */
  locate(path: YamlPath): Position;
  /** Where the key at `path` is. */
  locateKey(path: YamlPath): Position;
}

export type YamlResult = { readonly file: YamlFile } | { readonly problems: readonly Problem[] };

/** Parses the bytes of a file; anything wrong comes back as problems, never as a throw. */
export function parseYamlFile(file: string, bytes: Uint8Array): YamlResult {
  const problem = (position: Position, code: string, message: string): Problem => {
    return { severity: 'error', code, file, ...position, message };
  };
  const whole = { line: 0, column: 0 };
  if (bytes.length > MAX_FILE_BYTES) {
    const size = (bytes.length / MAX_FILE_BYTES).toFixed(1);
    return {
      problems: [
        problem(whole, 'file_too_large', `the file has ${size} MiB; at most 1 MiB is read. Split it.`),
      ],
    };
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return { problems: [problem(whole, 'not_utf8', 'the file is not UTF-8. Save it as UTF-8.')] };
  }
  const refused = scanTokens(text);
  if (refused !== undefined)
    return { problems: [problem(positionAt(text, refused.offset), refused.code, refused.message)] };
  try {
    return readDocument(file, text, problem);
  } catch (error) {
    const reason = error instanceof RangeError ? `nested deeper than ${MAX_DEPTH} levels` : messageOf(error);
    return { problems: [problem(whole, 'bad_yaml', `the file can't be read: ${reason}.`)] };
  }
}

interface Refusal {
  readonly offset: number;
  readonly code: string;
  readonly message: string;
}

function scanTokens(text: string): Refusal | undefined {
  let offset = 0;
  let tokens = 0;
  let depth = 0;
  for (const token of new Lexer().lex(text)) {
    const type = CST.tokenType(token);
    tokens += 1;
    if (type === 'anchor' || type === 'alias') {
      const what = type === 'anchor' ? 'an anchor' : 'an alias';
      return {
        offset,
        code: 'yaml_alias',
        message: `${what} ("${token.slice(0, 40)}") is not allowed: write the value out, or quote a text that begins with & or *.`,
      };
    }
    if (type === 'flow-map-start' || type === 'flow-seq-start') depth += 1;
    if (type === 'flow-map-end' || type === 'flow-seq-end') depth -= 1;
    if (depth > MAX_DEPTH)
      return { offset, code: 'too_deep', message: `nested deeper than ${MAX_DEPTH} levels.` };
    if (tokens > MAX_TOKENS) {
      return {
        offset,
        code: 'too_many_tokens',
        message: `more than ${MAX_TOKENS} YAML tokens; split the file (cases belong in a JSONL file).`,
      };
    }
    if (type !== 'doc-mode' && type !== 'flow-error-end' && type !== 'scalar') offset += token.length;
  }
  return undefined;
}

function positionAt(text: string, offset: number): Position {
  const before = text.slice(0, offset);
  const lastBreak = before.lastIndexOf('\n');
  return { line: before.split('\n').length, column: offset - lastBreak };
}

function readDocument(
  file: string,
  text: string,
  problem: (position: Position, code: string, message: string) => Problem,
): YamlResult {
  const counter = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: counter,
    prettyErrors: false,
    uniqueKeys: false,
    stringKeys: true,
    merge: false,
    version: '1.2',
    schema: 'core',
    logLevel: 'error',
  });
  const at = (offset: number): Position => {
    const { line, col } = counter.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const faults = [...document.errors, ...document.warnings].slice(0, MAX_SYNTAX_PROBLEMS);
  const problems = faults.map((fault) =>
    problem(at(fault.pos[0]), 'bad_yaml', `${fault.message.replace(/\.$/, '')}.`),
  );
  if (problems.length === 0) {
    for (const fault of structureFaults(document.contents))
      problems.push(problem(at(fault.offset), fault.code, fault.message));
  }
  if (problems.length > 0) return { problems };
  const value = document.toJS({ maxAliasCount: 0 }) as unknown;
  return {
    file: { file, value, locate: locator(document, at, false), locateKey: locator(document, at, true) },
  };
}

/** Depth, duplicate keys and merge keys, without recursion and in linear time. */
function structureFaults(root: Node | null): Refusal[] {
  const faults: Refusal[] = [];
  const open: { node: unknown; depth: number }[] = [{ node: root, depth: 0 }];
  for (let item = open.pop(); item !== undefined; item = open.pop()) {
    const { node, depth } = item;
    if (depth > MAX_DEPTH) {
      const offset = isNode(node) ? (node.range?.[0] ?? 0) : 0;
      return [{ offset, code: 'too_deep', message: `nested deeper than ${MAX_DEPTH} levels.` }];
    }
    if (isSeq(node)) for (const child of node.items) open.push({ node: child, depth: depth + 1 });
    if (!isMap(node)) continue;
    faults.push(...keyFaults(node.items));
    for (const pair of node.items) open.push({ node: pair.value, depth: depth + 1 });
  }
  return faults;
}

function keyFaults(pairs: readonly Pair[]): Refusal[] {
  const faults: Refusal[] = [];
  const seen = new Set<unknown>();
  for (const { key } of pairs) {
    const name = isScalar(key) ? key.value : key;
    const offset = isNode(key) ? (key.range?.[0] ?? 0) : 0;
    if (name === '<<')
      faults.push({
        offset,
        code: 'yaml_merge',
        message: 'a merge key ("<<") is not allowed: write the keys out.',
      });
    else if (name === '__proto__')
      faults.push({ offset, code: 'bad_key', message: '"__proto__" can\'t be a key.' });
    else if (seen.has(name))
      faults.push({
        offset,
        code: 'duplicate_key',
        message: `the key "${String(name).slice(0, 100)}" stands twice; keep one.`,
      });
    seen.add(name);
  }
  return faults;
}

function locator(
  document: Document,
  at: (offset: number) => Position,
  wantsKey: boolean,
): (path: YamlPath) => Position {
  return (path) => {
    let node: unknown = document.contents;
    let offset = isNode(node) ? (node.range?.[0] ?? 0) : 0;
    for (const [index, step] of path.entries()) {
      const found = child(node, step);
      if (found === undefined) break;
      const place = wantsKey && index === path.length - 1 && isNode(found.key) ? found.key : found.value;
      offset = isNode(place)
        ? (place.range?.[0] ?? offset)
        : isNode(found.key)
          ? (found.key.range?.[0] ?? offset)
          : offset;
      node = found.value;
    }
    return at(offset);
  };
}

function child(node: unknown, step: string | number): { key: unknown; value: unknown } | undefined {
  if (isSeq(node) && typeof step === 'number') {
    const value = node.items[step];
    return value === undefined ? undefined : { key: undefined, value };
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find(
    (item) => isPair(item) && isScalar(item.key) && item.key.value === String(step),
  );
  return pair === undefined ? undefined : { key: pair.key, value: pair.value };
}
