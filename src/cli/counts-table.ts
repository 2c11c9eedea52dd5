import { table } from './print.ts';

const words = (name: string): string => name.replace(/[A-Z]/g, (it) => ` ${it.toLowerCase()}`);

/** The counts of one run as a person reads them; what the run says beside its counts stands above. */
export function countsTable(run: object): string {
  const entries = Object.entries(run);
  const said = entries.flatMap(([name, value]) =>
    typeof value === 'string' ? [`${words(name)} ${value}`] : value === true ? [words(name)] : [],
  );
  const counts = entries.flatMap(([name, value]): [string, number][] =>
    typeof value === 'number' ? [[words(name), value]] : [],
  );
  return [...(said.length === 0 ? [] : [said.join(', ')]), table(['', 'count'], counts)].join('\n');
}
