// A spool's name, made once and kept in its folder: batches are named after it, so it must never change while rows are on their way.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newId } from '../../kernel/ids.ts';
import { replaceFile } from './segment-file.ts';

const FILE = 'gateway';

/** The name in the folder; a new one is written where there is none. */
export async function gatewayName(directory: string, now: number): Promise<string> {
  const path = join(directory, FILE);
  if (existsSync(path)) return (await readFile(path, 'utf8')).trim();
  const name = newId('gw', now);
  await replaceFile(directory, FILE, `${name}\n`);
  return name;
}
