// `npm run structure`: the tree to depth two with the count and length of its files, and what the rules of test/architecture find. Exit 1 where
// they find anything.
import {
  fileFaults,
  forbiddenImports,
  importCycles,
  roomFaults,
  type SourceFile,
} from '../test/architecture/rules.ts';
import { everyPath, sourceFiles } from '../test/architecture/source-files.ts';

function linesOf(file: SourceFile): number {
  return file.text.split('\n').length - 1;
}

function isTest(path: string): boolean {
  return path.startsWith('test/') || path.endsWith('.test.ts');
}

/** The smallest length that a share of the files does not exceed. */
function atShare(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

function row(name: string, files: readonly SourceFile[]): string {
  const sources = files.filter(({ path }) => !isTest(path));
  const measured = sources.length === 0 ? files : sources;
  const lengths = measured.map(linesOf).sort((a, b) => a - b);
  const longest = measured.find((file) => linesOf(file) === lengths.at(-1));
  const cells = [sources.length, files.length - sources.length, atShare(lengths, 0.5), atShare(lengths, 0.9)];
  const numbers = cells.map((cell) => String(cell).padStart(7)).join('');
  return `${name.padEnd(28)}${numbers}${String(lengths.at(-1) ?? 0).padStart(9)}  ${longest?.path.split('/').at(-1) ?? ''}`;
}

function folderOf(path: string, depth: number): string {
  return path.split('/').slice(0, -1).slice(0, depth).join('/');
}

function below(files: readonly SourceFile[], folder: string): SourceFile[] {
  return files.filter(({ path }) => path.startsWith(`${folder}/`));
}

const files = sourceFiles();
const folders = [...new Set(files.flatMap(({ path }) => [folderOf(path, 1), folderOf(path, 2)]))].sort();
const head = ['files', 'tests', 'median', '90 %'].map((cell) => cell.padStart(7)).join('');
console.log(`${'folder'.padEnd(28)}${head}${'longest'.padStart(9)}  (lines of files that are no tests)`);
for (const folder of folders) {
  const indent = folder.includes('/') ? '  ' : '';
  console.log(row(`${indent}${folder}`, below(files, folder)));
}
console.log(row('all', files));

const cycles = importCycles(files);
const faults = [...forbiddenImports(files), ...fileFaults(files), ...roomFaults(everyPath())];
console.log(
  `\nimport cycles, types included: ${cycles.length}\nfaults of imports, files and rooms: ${faults.length}`,
);
for (const line of [...cycles, ...faults]) console.log(`  ${line}`);
if (cycles.length + faults.length > 0) process.exitCode = 1;
