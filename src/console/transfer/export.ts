// Exports as streams: pages of interactions in, bytes of JSONL, CSV or Parquet out; never more than a page or a row group in memory.
import type { ByteWriter, Writer } from 'hyparquet-writer';
import { PassThrough, Readable } from 'node:stream';
import type { RecordedInteraction } from '../queries/recorded.ts';
import { csvRecord } from './csv.ts';
import { FLAT_COLUMNS } from './flat-row.ts';

export const EXPORT_FORMATS = ['jsonl', 'csv', 'parquet'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export const EXPORT_TYPES: Readonly<Record<ExportFormat, string>> = {
  jsonl: 'application/x-ndjson',
  csv: 'text/csv; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
};

type Pages = AsyncIterable<readonly RecordedInteraction[]>;

async function* jsonLines(pages: Pages): AsyncGenerator<string> {
  for await (const page of pages)
    yield page.map((interaction) => `${JSON.stringify(interaction)}\n`).join('');
}

async function* csvLines(pages: Pages): AsyncGenerator<string> {
  yield csvRecord(FLAT_COLUMNS.map((column) => column.name));
  for await (const page of pages)
    yield page
      .map((interaction) => csvRecord(FLAT_COLUMNS.map((column) => column.value(interaction))))
      .join('');
}

async function* flatRows(pages: Pages): AsyncGenerator<Record<string, unknown>> {
  for await (const page of pages) {
    for (const interaction of page) {
      const row: Record<string, unknown> = {};
      for (const { name, type, value } of FLAT_COLUMNS) {
        const cell = value(interaction);
        if (cell !== null && type === 'INT64') row[name] = BigInt(cell);
        else row[name] = cell !== null && type === 'TIMESTAMP' ? new Date(String(cell)) : cell;
      }
      yield row;
    }
  }
}

/** A writer that hands each finished row group to a stream, and waits while its reader is behind. */
function streamWriter(target: PassThrough, bytes: ByteWriter): Writer {
  const drain = async (): Promise<void> => {
    const ready = Buffer.from(bytes.getBytes());
    bytes.index = 0;
    if (target.destroyed) throw new Error('the reader of the export has gone');
    if (ready.length > 0 && !target.write(ready))
      await new Promise<void>((resolve) => {
        target.once('drain', resolve);
        target.once('close', resolve);
      });
  };
  const finish = async (): Promise<void> => {
    await drain();
    target.end();
  };
  return Object.assign<ByteWriter, Pick<Writer, 'flush' | 'finish'>>(bytes, { flush: drain, finish });
}

const ROW_GROUP_ROWS = 2_000;

async function writeParquet(target: PassThrough, pages: Pages): Promise<void> {
  const { ByteWriter, parquetWriteRows } = await import('hyparquet-writer');
  await parquetWriteRows({
    writer: streamWriter(target, new ByteWriter(1024 * 1024)),
    rows: flatRows(pages),
    columns: FLAT_COLUMNS.map(({ name, type }) => ({ name, type, nullable: true })),
    rowGroupSize: ROW_GROUP_ROWS,
  });
}

function parquet(pages: Pages): Readable {
  const target = new PassThrough();
  writeParquet(target, pages).catch((error: unknown) =>
    target.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  return target;
}

export function exportStream(format: ExportFormat, pages: Pages): Readable {
  switch (format) {
    case 'jsonl':
      return Readable.from(jsonLines(pages));
    case 'csv':
      return Readable.from(csvLines(pages));
    case 'parquet':
      return parquet(pages);
  }
}
