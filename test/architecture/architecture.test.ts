// Holds the tree to the table of rooms in rules.ts, and proves of each rule that it finds a planted violation.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  environmentReads,
  fileFaults,
  forbiddenImports,
  importCycles,
  edgesOf,
  roomFaults,
  type SourceFile,
} from './rules.ts';
import { everyPath, root, sourceFiles } from './source-files.ts';

const files = sourceFiles();

describe('the tree', () => {
  it('is really read', () => {
    expect(files.filter(({ path }) => path.startsWith('src/')).length).toBeGreaterThan(100);
    expect(edgesOf(files).length).toBeGreaterThan(300);
    for (const room of ['kernel', 'contract', 'wire', 'providers', 'gateway', 'storage']) {
      expect(
        files.some(({ path }) => path.startsWith(`src/${room}/`)),
        room,
      ).toBe(true);
    }
  });
  it('has no import across a wall', () => expect(forbiddenImports(files)).toEqual([]));
  it('has no import cycle, types included', () => expect(importCycles(files)).toEqual([]));
  it('has short, well-named files that say what they are for', () => expect(fileFaults(files)).toEqual([]));
  it('has no empty room and none without a README', () => expect(roomFaults(everyPath())).toEqual([]));
  it('reads the environment only where it is composed', () => expect(environmentReads(files)).toEqual([]));
});

describe('each rule finds a planted violation', () => {
  const file = (path: string, text: string): SourceFile => ({ path, text });
  it('a wall', () => {
    const planted = [
      file('src/routing/a.ts', "// x\nimport { b } from '../providers/b.ts';\n"),
      file('src/providers/b.ts', '// x\n'),
    ];
    expect(forbiddenImports(planted)).toEqual([expect.stringContaining('src/routing/a.ts:2')]);
  });
  it('a type-only import across a wall', () => {
    expect(
      forbiddenImports([file('src/kernel/a.ts', "// x\nimport type { B } from '../contract/b.ts';\n")]),
    ).toHaveLength(1);
  });
  it('an unknown room', () => {
    expect(
      forbiddenImports([file('src/attic/a.ts', "// x\nimport { b } from '../kernel/b.ts';\n")]),
    ).toHaveLength(1);
  });
  it('a cycle of types', () => {
    const planted = [
      file('src/kernel/a.ts', "// x\nimport type { B } from './b.ts';\n"),
      file('src/kernel/b.ts', "// x\nexport type { A } from './a.ts';\n"),
    ];
    expect(importCycles(planted)).toEqual(['src/kernel/a.ts → src/kernel/b.ts → src/kernel/a.ts']);
  });
  it('a long file, a bad name, a drawer, a missing header, a barrel', () => {
    expect(fileFaults([file('src/kernel/long.ts', `// x\n${'\n'.repeat(400)}`)])).toHaveLength(1);
    expect(fileFaults([file('src/kernel/badName.ts', '// x\n')])).toHaveLength(1);
    expect(fileFaults([file('src/kernel/utils.ts', '// x\n')])).toHaveLength(1);
    expect(fileFaults([file('src/kernel/bare.ts', 'export const a = 1;\n')])).toHaveLength(1);
    expect(fileFaults([file('src/kernel/all.ts', "// x\nexport * from './a.ts';\n")])).toHaveLength(1);
  });
  it('an empty room, a room without a README', () => {
    const whole = everyPath();
    expect(roomFaults(whole.filter((path) => path !== 'src/routing/README.md'))).toEqual([
      expect.stringContaining('src/routing/ has no README'),
    ]);
    expect(roomFaults(whole.filter((path) => !path.startsWith('src/routing/')))).toEqual([
      expect.stringContaining('src/routing/ holds nothing'),
    ]);
  });
  it('a read of the environment', () => {
    expect(environmentReads([file('src/gateway/a.ts', 'const a = process.env.A;')])).toHaveLength(1);
  });
});

describe('each outer check fails on a planted violation', () => {
  /** Runs a checker on one file put into the tree for the moment. */
  function planted(
    name: string,
    text: string,
    command: string,
    arguments_: readonly string[],
  ): { status: number | null; output: string } {
    const folder = mkdtempSync(join(root, 'src/kernel/planted-'));
    try {
      const path = join(folder, name);
      writeFileSync(path, text);
      const run = spawnSync(join(root, 'node_modules/.bin', command), [...arguments_, path], {
        cwd: root,
        encoding: 'utf8',
      });
      return { status: run.status, output: run.stdout + run.stderr };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  it('lint: any, a floating promise, a default export', () => {
    const text =
      '// planted\nexport default async function planted(a: any): Promise<any> {\n  void 0;\n  planted(a);\n  return a;\n}\n';
    const run = planted('violation.ts', text, 'oxlint', ['--type-aware', '--deny-warnings']);
    expect(run.status).not.toBe(0);
    for (const rule of ['no-explicit-any', 'no-floating-promises', 'no-default-export'])
      expect(run.output).toContain(rule);
  });
  it('format', () => {
    expect(planted('violation.ts', 'export   const a = "1"\n', 'prettier', ['--check']).status).not.toBe(0);
  });
  it('types', () => {
    const run = planted('violation.ts', "export const a: number = 'text';\n", 'tsc', [
      '--noEmit',
      '--ignoreConfig',
      '--strict',
      '--skipLibCheck',
    ]);
    expect(run.status).not.toBe(0);
    expect(run.output).toContain('TS2322');
  });
});
