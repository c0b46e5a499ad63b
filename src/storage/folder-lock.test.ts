// The folder lock against real other processes.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { lockFolder } from './folder-lock.ts';
import { scratchFolder } from './testing/scratch-folder.ts';

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** Another process that takes the folder and says `locked` or why not. */
async function contender(directory: string): Promise<{ child: ChildProcess; said: string }> {
  const module = join(import.meta.dirname, 'folder-lock.ts');
  const code = `const { lockFolder } = await import(${JSON.stringify(module)});
    await lockFolder({ directory: ${JSON.stringify(directory)}, holder: 'contender', startedAt: 0 })
      .then(() => { console.log('locked'); setInterval(() => 0, 1000); }, (error) => console.log(error.message));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  children.push(child);
  const [said] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
  return { child, said: said.toString().trim() };
}

test('a second process is refused, naming holder, start and what to do; a killed holder leaves nothing behind', async () => {
  await using folder = await scratchFolder();
  const first = await contender(folder.path);
  expect(first.said).toBe('locked');
  await expect(lockFolder({ directory: folder.path, holder: 'test', startedAt: 1 })).rejects.toMatchObject({
    code: 'folder_owned',
    message: expect.stringMatching(
      new RegExp(`process ${first.child.pid} \\(contender, started 1970-01-01T00:00:00.000Z\\).*Stop it`),
    ),
  });
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');
  const lock = await lockFolder({ directory: folder.path, holder: 'test', startedAt: 1 });
  const third = await contender(folder.path);
  expect(third.said).toContain(`process ${process.pid} (test`);
  lock.release();
  const fourth = await contender(folder.path);
  expect(fourth.said).toBe('locked');
});

test('the same process can not take a folder twice, and patience waits for a holder that ends', async () => {
  await using folder = await scratchFolder();
  const lock = await lockFolder({ directory: folder.path, holder: 'one', startedAt: 1 });
  await expect(lockFolder({ directory: folder.path, holder: 'two', startedAt: 1 })).rejects.toMatchObject({
    code: 'folder_owned',
  });
  const waiting = lockFolder({ directory: folder.path, holder: 'three', startedAt: 1, patience: 5000 });
  lock.release();
  (await waiting).release();
});
