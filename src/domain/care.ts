import type { CareTeam, Period, Reference } from 'fhir/r4.js';
import { covers } from './instant.ts';
import type { PatientRecord, ProgrammeSettings } from './patient-record.ts';
import { literal, typeOf } from './reference.ts';

/** `PractitionerRole/…` to the `Practitioner/…` who holds it. */
export type PractitionerOfRole = ReadonlyMap<string, string>;

/** The person behind a reference to a Practitioner or a PractitionerRole; `undefined` for anybody else. */
export function practitioner(
  reference: Reference | undefined,
  roles: PractitionerOfRole,
  baseUrl: string,
): string | undefined {
  const target = literal(reference, baseUrl);
  if (target === undefined) return undefined;
  const type = typeOf(target);
  if (type === 'Practitioner') return target;
  return type === 'PractitionerRole' ? roles.get(target) : undefined;
}

interface Care {
  readonly who: Reference | undefined;
  readonly during: readonly (Period | undefined)[];
}

const WITHOUT_EFFECT = new Set(['entered-in-error', 'proposed', 'planned', 'cancelled']);

function teamCare(team: CareTeam): Care[] {
  if (team.status !== undefined && WITHOUT_EFFECT.has(team.status)) return [];
  return (team.participant ?? []).map((it) => ({ who: it.member, during: [team.period, it.period] }));
}

/** Everybody that EpisodeOfCare.careManager, CareTeam and CarePlan.careTeam name, with when. */
function cares(record: PatientRecord): Care[] {
  const managers = record.episodes
    .filter((it) => !WITHOUT_EFFECT.has(it.status))
    .map((it): Care => ({ who: it.careManager, during: [it.period] }));
  return [...managers, ...record.careTeams.flatMap(teamCare)];
}

/** The practitioners who care for the patient on a calendar date, sorted. */
export function treating(
  record: PatientRecord,
  date: string,
  roles: PractitionerOfRole,
  settings: ProgrammeSettings,
): string[] {
  const found = new Set<string>();
  for (const { who, during } of cares(record)) {
    if (!during.every((period) => covers(period, date))) continue;
    const person = practitioner(who, roles, settings.baseUrl);
    if (person !== undefined) found.add(person);
  }
  return [...found].sort();
}
