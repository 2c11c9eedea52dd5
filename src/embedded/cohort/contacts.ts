import type { Communication, Encounter } from 'fhir/r4.js';
import { addDays, localInstant } from './calendar.ts';
import { therapistOn } from './care.ts';
import { identifierOf, SYNTHETIC } from './marks.ts';
import { type Cohort, idOf } from './options.ts';
import type { Participant } from './participant.ts';
import { practitionerReference } from './people.ts';
import { type Random, randomOf } from './random.ts';

const MEDIUM = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationMode';
const two = (value: number): string => String(value).padStart(2, '0');

const daytime = (random: Random): string => `${two(random.integer(8, 20))}:${two(random.integer(0, 59))}:00`;

/** Chats, calls and video between a patient and the therapist in the year after inclusion; more in the digital arm. */
export function communicationsOf(cohort: Cohort, who: Participant): Communication[] {
  if (!who.inProgramme || cohort.responses !== undefined) return [];
  const random = randomOf(cohort.seed, 'contacts', who.index);
  const count = who.arm === 'digital' ? random.integer(6, 16) : random.integer(1, 5);
  const kinds = who.arm === 'digital' ? DIGITAL : USUAL;
  const days = Array.from({ length: count }, () => random.integer(3, 360)).sort((a, b) => a - b);
  return days.map((day, place) => {
    const date = addDays(who.inclusion, day);
    const therapist = { reference: practitionerReference(cohort, therapistOn(cohort, who, date)) };
    const patient = { reference: who.reference };
    const byPatient = random.chance(0.45);
    const id = idOf(cohort, 'contact', who.number, two(place + 1));
    return {
      resourceType: 'Communication',
      id,
      meta: SYNTHETIC,
      identifier: [identifierOf(id)],
      status: 'completed',
      medium: [{ coding: [{ system: MEDIUM, code: random.pick(kinds) }] }],
      subject: patient,
      sent: localInstant(date, daytime(random)),
      sender: byPatient ? patient : therapist,
      recipient: [byPatient ? therapist : patient],
      payload: [{ contentString: 'Synthetic text.' }],
    };
  });
}

const DIGITAL = ['ONLINEWRIT', 'ONLINEWRIT', 'ONLINEWRIT', 'VIDEOCONF', 'PHONE'] as const;
const USUAL = ['PHONE', 'PHONE', 'VIDEOCONF'] as const;

/** A visit in person here and there. */
export function encountersOf(cohort: Cohort, who: Participant): Encounter[] {
  if (!who.inProgramme || cohort.responses !== undefined || who.index % 4 !== 0) return [];
  const random = randomOf(cohort.seed, 'encounters', who.index);
  const date = addDays(who.inclusion, random.integer(10, 80));
  const hour = random.integer(9, 17);
  const id = idOf(cohort, 'encounter', who.number);
  return [
    {
      resourceType: 'Encounter',
      id,
      meta: SYNTHETIC,
      identifier: [identifierOf(id)],
      status: 'finished',
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
      subject: { reference: who.reference },
      participant: [{ individual: { reference: practitionerReference(cohort, therapistOn(cohort, who, date)) } }],
      period: { start: localInstant(date, `${two(hour)}:00:00`), end: localInstant(date, `${two(hour)}:50:00`) },
    },
  ];
}
