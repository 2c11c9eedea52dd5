import { identify } from '../../domain/derived-identity.ts';
import type { NoticeKind, Recipient } from '../../notify/port.ts';
import type { State } from '../../state/port.ts';
import { listed } from './recipients.ts';
import type { RaiseOptions } from './safety-case.ts';
import type { SafetyPath } from './safety-path.ts';
import type { SafetyPorts } from './safety-ports.ts';
import { SAFETY_JOB } from './watch-safety.ts';

/** Whether somebody is looking for signs that others store on the hospital’s server, and since when nobody is. */
export interface Watch {
  readonly watching: boolean;
  /** When the last good poll ended, an instant (UTC); absent before the first. */
  readonly lastGood: string | undefined;
}

/** Two polls may be missed by a hair; the third says that something is wrong. */
const SLACK_MS = 30_000;

/** `startedMs` stands for the last good poll where there is none yet. */
export async function watchState(
  state: State,
  { pollSeconds }: Pick<SafetyPath, 'pollSeconds'>,
  nowMs: number,
  startedMs: number,
): Promise<Watch> {
  const good = (await state.lastRuns(SAFETY_JOB, 20)).find((it) => it.ok);
  const since = good === undefined ? startedMs : Date.parse(good.endedAt);
  return { watching: nowMs - since <= 2 * pollSeconds * 1000 + SLACK_MS, lastGood: good?.endedAt };
}

const KIND: NoticeKind = 'safety-watch-down';
/** An outage is told again after that long, by whichever replica comes first. */
const AGAIN_MS = 60 * 60_000;

/**
 * Tells the site’s own list that nobody is looking, once an hour while it lasts. The people of the records are not asked
 * for: the server may be what is down.
 */
export async function tellWatchDown({ state, safety }: SafetyPorts, options: RaiseOptions): Promise<boolean> {
  const nowMs = options.now();
  const runs = await state.lastRuns(SAFETY_JOB, 20);
  // Before the first poll of all nothing is missed yet; one that only ever failed is.
  const [oldest] = runs.slice(-1);
  if (oldest === undefined) return false;
  const { watching, lastGood } = await watchState(state, safety, nowMs, Date.parse(oldest.startedAt));
  if (watching) return false;
  // Kept until it ends by itself: so long nobody else tells the same.
  const lease = await state.acquire([`safety/watch-down/${lastGood ?? 'never'}`], options.holder, AGAIN_MS, nowMs);
  if (lease === undefined) return false;
  const hour = Math.floor(nowMs / AGAIN_MS);
  const deliveries = await Promise.all(
    onTheList(safety).map((to) =>
      safety.notify.send({
        id: identify(`watch-down|${lastGood ?? 'never'}|${hour}|${to.reference}|${to.email ?? ''}`),
        kind: KIND,
        to,
      }),
    ),
  );
  const isTold = deliveries.some((it) => it.kind === 'delivered');
  // Where nobody could be told, the next run tries again.
  if (!isTold) await lease.release();
  return isTold;
}

/** The coordinator and whoever comes first in the chain. */
function onTheList({ contacts, policy }: SafetyPath): readonly Recipient[] {
  const role = policy.chain[0]?.role ?? '';
  const all = [
    ...contacts.coordinator.map((it) => listed(it, 'coordinator')),
    ...(contacts.roles[role] ?? []).map((it) => listed(it, role)),
  ];
  return [...new Map(all.map((it) => [`${it.reference}|${it.email ?? ''}`, it])).values()];
}
