import type { AuditEvent, Observation, Reference } from 'fhir/r4.js';
import { type PractitionerOfRole, practitioner } from '../../domain/care.ts';
import type { PatientRecord } from '../../domain/patient-record.ts';
import { escaped, type Query } from '../../domain/queries.ts';
import { literal } from '../../domain/reference.ts';
import { FhirError, type FhirServer } from '../../fhir/port.ts';
import { ask, resourcesOf } from '../by-subject.ts';
import { measureOf, type ObservedRating } from './observed.ts';

/** Somebody was shown a rating of the patient’s: the AuditEvent of the page names the Observation. */
export interface Exposure {
  /** `Practitioner/…` */
  readonly person: string;
  /** `Observation/…` */
  readonly shown: string;
  readonly epochMs: number;
}

/** The people behind the PractitionerRoles among references. */
export type RolesOf = (named: readonly Reference[]) => Promise<PractitionerOfRole>;

/** Answers of a server that keeps no AuditEvents, or lets nobody search them: no failure of the reading. */
const CANNOT: ReadonlySet<string> = new Set(['rejected', 'not-found', 'unauthorized']);
/** References in one search: longer addresses are refused by some servers. */
const AT_ONCE = 50;

/** Who was shown ratings that these patients gave; `undefined` where the server cannot be asked. */
export async function exposuresOf(
  server: FhirServer,
  records: readonly Pick<PatientRecord, 'derived'>[],
  rolesOf: RolesOf,
): Promise<readonly Exposure[] | undefined> {
  const derived = records.flatMap((it) => it.derived);
  const shown = derived.flatMap((it) => (measureOf(it) === 'wai-s-p' ? [`Observation/${it.id}`] : []));
  const queries: Query<'AuditEvent'>[] = [];
  for (let at = 0; at < shown.length; at += AT_ONCE)
    queries.push({
      type: 'AuditEvent',
      params: [
        [
          'entity',
          shown
            .slice(at, at + AT_ONCE)
            .map(escaped)
            .join(','),
        ],
        ['_count', '500'],
      ],
    });
  try {
    const pages = await ask(server, queries);
    if (pages.some((it) => it.ignored?.includes('entity'))) return undefined;
    const known = new Set(shown);
    const events = pages.flatMap((page) => resourcesOf(page, 'AuditEvent'));
    const roles = await rolesOf(events.flatMap((it) => it.agent.flatMap((one) => one.who ?? [])));
    return events.flatMap((it) => inEvent(it, known, { roles, baseUrl: server.baseUrl }));
  } catch (error) {
    if (error instanceof FhirError && CANNOT.has(error.kind)) return undefined;
    throw error;
  }
}

function inEvent(
  it: AuditEvent,
  known: ReadonlySet<string>,
  { roles, baseUrl }: { readonly roles: PractitionerOfRole; readonly baseUrl: string },
): Exposure[] {
  const epochMs = Date.parse(it.recorded);
  const people = it.agent.flatMap((one) => practitioner(one.who, roles, baseUrl) ?? []);
  const shown = (it.entity ?? []).flatMap((one) => literal(one.what, baseUrl) ?? []).filter((one) => known.has(one));
  return it.outcome === '0' || it.outcome === undefined
    ? people.flatMap((person) => shown.map((one) => ({ person, shown: one, epochMs })))
    : [];
}

/** Whether the rater had been shown a rating of the same patient’s before this one. Patients are never shown the other side. */
export const wasExposed = (
  rating: ObservedRating,
  own: readonly Observation[],
  exposures: readonly Exposure[],
): boolean =>
  rating.rater === 'therapist' &&
  exposures.some(
    (it) =>
      it.person === rating.by &&
      it.epochMs < rating.authored.epochMs &&
      own.some((one) => `Observation/${one.id}` === it.shown),
  );
