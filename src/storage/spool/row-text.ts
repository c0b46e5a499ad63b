// A row as the text of a frame: its JSON, and behind an end row's the two payloads as they are. They are JSON texts themselves and most of the
// row: written inside of it every quote in them would be escaped once more, and read back, for each interaction on its way.
import type { SpoolRow } from '../../contract/interaction.ts';

const SEPARATOR = '\n';

/** `JSON`, or for an end row with payloads `JSON ⏎ UTF-16 units of the request ⏎ request response`. */
export function rowText(row: SpoolRow): string {
  if (row.row !== 'end') return JSON.stringify(row);
  const { request_payload: request, response_payload: response } = row;
  if (request === '' && response === '') return JSON.stringify(row);
  // Taken out and put back: a copy of so many fields costs more than writing them.
  row.request_payload = '';
  row.response_payload = '';
  const head = JSON.stringify(row);
  row.request_payload = request;
  row.response_payload = response;
  return `${head}${SEPARATOR}${request.length}${SEPARATOR}${request}${response}`;
}

/** The row of a frame's text; also of one from before payloads stood apart. */
export function readRow(text: string): SpoolRow {
  // JSON as it is written here has no line end.
  const end = text.indexOf(SEPARATOR);
  if (end === -1) return JSON.parse(text) as SpoolRow;
  const row = JSON.parse(text.slice(0, end)) as SpoolRow;
  if (row.row !== 'end') return row;
  const from = text.indexOf(SEPARATOR, end + 1) + 1;
  const middle = from + Number(text.slice(end + 1, from - 1));
  row.request_payload = text.slice(from, middle);
  row.response_payload = text.slice(middle);
  return row;
}
