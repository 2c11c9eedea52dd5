import type { Reference } from 'fhir/r4.js';
import { codeSystem } from './canonicals.ts';
import type { SafetyPolicy } from './protocol.ts';

const MINUTE_MS = 60_000;

/** One step of the chain: who is told, so many minutes after the sign. */
export interface ChainStep {
  readonly afterMinutes: number;
  readonly role: string;
  /** Names the step in identities: a chain that is reordered does not take one step for another. */
  readonly name: string;
}

export const chainOf = (policy: SafetyPolicy): readonly ChainStep[] =>
  policy.chain.map((it) => ({ ...it, name: `${it.afterMinutes}/${it.role}` }));

/** The steps whose time has come, first to last; the one at 0 always, whatever the clock says. */
export const dueSteps = (policy: SafetyPolicy, raisedMs: number, nowMs: number): readonly ChainStep[] =>
  chainOf(policy).filter((it) => it.afterMinutes === 0 || nowMs - raisedMs >= it.afterMinutes * MINUTE_MS);

/**
 * The step of a sign that was taken up at an instant and is not closed after the time that content gives for it: the last
 * of the chain hears of it, once. None where content gives no such time.
 */
export function unclosedStep(policy: SafetyPolicy, takenUpMs: number, nowMs: number): ChainStep | undefined {
  const { closeWithinMinutes } = policy;
  const last = policy.chain.at(-1);
  if (closeWithinMinutes === undefined || last === undefined) return undefined;
  if (!(nowMs - takenUpMs >= closeWithinMinutes * MINUTE_MS)) return undefined;
  return { afterMinutes: closeWithinMinutes, role: last.role, name: `unclosed/${last.role}` };
}

/** Until when somebody must have taken a sign up that was raised at `at` (UTC). */
export const respondBy = (policy: SafetyPolicy, at: string): string =>
  new Date(Date.parse(at) + policy.respondWithinMinutes * MINUTE_MS).toISOString();

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/**
 * Whether somebody is watching at an instant, by the hours that content declares: ISO weekdays (1 Monday … 7 Sunday),
 * local times `HH:MM` in `zone`; `to` not included, and before `from` where the watch goes past midnight.
 */
export function isWatched({ watched }: Pick<SafetyPolicy, 'watched'>, epochMs: number, zone: string): boolean {
  const [day, time] = localDayAndTime(epochMs, zone);
  const before = day === 1 ? 7 : day - 1;
  return watched.some(({ days, from, to }) => {
    if (from < to) return days.includes(day) && from <= time && time < to;
    return (days.includes(day) && from <= time) || (days.includes(before) && time < to);
  });
}

function localDayAndTime(epochMs: number, zone: string): readonly [day: number, time: string] {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(epochMs);
  const part = (type: Intl.DateTimeFormatPartTypes): string => parts.find((it) => it.type === type)?.value ?? '';
  return [WEEKDAYS.indexOf(part('weekday')) + 1, `${part('hour')}:${part('minute')}`];
}

/** Stands for a role in `Task.owner` where no person of the record holds it: the site’s own list says who does. */
export const ownerByRole = (role: string): Reference => ({
  type: 'PractitionerRole',
  identifier: { system: codeSystem('role'), value: role },
  display: role,
});
