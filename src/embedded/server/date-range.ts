/** A stretch of time in milliseconds since 1970, both ends included. */
export interface DateRange {
  readonly low: number;
  readonly high: number;
}

const DATE = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d:\d\d)?)?)?)?$/;

/**
 * What a FHIR date, dateTime or instant covers at its own precision: 2026-02 is all of February. Without a zone it is
 * read as UTC.
 *
 * @see https://hl7.org/fhir/R4/search.html#date
 */
export function rangeOfDate(text: string): DateRange | undefined {
  const parts = DATE.exec(text);
  if (parts === null) return undefined;
  const [, year = '', month, day, hour, minute, second, fraction, zone = 'Z'] = parts;
  const start = `${year}-${month ?? '01'}-${day ?? '01'}T${hour ?? '00'}:${minute ?? '00'}:${second ?? '00'}`;
  const low = Date.parse(`${start}.${(fraction ?? '0').padEnd(3, '0').slice(0, 3)}${zone}`);
  if (Number.isNaN(low)) return undefined;
  return { low, high: endOf(low, { month, day, hour, second, fraction }) - 1 };
}

function endOf(low: number, has: Record<string, string | undefined>): number {
  if (has.fraction !== undefined) return low + 1;
  if (has.second !== undefined) return low + 1000;
  if (has.hour !== undefined) return low + 60_000;
  if (has.day !== undefined) return low + 86_400_000;
  const end = new Date(low);
  if (has.month !== undefined) end.setUTCMonth(end.getUTCMonth() + 1);
  else end.setUTCFullYear(end.getUTCFullYear() + 1);
  return end.getTime();
}

export type Prefix = 'eq' | 'ne' | 'gt' | 'lt' | 'ge' | 'le' | 'sa' | 'eb' | 'ap';
const PREFIX = /^(eq|ne|gt|lt|ge|le|sa|eb|ap)(?=[\d+.-])/;

/** Splits `ge2026-01-01` into its prefix and its value. */
export function splitPrefix(value: string): { prefix: Prefix; rest: string } {
  const found = PREFIX.exec(value)?.[1];
  return { prefix: (found ?? 'eq') as Prefix, rest: found === undefined ? value : value.slice(2) };
}

/** Whether a stored stretch answers a prefix and a searched stretch; numbers are stretches of no length. */
export function rangeMatches(stored: DateRange, prefix: Prefix, searched: DateRange): boolean {
  const within = stored.low >= searched.low && stored.high <= searched.high;
  switch (prefix) {
    case 'eq':
      return within;
    case 'ne':
      return !within;
    case 'gt':
      return stored.high > searched.high;
    case 'lt':
      return stored.low < searched.low;
    case 'ge':
      return stored.high > searched.high || within;
    case 'le':
      return stored.low < searched.low || within;
    case 'sa':
      return stored.low > searched.high;
    case 'eb':
      return stored.high < searched.low;
    case 'ap':
      return stored.low <= searched.high && stored.high >= searched.low;
  }
}
