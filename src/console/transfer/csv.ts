// CSV (RFC 4180) that a spreadsheet can not be tricked by: a text that would be read as a formula gets an apostrophe in front.

/** Starts a formula in Excel, LibreOffice or Sheets, also behind blanks, and in the full-width forms they fold. */
const FORMULA = /^\s*[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]/;

/** One field. Numbers and booleans are written as they are: a negative number is no formula. */
export function csvField(value: string | number | boolean | null): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  const safe = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n;\t']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** One record with its line end. */
export function csvRecord(values: readonly (string | number | boolean | null)[]): string {
  return `${values.map(csvField).join(',')}\r\n`;
}
