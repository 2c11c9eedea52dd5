import { Temporal } from 'temporal-polyfill';

/** Where the synthetic hospital stands. */
export const ZONE = 'Europe/Madrid';

const DAY_MS = 86_400_000;

/** A calendar date some days later (earlier where negative). */
export const addDays = (date: string, days: number): string =>
  new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);

const offsets = new Map<string, string>();

/** The offset of local time at noon of a date; clocks change at night, and nobody here answers then. */
function offsetOn(date: string): string {
  let offset = offsets.get(date);
  if (offset === undefined) {
    offset = Temporal.PlainDateTime.from(`${date}T12:00`).toZonedDateTime(ZONE).offset;
    offsets.set(date, offset);
  }
  return offset;
}

/** A local time of day (`HH:MM:SS`, in daytime) as a FHIR dateTime with its offset. */
export const localInstant = (date: string, time: string): string => `${date}T${time}${offsetOn(date)}`;

/** The same instant written in UTC. */
export const inUtc = (instant: string): string => new Date(instant).toISOString().replace('.000Z', 'Z');

/** The last Sunday of March of the year of a date: the hour from 02:00 to 03:00 does not exist then. */
export function springForward(date: string): string {
  const last = new Date(Date.parse(`${date.slice(0, 4)}-03-31T00:00:00Z`));
  return addDays(last.toISOString().slice(0, 10), -last.getUTCDay());
}
