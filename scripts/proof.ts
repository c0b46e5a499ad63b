// `npm run proof [-- PART … | --full | --list]`: measures what is promised, prints it as a table and writes docs/proof.md. A part that is
// selected replaces its own figures of an earlier run and leaves the others; each row says when, where and under what load it was measured.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { format } from 'prettier';
import { PARTS } from '../test/proof/parts.ts';
import { proofPage, proofTable, readMeasured, type MeasuredPart } from '../test/proof/page.ts';
import { measurePart } from '../test/proof/measure.ts';

const PAGE = new URL('../docs/proof.md', import.meta.url);
const FIGURES = new URL('../docs/proof.json', import.meta.url);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { full: { type: 'boolean', default: false }, list: { type: 'boolean', default: false } },
});

async function write(measured: readonly MeasuredPart[]): Promise<void> {
  writeFileSync(FIGURES, `${JSON.stringify(measured, null, 2)}\n`);
  writeFileSync(PAGE, await format(proofPage(measured), { parser: 'markdown' }));
}

async function prove(): Promise<void> {
  // A name selects a part or a family of parts: `guard` is guard-cost, guard-hate, …
  const isSelected = (name: string): boolean =>
    positionals.length === 0 || positionals.some((one) => name === one || name.startsWith(`${one}-`));
  const selected = PARTS.filter(({ name }) => isSelected(name));
  const unknown = positionals.filter(
    (one) => !PARTS.some(({ name }) => name === one || name.startsWith(`${one}-`)),
  );
  if (unknown.length > 0) {
    console.error(
      `No part is named ${unknown.join(', ')}. Parts: ${PARTS.map(({ name }) => name).join(', ')}.`,
    );
    process.exitCode = 2;
    return;
  }
  const now: MeasuredPart[] = [];
  for (const part of selected) {
    console.error(`${part.name}: ${part.what} …`);
    const measured = await measurePart(part, { full: values.full });
    now.push(measured);
    // Parts run for minutes: what is measured is kept even when a later one is interrupted.
    const earlier = existsSync(FIGURES) ? readMeasured(readFileSync(FIGURES, 'utf8')) : [];
    const all = PARTS.flatMap(({ name }) => [measured, ...earlier].find((one) => one.name === name) ?? []);
    await write(all);
  }
  console.log(proofTable(now));
  if (now.some(({ rows }) => rows.some(({ verdict }) => verdict === 'falls short'))) process.exitCode = 1;
}

if (values.list) {
  const width = Math.max(...PARTS.map(({ name }) => name.length));
  for (const { name, what } of PARTS) console.log(`${name.padEnd(width)}  ${what}`);
} else await prove();
