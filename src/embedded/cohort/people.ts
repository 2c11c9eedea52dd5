import type { FhirResource, Patient, Practitioner } from 'fhir/r4.js';
import { codeSystem } from '../../domain/canonicals.ts';
import type { Random } from './random.ts';
import { plusDays, SYNTHETIC_IDENTIFIER, synthetic } from './synthetic.ts';

export type Arm = 'digital' | 'usual';
export type Language = 'es' | 'ca' | 'en';

/** One participant as the generator knows her; `alliance` and `distress` are what her answers come from. */
export interface Person {
  readonly id: string;
  readonly patient: string;
  readonly therapist: string;
  /** Takes over from the 6-month visit on; most keep the therapist they had. */
  readonly laterTherapist: string;
  readonly arm: Arm;
  readonly language: Language;
  readonly inclusion: string;
  /** Months after which she no longer answers; 99 for one who stays. */
  readonly leavesAfter: number;
  /** Standard normal. */
  readonly alliance: number;
  readonly distress: number;
}

export interface Cast {
  readonly study: string;
  readonly therapists: readonly string[];
  readonly people: readonly Person[];
}

export interface CastOptions {
  readonly prefix: string;
  readonly patients: number;
  /** Inclusion of the first participant; the others follow within 300 days. */
  readonly from: string;
}

const PATIENTS_PER_THERAPIST = 6;

/** Who takes part: arms alternate, several patients to a therapist, a few leave, a few change therapist. */
export function cast({ prefix, patients, from }: CastOptions, random: Random): Cast {
  const count = Math.max(2, Math.ceil(patients / PATIENTS_PER_THERAPIST));
  const therapists = Array.from(
    { length: count },
    (_, index) => `Practitioner/${prefix}-therapist-${String(index + 1).padStart(3, '0')}`,
  );
  const therapistOf = (index: number): string => therapists[index % count] ?? '';
  const people = Array.from({ length: patients }, (_, index): Person => {
    const number = String(index + 1).padStart(5, '0');
    const therapist = therapistOf(index);
    return {
      id: `${prefix}-patient-${number}`,
      patient: `Patient/${prefix}-patient-${number}`,
      therapist,
      laterTherapist: random.chance(0.06) ? therapistOf(index + 1) : therapist,
      arm: index % 2 === 0 ? 'digital' : 'usual',
      language: random.pick(['es', 'es', 'ca', 'ca', 'en']),
      inclusion: plusDays(from, random.whole(0, 300)),
      leavesAfter: random.chance(0.2) ? random.pick([1, 4, 7]) : 99,
      alliance: random.normal(),
      distress: random.normal(),
    };
  });
  return { study: `ResearchStudy/${prefix}-study`, therapists, people };
}

const idOf = (reference: string): string => reference.slice(reference.indexOf('/') + 1);

function practitioner(reference: string, number: number): Practitioner {
  return synthetic<Practitioner>({
    resourceType: 'Practitioner',
    id: idOf(reference),
    identifier: [{ system: SYNTHETIC_IDENTIFIER, value: idOf(reference) }],
    active: true,
    name: [{ text: `Synthetic Therapist ${number}` }],
  });
}

function patient(person: Person, random: Random): Patient {
  return synthetic<Patient>({
    resourceType: 'Patient',
    id: person.id,
    identifier: [{ system: SYNTHETIC_IDENTIFIER, value: person.id }],
    active: true,
    name: [{ text: `Synthetic Patient ${person.id.slice(-5)}` }],
    gender: 'female',
    birthDate: plusDays('1945-01-01', random.whole(0, 365 * 45)),
    communication: [{ language: { coding: [{ system: 'urn:ietf:bcp:47', code: person.language }] }, preferred: true }],
  });
}

/** The months of which a therapist changes: care is handed over half way between the 3- and the 6-month visit. */
export const HANDOVER_DAYS = 136;

function careTeam(person: Person): FhirResource {
  const handover = plusDays(person.inclusion, HANDOVER_DAYS);
  const changes = person.laterTherapist !== person.therapist;
  return synthetic({
    resourceType: 'CareTeam',
    id: `${person.id}-team`,
    status: 'active',
    subject: { reference: person.patient },
    period: { start: person.inclusion },
    participant: [
      { member: { reference: person.therapist }, ...(changes ? { period: { end: plusDays(handover, -1) } } : {}) },
      ...(changes ? [{ member: { reference: person.laterTherapist }, period: { start: handover } }] : []),
    ],
  });
}

function researchSubject(person: Person, study: string): FhirResource {
  return synthetic({
    resourceType: 'ResearchSubject',
    id: `${person.id}-subject`,
    status: 'on-study',
    study: { reference: study },
    individual: { reference: person.patient },
    period: { start: person.inclusion },
    assignedArm: person.arm,
    actualArm: person.arm,
  });
}

/** Everybody and everything that the answers refer to. */
export function programme({ study, therapists, people }: Cast, prefix: string, random: Random): FhirResource[] {
  return [
    synthetic({ resourceType: 'Organization', id: `${prefix}-hospital`, active: true, name: 'Synthetic Hospital' }),
    ...therapists.map((reference, index) => practitioner(reference, index + 1)),
    synthetic({
      resourceType: 'ResearchStudy',
      id: idOf(study),
      status: 'active',
      title: 'Synthetic study of stepped digital psychosocial care',
      arm: [{ name: 'digital' }, { name: 'usual' }],
    }),
    ...people.flatMap((person) => [
      patient(person, random),
      researchSubject(person, study),
      careTeam(person),
      ...consents(person, random),
    ]),
  ];
}

/** Most give none of their own; some withdraw from digital follow-up, some release their rating. */
function consents(person: Person, random: Random): FhirResource[] {
  const consent = (purpose: string, type: 'deny' | 'permit', after: number): FhirResource =>
    synthetic({
      resourceType: 'Consent',
      id: `${person.id}-consent-${purpose}`,
      status: 'active',
      scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
      category: [{ coding: [{ system: codeSystem('consent-purpose'), code: purpose }] }],
      patient: { reference: person.patient },
      dateTime: plusDays(person.inclusion, after),
      policyRule: { text: 'Synthetic consent' },
      provision: { type },
    });
  return [
    ...(random.chance(0.03) ? [consent('digital-follow-up', 'deny', 150)] : []),
    ...(random.chance(0.1) ? [consent('alliance-release', 'permit', 0)] : []),
  ];
}
