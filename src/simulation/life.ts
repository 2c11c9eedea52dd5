import type { CareTeam, Consent, FhirResource, Patient } from 'fhir/r4.js';
import { CONSENT_PURPOSE } from '../domain/consent.ts';
import { dateOfDay, dayNumber } from '../domain/instant.ts';
import { SYNTHETIC } from '../embedded/cohort/marks.ts';
import { practitionerReference } from '../embedded/cohort/people.ts';
import { randomOf } from '../embedded/cohort/random.ts';
import { CHANCES } from './options.ts';
import type { SimulatedPatient, World } from './world.ts';

/** How much a level of care takes off distress, by its rank: made up, small, so that steps up and down both happen. */
const HELP = 0.07;

/** How a patient is a tick later: drawn to where they tend to be, less so the more care they get, with bad weeks. */
export function live(person: SimulatedPatient, rank: number, seed: number, tick: number): void {
  const random = randomOf(seed, 'life', person.who.index, tick);
  const tendency = Math.max(0.05, person.who.distress * 1.15 - HELP * (rank - 1));
  const week = 0.18 * (tendency - person.distress) + random.bell(0, 0.05);
  const crisis = random.chance(CHANCES.crisis) ? 0.35 : 0;
  person.distress = Math.min(0.98, Math.max(0.02, person.distress + week + crisis));
}

/** What happens to a patient outside any form: death, leaving, another therapist. The resources that the hospital changes. */
export function events(
  person: SimulatedPatient,
  world: World,
  held: ReadonlyMap<string, FhirResource>,
  seed: number,
  tick: number,
  nowMs: number,
): FhirResource[] {
  if (person.gone !== undefined) return [];
  const random = randomOf(seed, 'event', person.who.index, tick);
  const now = new Date(nowMs).toISOString();
  if (random.chance(CHANCES.dies)) {
    person.gone = 'deceased';
    const patient = held.get(person.reference) as Patient | undefined;
    return patient === undefined ? [] : [{ ...patient, deceasedDateTime: now }];
  }
  if (random.chance(CHANCES.withdraws)) {
    person.gone = 'withdrawn';
    return [denial(person, now)];
  }
  if (!random.chance(CHANCES.changesTherapist)) return [];
  return handedOver(person, world, held, now.slice(0, 10));
}

const denial = (person: SimulatedPatient, dateTime: string): Consent => ({
  resourceType: 'Consent',
  id: `${person.who.id}-denial`,
  meta: SYNTHETIC,
  status: 'active',
  scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
  category: [{ coding: [{ system: CONSENT_PURPOSE, code: 'digital-follow-up' }] }],
  patient: { reference: person.reference },
  dateTime,
  policyRule: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'OPTOUT' }] },
  provision: { type: 'deny' },
});

/** From this day on another therapist treats: in the CareTeam and as the care manager. */
function handedOver(
  person: SimulatedPatient,
  world: World,
  held: ReadonlyMap<string, FhirResource>,
  day: string,
): FhirResource[] {
  const next = practitionerReference(world.cohort, (person.who.therapist + 1) % world.cohort.therapists);
  if (next === person.therapist) return [];
  const before = person.therapist;
  const changed: FhirResource[] = [];
  for (const it of held.values()) {
    if (it.resourceType === 'CareTeam' && it.subject?.reference === person.reference)
      changed.push(team(it, before, next, day));
    if (it.resourceType === 'EpisodeOfCare' && it.patient.reference === person.reference)
      changed.push({ ...it, careManager: { reference: next } });
  }
  person.therapist = next;
  return changed;
}

function team(it: CareTeam, before: string, next: string, day: string): CareTeam {
  const participant = (it.participant ?? []).flatMap((one) => {
    if (one.member?.reference !== before || one.period?.end !== undefined) return [one];
    const [former, later] = [{ ...one.period, end: dateOfDay(dayNumber(day) - 1) }, { start: day }];
    return [
      { ...one, period: former },
      { ...one, member: { reference: next }, period: later },
    ];
  });
  return { ...it, participant };
}
