import type { CarePlan, Patient, Practitioner, PractitionerRole, Task } from 'fhir/r4.js';
import { codeSystem } from './canonicals.ts';
import { type PractitionerOfRole, practitioner, treating } from './care.ts';
import { isProposal, levelOf } from './care-plan.ts';
import { covers, localDate } from './instant.ts';
import type { PatientRecord, ProgrammeSettings } from './patient-record.ts';
import { literal } from './reference.ts';
import type { Moment } from './step-readings.ts';

export const ROLE = codeSystem('role');

/**
 * One person as stepped care sees them: of records that the hospital merged, everything together under the one that
 * lives on.
 */
export interface StepRecord extends PatientRecord {
  /** Every `Patient/…` whose record this is, `subject` among them. */
  readonly aliases: readonly string[];
  readonly patients: readonly Patient[];
  /** Tasks to decide, and those of the levels’ activities. */
  readonly tasks: readonly Task[];
  /** Practitioners that the record names. */
  readonly practitioners: ReadonlyMap<string, Practitioner>;
  readonly practitionerRoles: readonly PractitionerRole[];
  readonly roles: PractitionerOfRole;
}

/** The patient that another record was merged into, as the hospital's server says. */
export function mergedInto(patient: Patient | undefined, baseUrl: string): string | undefined {
  return literal(patient?.link?.find((it) => it.type === 'replaced-by')?.other, baseUrl);
}

/** The patients whose records were merged into this one. */
export const mergedFrom = (patient: Patient | undefined, baseUrl: string): string[] =>
  (patient?.link ?? []).filter((it) => it.type === 'replaces').flatMap((it) => literal(it.other, baseUrl) ?? []);

const isDead = (it: Patient): boolean => it.deceasedBoolean === true || it.deceasedDateTime !== undefined;

/** When the patient died, as far as the record says; `undefined` for the living. */
export function deathOf(record: StepRecord): { readonly at: string | undefined } | undefined {
  const dead = record.patients.find(isDead);
  return dead === undefined ? undefined : { at: dead.deceasedDateTime };
}

/** Whether a person still works here: active, as far as anybody says. */
export const isActive = (record: StepRecord, person: string): boolean =>
  record.practitioners.get(person)?.active !== false;

/** Codes of `CodeSystem/role` that somebody holds, by the patient’s CareTeam or by a PractitionerRole in force. */
export function rolesOf(record: StepRecord, person: string, moment: Moment, baseUrl: string): ReadonlySet<string> {
  const date = localDate(moment.nowMs, moment.zone);
  const inTeams = record.careTeams
    .flatMap((team) =>
      team.status === 'inactive' || team.status === 'entered-in-error' ? [] : (team.participant ?? []),
    )
    .filter((it) => covers(it.period, date) && practitioner(it.member, record.roles, baseUrl) === person)
    .flatMap((it) => it.role ?? []);
  const held = record.practitionerRoles
    .filter((it) => it.active !== false && covers(it.period, date) && literal(it.practitioner, baseUrl) === person)
    .flatMap((it) => it.code ?? []);
  const codings = [...inTeams, ...held].flatMap((it) => it.coding ?? []);
  return new Set(codings.flatMap((it) => (it.system === ROLE && it.code !== undefined ? [it.code] : [])));
}

/** Why somebody may not decide; `undefined` where they may. */
export type Barred = 'not-active' | 'not-in-your-care' | 'role-may-not-decide';

/** Whether a named clinician may decide: works here, cares for this patient, and holds one of the roles. */
export function barredFrom(
  record: StepRecord,
  person: string,
  deciders: readonly string[],
  moment: Moment,
  settings: ProgrammeSettings,
): Barred | undefined {
  if (!isActive(record, person)) return 'not-active';
  const date = localDate(moment.nowMs, moment.zone);
  if (!treating(record, date, record.roles, settings).includes(person)) return 'not-in-your-care';
  const held = rolesOf(record, person, moment, settings.baseUrl);
  return deciders.some((it) => held.has(it)) ? undefined : 'role-may-not-decide';
}

/** Who is asked to decide: somebody who may, the care manager first; else the CareTeam; nobody where there is none. */
export function deciderOf(
  record: StepRecord,
  deciders: readonly string[],
  moment: Moment,
  settings: ProgrammeSettings,
): string | undefined {
  const date = localDate(moment.nowMs, moment.zone);
  const managers = record.episodes.flatMap((it) => practitioner(it.careManager, record.roles, settings.baseUrl) ?? []);
  const able = [...managers, ...treating(record, date, record.roles, settings)].filter(
    (it) => barredFrom(record, it, deciders, moment, settings) === undefined,
  );
  return able[0] ?? careTeamsOf(record)[0];
}

/** The CareTeams in force, sorted. */
export const careTeamsOf = (record: StepRecord): string[] =>
  record.careTeams
    .filter((it) => it.status === undefined || it.status === 'active')
    .map((it) => `CareTeam/${it.id}`)
    .sort();

/** Stepped-care CarePlans that count, proposals apart from plans. */
export function plansOf(record: StepRecord): { readonly plans: CarePlan[]; readonly proposals: CarePlan[] } {
  const stepped = record.carePlans.filter((it) => it.status !== 'entered-in-error' && levelOf(it) !== undefined);
  return { plans: stepped.filter((it) => it.intent === 'plan'), proposals: stepped.filter(isProposal) };
}
