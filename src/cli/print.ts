/** Rows under their headings, aligned; numbers to the right. */
export function table(headings: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = [headings, ...rows.map((row) => row.map(String))];
  const widths = headings.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const numeric = headings.map((_, column) => rows.length > 0 && rows.every((row) => typeof row[column] === 'number'));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (numeric[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '─'.repeat(width)).join('  ');
  return [line(headings), rule, ...cells.slice(1).map(line)].join('\n');
}

/** The one object of `--json`, or what a person reads; nothing else goes to stdout. */
export function output(json: boolean, value: unknown, forPeople: () => string): void {
  process.stdout.write(json ? `${JSON.stringify(value)}\n` : `${forPeople()}\n`);
}

/** Progress and remarks go to stderr. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
