// Aligned columns of plain text, readable in a terminal and by `column`-minded tools: no frames, numbers to the right.

export interface TableColumn {
  readonly title: string;
  readonly align: 'left' | 'right';
}

/** One line a row, a title line above; ends with a newline. Widths count code points. */
export function formatTable(columns: readonly TableColumn[], rows: readonly (readonly string[])[]): string {
  const length = (text: string): number => Array.from(text).length;
  const widths = columns.map(({ title }, index) =>
    Math.max(length(title), ...rows.map((row) => length(row[index] ?? ''))),
  );
  const line = (cells: readonly string[]): string =>
    columns
      .map(({ align }, index) => {
        const cell = cells[index] ?? '';
        const gap = ' '.repeat((widths[index] as number) - length(cell));
        return align === 'right' ? gap + cell : cell + gap;
      })
      .join('  ')
      .trimEnd();
  return `${[columns.map(({ title }) => title), ...rows].map(line).join('\n')}\n`;
}
