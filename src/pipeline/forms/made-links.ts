import { randomUUID } from 'node:crypto';
import { v5 } from 'uuid';
import type { MadeLinkView } from '../../domain/view/made-links-view.ts';
import type { AlliancePorts } from '../compute-alliance.ts';
import { waitedFor } from '../compute-held.ts';
import type { Now } from '../compute-now.ts';
import { linkOf, type MadeLink, TRIES } from './personal-link.ts';

/** What is kept, sealed, of the links that were given out to one patient, until the last of them is over. */
interface Listed {
  readonly id: string;
  readonly tasks: readonly string[];
  readonly madeAt: string;
  readonly expiresAt: string;
}

/** Ids are not sealed: whoever reads the store learns of no patient. */
const keyOf = (patient: string): string => `links-of/${v5(patient, v5.URL)}`;
const iso = (ms: number): string => new Date(ms).toISOString();

// Only this file writes there.
const listed = async ({ state }: AlliancePorts, patient: string, now: string): Promise<readonly Listed[]> =>
  ((await state.kept(keyOf(patient), now)) as readonly Listed[] | undefined)?.filter((it) => it.expiresAt > now) ?? [];

/** Notes that a link was given out. One writer for a patient, over all replicas. */
export async function listLink(
  ports: AlliancePorts,
  patient: string,
  { id, expiresAt }: MadeLink,
  tasks: readonly string[],
  now: Now,
): Promise<void> {
  const at = iso(now.now());
  const lease = await waitedFor(keyOf(patient), { ...now, holder: randomUUID(), state: ports.state });
  try {
    const links = [...(await listed(ports, patient, at)), { id, tasks, madeAt: at, expiresAt }];
    await ports.state.keep(keyOf(patient), links, expiresAt);
  } finally {
    await lease?.release();
  }
}

/** The links of a patient whose 72 hours are not over, the latest first, with what has become of each. */
export async function linksOf(ports: AlliancePorts, patient: string, nowMs: number): Promise<readonly MadeLinkView[]> {
  const links = await listed(ports, patient, iso(nowMs));
  const seen = await Promise.all(
    links.map(async (it): Promise<MadeLinkView> => {
      const link = await linkOf(ports, it.id, nowMs);
      return link === undefined ? { ...it, state: 'over' } : { ...it, state: 'open', triesLeft: TRIES - link.tries };
    }),
  );
  return seen.toReversed();
}
