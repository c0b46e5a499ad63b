// The rules of the house as pure functions over source text, so that the test can plant a violation and see it found.

export interface SourceFile {
  /** Path from the project's root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

/** What each room under src/ may import beside itself and packages. `kernel` stands under all. */
const OPEN = ['kernel', 'contract', 'text'];
const STORAGE_INTERFACES =
  /^src\/storage\/(spool\/spool|ledger\/ledger|state\/state|counters\/counters)\.ts$/;

export const ROOMS: Readonly<Record<string, readonly string[]>> = {
  kernel: [],
  contract: ['kernel'],
  statistics: ['kernel'],
  embeddings: OPEN,
  text: ['kernel'],
  wire: OPEN,
  workspace: OPEN,
  prompts: [...OPEN, 'statistics'],
  models: [...OPEN, 'statistics'],
  providers: [...OPEN, 'wire'],
  routing: [...OPEN, 'statistics'],
  limits: [...OPEN, 'statistics'],
  cache: OPEN,
  safety: [...OPEN, 'statistics', 'embeddings'],
  scoring: [...OPEN, 'statistics', 'embeddings', 'text'],
  evaluation: [...OPEN, 'statistics', 'scoring', 'prompts'],
  monitoring: [...OPEN, 'statistics'],
  storage: OPEN,
  gateway: [
    ...OPEN,
    'wire',
    'providers',
    'prompts',
    'models',
    'routing',
    'limits',
    'cache',
    'safety',
    'monitoring',
    'storage',
  ],
  console: [
    ...OPEN,
    'statistics',
    'workspace',
    'prompts',
    'models',
    'routing',
    'limits',
    'safety',
    'scoring',
    'evaluation',
    'monitoring',
    'storage',
  ],
};
/** The two rooms that stand outside and may import every other: the composition root and the command line. */
const OUTER = ['app', 'cli'];

export interface Edge {
  readonly from: string;
  readonly to: string;
  readonly line: number;
}

const IMPORT =
  /^\s*(?:import|export)\b[^'"]*?\bfrom\s+['"](\.[^'"]+)['"]|\bimport\(\s*['"](\.[^'"]+)['"]\s*\)|^\s*import\s+['"](\.[^'"]+)['"]/gm;

function resolveRelative(from: string, target: string): string {
  const parts = from.split('/').slice(0, -1);
  for (const piece of target.split('/')) {
    if (piece === '..') parts.pop();
    else if (piece !== '.') parts.push(piece);
  }
  return parts.join('/');
}

/** Every relative import, type-only ones included. */
export function edgesOf(files: readonly SourceFile[]): Edge[] {
  const edges: Edge[] = [];
  for (const file of files) {
    for (const match of file.text.matchAll(IMPORT)) {
      const target = match[1] ?? match[2] ?? match[3];
      if (target === undefined) continue;
      const line = file.text.slice(0, match.index).split('\n').length;
      edges.push({ from: file.path, to: resolveRelative(file.path, target), line });
    }
  }
  return edges;
}

function roomOf(path: string): string | undefined {
  return /^src\/([^/]+)\//.exec(path)?.[1];
}

/** Imports that cross from a room into one it may not know. Tests may reach further and are left out. */
export function forbiddenImports(files: readonly SourceFile[]): string[] {
  const found: string[] = [];
  for (const { from, to, line } of edgesOf(files)) {
    const room = roomOf(from);
    const other = roomOf(to);
    if (
      room === undefined ||
      other === undefined ||
      room === other ||
      from.endsWith('.test.ts') ||
      OUTER.includes(room)
    )
      continue;
    const allowed = ROOMS[room];
    if (allowed === undefined)
      found.push(`${from}:${line} stands in "${room}", a room the table does not know`);
    else if (!allowed.includes(other) && !STORAGE_INTERFACES.test(to))
      found.push(`${from}:${line} imports ${to}: "${room}" may not import "${other}"`);
  }
  return found;
}

/** Rooms without a README, and rooms of the table that hold nothing. `paths` are all files, of whatever kind. */
export function roomFaults(paths: readonly string[]): string[] {
  const found: string[] = [];
  for (const room of [...Object.keys(ROOMS), ...OUTER]) {
    if (!paths.some((path) => path.startsWith(`src/${room}/`) && path.endsWith('.ts')))
      found.push(`src/${room}/ holds nothing: take it out of the table`);
    else if (!paths.includes(`src/${room}/README.md`))
      found.push(`src/${room}/ has no README.md that says what it holds to`);
  }
  return found;
}

/** Import cycles, types included, each as the files it runs through. */
export function importCycles(files: readonly SourceFile[]): string[] {
  const next = new Map<string, string[]>();
  for (const { from, to } of edgesOf(files)) next.set(from, [...(next.get(from) ?? []), to]);
  const state = new Map<string, 'open' | 'done'>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (state.get(path) === 'done') return;
    if (state.get(path) === 'open') {
      cycles.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
      return;
    }
    state.set(path, 'open');
    for (const target of next.get(path) ?? []) visit(target, [...trail, path]);
    state.set(path, 'done');
  };
  for (const file of files) visit(file.path, []);
  return cycles;
}

const DRAWERS = /(^|\/)(utils?|helpers?|common|types|misc|shared)\.ts$/;
const KEBAB = /^[a-z0-9]+(-[a-z0-9]+)*(\.test|\.d)?\.ts$/;

/** Files that are too long, badly named, without a header comment, or barrels. */
export function fileFaults(files: readonly SourceFile[]): string[] {
  const found: string[] = [];
  for (const { path, text } of files) {
    const name = path.slice(path.lastIndexOf('/') + 1);
    const lines = text.split('\n').length - 1;
    const most = /\.test\.ts$|^test\//.test(path) ? 600 : 400;
    if (lines > most) found.push(`${path} has ${lines} lines, more than ${most}`);
    if (!KEBAB.test(name)) found.push(`${path} is not named in kebab-case`);
    if (DRAWERS.test(path)) found.push(`${path} is a drawer: name it after the one concept it holds`);
    if (!/^(#!.*\n)?\/[/*]/.test(text))
      found.push(`${path} does not begin with a comment that says what it is for`);
    if (/^export \* from/m.test(text)) found.push(`${path} is a barrel: export names from where they are`);
  }
  return found;
}

/** Reads of the environment outside the rooms that may. */
export function environmentReads(files: readonly SourceFile[]): string[] {
  return files
    .filter(({ path }) => path.startsWith('src/') && !path.endsWith('.test.ts'))
    .filter(({ path }) => !/^src\/(app|cli)\/|^src\/workspace\/environment\.ts$/.test(path))
    .filter(({ text }) => /\bprocess\.env\b/.test(text))
    .map(({ path }) => `${path} reads process.env: take the value as an argument`);
}
