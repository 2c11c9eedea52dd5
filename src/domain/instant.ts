import { Temporal } from 'temporal-polyfill';

/** When something was authored, as far as the source says. */
export interface Authored {
  /** A FHIR dateTime: as it stands in the resource, with the assumed zone where that had none. */
  readonly text: string;
  /** The instant for ordering: noon of the day, or noon of the 15th of the month, where no more is known. */
  readonly epochMs: number;
  /** Local calendar date in the configured zone, `YYYY-MM-DD`. */
  readonly date: string;
  readonly precision: 'month' | 'day' | 'instant';
  /** True where the time carried no zone and was read in the configured one. */
  readonly zoneAssumed: boolean;
}

const MONTH = /^\d{4}-(0[1-9]|1[0-2])$/;
const DAY = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;
const ZONED = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-](0\d|1[0-3]):[0-5]\d|[+-]14:00)$/;
const LOCAL = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?$/;

const formatters = new Map<string, Intl.DateTimeFormat>();

/** The calendar date of an instant in a zone, `YYYY-MM-DD`. */
export function localDate(epochMs: number, zone: string): string {
  let format = formatters.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' });
    formatters.set(zone, format);
  }
  return format.format(epochMs);
}

/** A wall-clock time in a zone; in the hour that a clock change skips, the time moved on by the skipped hour. */
function wallClock(text: string, zone: string): Temporal.ZonedDateTime | undefined {
  try {
    return Temporal.PlainDateTime.from(text).toZonedDateTime(zone, { disambiguation: 'compatible' });
  } catch {
    return undefined;
  }
}

/** FHIR asks for seconds wherever there is a time. */
const withSeconds = (text: string): string => text.replace(/^(\d{4}-\d\d-\d\dT\d\d:\d\d)(?=Z|[+-])/, '$1:00');

/**
 * Reads a FHIR dateTime of month, day or full precision. `undefined` where it is absent, of year precision, or no date.
 * A time without a zone is read in `zone` and said so.
 */
export function readAuthored(text: string | undefined, zone: string): Authored | undefined {
  if (text === undefined) return undefined;
  if (ZONED.test(text)) {
    const epochMs = Date.parse(text);
    if (Number.isNaN(epochMs)) return undefined;
    return {
      text: withSeconds(text),
      epochMs,
      date: localDate(epochMs, zone),
      precision: 'instant',
      zoneAssumed: false,
    };
  }
  if (LOCAL.test(text)) {
    const local = wallClock(text, zone);
    if (local === undefined) return undefined;
    const { epochMilliseconds: epochMs } = local;
    const zoned = local.toString({ timeZoneName: 'never' });
    return { text: zoned, epochMs, date: localDate(epochMs, zone), precision: 'instant', zoneAssumed: true };
  }
  const precision = DAY.test(text) ? 'day' : MONTH.test(text) ? 'month' : undefined;
  if (precision === undefined) return undefined;
  const date = precision === 'day' ? text : `${text}-15`;
  const epochMs = isCalendarDate(date) ? wallClock(`${date}T12:00`, zone)?.epochMilliseconds : undefined;
  return epochMs === undefined ? undefined : { text, epochMs, date, precision, zoneAssumed: false };
}

const DAY_MS = 86_400_000;

/** Days since 1970-01-01 of a calendar date `YYYY-MM-DD`. */
export const dayNumber = (date: string): number => Math.round(Date.parse(`${date}T00:00:00Z`) / DAY_MS);

/** The calendar date of a day number. */
export const dateOfDay = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);

/**
 * The instant of an hour of a calendar day in a zone, milliseconds since 1970. Hour 0 is when the day begins, also where
 * clocks change at midnight.
 */
export function hourOfDay(date: string, hour: number, zone: string): number {
  const day = Temporal.PlainDate.from(date);
  if (hour === 0) return day.toZonedDateTime(zone).epochMilliseconds;
  return day.toZonedDateTime({ timeZone: zone, plainTime: { hour } }).epochMilliseconds;
}

/** Whole calendar days between two dates, never negative. */
export const daysApart = (a: string, b: string): number => Math.abs(dayNumber(a) - dayNumber(b));

function isCalendarDate(date: string): boolean {
  const time = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(date);
}

/** True where a period covers a calendar date; an open end covers everything on its side. */
export function covers(
  period: { start?: string | undefined; end?: string | undefined } | undefined,
  date: string,
): boolean {
  const start = period?.start?.slice(0, 10);
  const end = period?.end?.slice(0, 10);
  return (
    (start === undefined || start <= date.slice(0, start.length)) &&
    (end === undefined || end >= date.slice(0, end.length))
  );
}
