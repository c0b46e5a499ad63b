// `npm run proof [-- PART … | --full | --list]`: measures what is promised, prints it as a table and writes docs/proof.md. A part that is
// selected replaces its own figures of an earlier run and leaves the others; each row says when, where and under what load it was measured.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { format } from 'prettier';
import { measureAtOnce } from '../test/proof/at-once.ts';
import { PARTS } from '../test/proof/parts.ts';
import { proofPage, proofTable, readMeasured, type MeasuredPart } from '../test/proof/page.ts';
import { measurePart } from '../test/proof/measure.ts';
import type { Part } from '../test/proof/part.ts';

const PAGE = new URL('../docs/proof.md', import.meta.url);
const FIGURES = new URL('../docs/proof.json', import.meta.url);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    full: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    // One part for this command itself, which runs others beside it: its figures go to the terminal alone, as JSON.
    shared: { type: 'boolean', default: false },
  },
});
const extent = { full: values.full };

/** Figures of earlier runs. */
function kept(): MeasuredPart[] {
  return existsSync(FIGURES) ? readMeasured(readFileSync(FIGURES, 'utf8')) : [];
}

/** Parts run for minutes: what is measured is kept even when a later one is interrupted. */
async function keep(measured: MeasuredPart): Promise<void> {
  const earlier = kept();
  const all = PARTS.flatMap(({ name }) => [measured, ...earlier].find((one) => one.name === name) ?? []);
  writeFileSync(FIGURES, `${JSON.stringify(all, null, 2)}\n`);
  writeFileSync(PAGE, await format(proofPage(all), { parser: 'markdown' }));
}

/** A name selects a part or a family of parts: `guard` is guard-cost, guard-hate, … */
function selected(): Part[] {
  const isMeant = (name: string, part: Part): boolean =>
    part.name === name || part.name.startsWith(`${name}-`);
  const unknown = positionals.filter((name) => !PARTS.some((part) => isMeant(name, part)));
  if (unknown.length > 0) {
    console.error(
      `No part is named ${unknown.join(', ')}. Parts: ${PARTS.map(({ name }) => name).join(', ')}.`,
    );
    process.exit(2);
  }
  return positionals.length === 0
    ? [...PARTS]
    : PARTS.filter((part) => positionals.some((name) => isMeant(name, part)));
}

async function prove(parts: readonly Part[]): Promise<void> {
  const now: MeasuredPart[] = [];
  const tell = ({ name, what }: Part): void => console.error(`${name}: ${what} …`);
  const take = async (measured: MeasuredPart): Promise<void> => {
    now.push(measured);
    await keep(measured);
  };
  const isAlone = (part: Part): boolean => part.timed || parts.length === 1;
  for (const part of parts.filter(isAlone)) {
    tell(part);
    await take(await measurePart(part, extent));
  }
  await measureAtOnce(
    parts.filter((part) => !isAlone(part)),
    { extent, earlier: kept(), tell, take },
  );
  console.log(proofTable(PARTS.flatMap(({ name }) => now.find((one) => one.name === name) ?? [])));
  if (now.some(({ rows }) => rows.some(({ verdict }) => verdict === 'falls short'))) process.exitCode = 1;
}

if (values.list) {
  const width = Math.max(...PARTS.map(({ name }) => name.length));
  for (const { name, what } of PARTS) console.log(`${name.padEnd(width)}  ${what}`);
} else if (values.shared) {
  const [part] = PARTS.filter(({ name }) => name === positionals[0]);
  if (part !== undefined) console.log(JSON.stringify(await measurePart(part, extent, true)));
} else await prove(selected());
