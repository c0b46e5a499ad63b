// Writes docs/dependencies.md: a row for each package that is needed to run, and the packages with install scripts. Names, versions, licences
// and sizes are read from what is installed; what each is for, what it would take to do without it and when its last release was stand in
// dependency-facts.json. `npm run dependencies` works offline; with `-- --refresh` it asks the registry for the dates first.
import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { z } from 'zod';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const factsFile = join(root, 'scripts/dependency-facts.json');
const page = join(root, 'docs/dependencies.md');

const names = z.record(z.string(), z.string());
const manifestSchema = z.looseObject({
  version: z.string().optional(),
  license: z.string().optional(),
  licenses: z.array(z.looseObject({ type: z.string() })).optional(),
  dependencies: names.default({}),
  optionalDependencies: names.default({}),
});
type Manifest = z.infer<typeof manifestSchema>;

const factsSchema = z.record(
  z.string(),
  z.strictObject({ for: z.string(), withoutIt: z.string(), lastRelease: z.iso.date() }),
);
type Facts = z.infer<typeof factsSchema>;

const lockSchema = z.looseObject({
  packages: z.record(
    z.string(),
    z.looseObject({
      version: z.string().optional(),
      dev: z.boolean().optional(),
      hasInstallScript: z.boolean().optional(),
    }),
  ),
});

function readManifest(folder: string): Manifest {
  return manifestSchema.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')));
}

/** Where a package that `from` needs is installed: beside it, or in a folder above. */
function locate(name: string, from: string): string | undefined {
  for (let folder = from; folder.startsWith(root); folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return candidate;
  }
  return undefined;
}

function bytesOf(folder: string): number {
  let sum = 0;
  for (const name of readdirSync(folder)) {
    if (name === 'node_modules') continue;
    const path = join(folder, name);
    const found = lstatSync(path);
    sum += found.isDirectory() ? bytesOf(path) : found.size;
  }
  return sum;
}

/** The folders of a package and of all that it brings along. */
function withWhatItBrings(folder: string, seen = new Set<string>()): Set<string> {
  if (seen.has(folder)) return seen;
  seen.add(folder);
  const { dependencies, optionalDependencies } = readManifest(folder);
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
    const found = locate(name, folder);
    if (found !== undefined) withWhatItBrings(found, seen);
  }
  return seen;
}

function megabytes(bytes: number): string {
  const size = bytes / 1e6;
  return size < 0.1 ? '< 0.1' : size.toFixed(size < 10 ? 1 : 0);
}

function licenceOf(manifest: Manifest): string {
  return manifest.license ?? manifest.licenses?.map(({ type }) => type).join(' or ') ?? 'not stated';
}

function row(name: string, facts: Facts): string {
  const folder = locate(name, root);
  const fact = facts[name];
  if (folder === undefined) throw new Error(`${name} is not installed: run "npm install"`);
  if (fact === undefined) throw new Error(`${name} has no entry in scripts/dependency-facts.json: add one`);
  const manifest = readManifest(folder);
  const brought = withWhatItBrings(folder);
  const all = [...brought].reduce((sum, each) => sum + bytesOf(each), 0);
  const cells = [
    `\`${name}\` ${manifest.version ?? ''}`,
    fact.for,
    megabytes(bytesOf(folder)),
    `${megabytes(all)} in ${brought.size}`,
    licenceOf(manifest),
    fact.lastRelease,
    fact.withoutIt,
  ];
  return `| ${cells.join(' | ')} |`;
}

/** Packages whose installation runs a program, by the lockfile; those for development are marked. */
export function installScripts(lockfile: string): { name: string; development: boolean }[] {
  const { packages } = lockSchema.parse(JSON.parse(lockfile));
  return Object.entries(packages)
    .filter(([, entry]) => entry.hasInstallScript === true)
    .map(([path, entry]) => ({
      name: path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
      development: entry.dev === true,
    }));
}

function scriptRow({ name, development }: { name: string; development: boolean }): string {
  const folder = locate(name, root);
  const scripts = z
    .looseObject({ scripts: names.default({}) })
    .parse(
      folder === undefined ? {} : JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')),
    ).scripts;
  const runs = ['preinstall', 'install', 'postinstall']
    .filter((step) => scripts[step] !== undefined)
    .map((step) => `\`${step}: ${scripts[step] ?? ''}\``);
  const allowed = z
    .looseObject({ allowScripts: z.record(z.string(), z.boolean()).default({}) })
    .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))).allowScripts;
  const verdict = allowed[name] === true ? 'allowed: without it there is no Node 24' : 'not needed';
  return `| \`${name}\`${development ? ' (development)' : ''} | ${runs.join(', ') || 'not installed here'} | ${verdict} |`;
}

function latestRelease(name: string): string {
  const answer = execFileSync('npm', ['view', name, 'version', 'time', '--json'], {
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  });
  const { version, time } = z
    .looseObject({ version: z.string(), time: names })
    .parse(JSON.parse(answer) as unknown);
  return (time[version] ?? '').slice(0, 10);
}

function write(): void {
  const needed = Object.keys(readManifest(root).dependencies);
  let facts = factsSchema.parse(JSON.parse(readFileSync(factsFile, 'utf8')));
  if (process.argv.includes('--refresh')) {
    const renewed = Object.entries(facts).map(
      ([name, fact]) => [name, { ...fact, lastRelease: latestRelease(name) }] as const,
    );
    facts = factsSchema.parse(Object.fromEntries(renewed));
    writeFileSync(factsFile, `${JSON.stringify(facts, undefined, 2)}\n`);
  }
  const every = new Set(
    needed
      .flatMap((name) => [...withWhatItBrings(locate(name, root) ?? root)])
      .filter((path) => path !== root),
  );
  const sum = [...every].reduce((total, each) => total + bytesOf(each), 0);
  const lines = [
    '# Dependencies',
    '',
    `${needed.length} packages are needed to run; with what they bring along ${every.size}, ${megabytes(sum)} MB installed on Linux (x64). Written by \`npm run dependencies\` from what is installed;`,
    '`npm run sbom` prints the software bill of materials (CycloneDX). Versions are exact, in one lockfile.',
    '',
    '| package | what for | MB | MB with what it brings, in packages | licence | last release | to do without it |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...needed.map((name) => row(name, facts)),
    '',
    '## Install scripts',
    '',
    'Programs that packages run when they are installed. `allowScripts` in package.json says which may, where npm asks.',
    '',
    '| package | runs | verdict |',
    '| --- | --- | --- |',
    ...installScripts(readFileSync(join(root, 'package-lock.json'), 'utf8')).map(scriptRow),
    '',
  ];
  writeFileSync(page, lines.join('\n'));
  execFileSync(join(root, 'node_modules/.bin/prettier'), ['--write', '--log-level', 'warn', page]);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) write();
