import type { FhirResource, Patient, Practitioner, PractitionerRole } from 'fhir/r4.js';
import { identifierOf, PSYCHO_ONCOLOGIST, SYNTHETIC } from './marks.ts';
import { type Cohort, idOf } from './options.ts';
import type { Participant } from './participant.ts';

const twoDigits = (index: number): string => String(index + 1).padStart(2, '0');

export const organizationReference = (cohort: Cohort): string => `Organization/${idOf(cohort, 'hospital')}`;
const practitionerId = (cohort: Cohort, therapist: number): string =>
  idOf(cohort, 'practitioner', twoDigits(therapist));
const roleId = (cohort: Cohort, therapist: number): string => idOf(cohort, 'role', twoDigits(therapist));

export const practitionerReference = (cohort: Cohort, therapist: number): string =>
  `Practitioner/${practitionerId(cohort, therapist)}`;
export const roleReference = (cohort: Cohort, therapist: number): string =>
  `PractitionerRole/${roleId(cohort, therapist)}`;

/** The therapist after the programme's own cares for patients outside the programme only. */
export const outsiderOf = (cohort: Cohort): number => cohort.therapists;

/** The hospital, its therapists in their roles, and the study: what everything else refers to. */
export function* institution(cohort: Cohort): Generator<FhirResource> {
  yield {
    resourceType: 'Organization',
    id: idOf(cohort, 'hospital'),
    meta: SYNTHETIC,
    identifier: [identifierOf(idOf(cohort, 'hospital'))],
    active: true,
    name: 'Synthetic Hospital',
  };
  for (let therapist = 0; therapist <= outsiderOf(cohort); therapist += 1) yield practitioner(cohort, therapist);
  for (let therapist = 0; therapist <= outsiderOf(cohort); therapist += 1) yield role(cohort, therapist);
  yield {
    resourceType: 'ResearchStudy',
    id: cohort.study,
    meta: SYNTHETIC,
    identifier: [identifierOf(cohort.study)],
    title: 'Synthetic study of stepped digital psychosocial care against usual care',
    status: 'active',
    sponsor: { reference: organizationReference(cohort) },
    principalInvestigator: { reference: practitionerReference(cohort, 0) },
    arm: [
      { name: 'digital', description: 'Integrated, stepped digital psychosocial care' },
      { name: 'usual', description: 'Usual psychosocial care' },
    ],
  };
}

const practitioner = (cohort: Cohort, therapist: number): Practitioner => ({
  resourceType: 'Practitioner',
  id: practitionerId(cohort, therapist),
  meta: SYNTHETIC,
  identifier: [identifierOf(practitionerId(cohort, therapist))],
  active: true,
  name: [
    {
      family: `Therapist ${twoDigits(therapist)}`,
      given: ['Synthetic'],
      text: `Synthetic Therapist ${twoDigits(therapist)}`,
    },
  ],
});

const role = (cohort: Cohort, therapist: number): PractitionerRole => ({
  resourceType: 'PractitionerRole',
  id: roleId(cohort, therapist),
  meta: SYNTHETIC,
  identifier: [identifierOf(roleId(cohort, therapist))],
  active: true,
  practitioner: { reference: practitionerReference(cohort, therapist) },
  organization: { reference: organizationReference(cohort) },
  code: [PSYCHO_ONCOLOGIST],
});

/** A synthetic person, named as one. */
export const patientOf = (cohort: Cohort, who: Participant): Patient => ({
  resourceType: 'Patient',
  id: who.id,
  meta: SYNTHETIC,
  identifier: [identifierOf(who.id)],
  active: true,
  name: [{ family: `Patient ${who.number}`, given: ['Synthetic'], text: `Synthetic Patient ${who.number}` }],
  gender: 'female',
  birthDate: who.birthDate,
  communication: [{ language: { coding: [{ system: 'urn:ietf:bcp:47', code: who.language }] }, preferred: true }],
  managingOrganization: { reference: organizationReference(cohort) },
});
