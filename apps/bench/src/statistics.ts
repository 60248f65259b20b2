/** The value below which this share of the values lies; NaN if there are none. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? Number.NaN;
}

/** Median, minimum and maximum. */
export function spread(values: readonly number[]): [number, number, number] {
  return [percentile(values, 50), Math.min(...values), Math.max(...values)];
}

/** Lays rows out in columns; numbers have three significant digits and are aligned to the right. */
export function table(rows: readonly (readonly (string | number)[])[]): string {
  const cells = rows.map((row) =>
    row.map((cell) => (typeof cell === "number" ? String(Number(cell.toPrecision(3))) : cell)),
  );
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("  ");
  return cells.map(line).join("\n");
}
