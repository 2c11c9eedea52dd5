import type { QuestionnaireResponse } from 'fhir/r4.js';
import { type PractitionerOfRole, practitioner, treating } from '../domain/care.ts';
import { localDate } from '../domain/instant.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { Issue } from '../domain/outcome.ts';
import type { PatientRecord, ProgrammeSettings } from '../domain/patient-record.ts';
import { literal } from '../domain/reference.ts';

/** On whose behalf a response is handed in, as the hospital's authorization server says. */
export type Caller =
  /** `Patient/…`, for that patient alone. */
  | { readonly kind: 'patient'; readonly patient: string }
  /** `Practitioner/…` or `PractitionerRole/…`; with `patient`, for that patient alone. */
  | { readonly kind: 'practitioner'; readonly practitioner: string; readonly patient?: string }
  /** A system of the hospital without a user. */
  | { readonly kind: 'system' };

const denied = (reason: string, diagnostics: string, place: string): Issue => ({
  severity: 'error',
  code: 'forbidden',
  reason,
  diagnostics,
  expression: `QuestionnaireResponse.${place}`,
});

/** What the response alone shows: whether this caller may hand it in at all. `undefined` where nothing speaks against it. */
export function mayAnswer(
  caller: Caller,
  response: QuestionnaireResponse,
  instrument: Instrument | undefined,
  roles: PractitionerOfRole,
  baseUrl: string,
): Issue | undefined {
  if (caller.kind === 'system') return undefined;
  const person = (it: QuestionnaireResponse['source']) => practitioner(it, roles, baseUrl) ?? literal(it, baseUrl);
  const [subject, source, author] = [
    literal(response.subject, baseUrl),
    person(response.source),
    person(response.author),
  ];
  if (caller.kind === 'patient') {
    if (subject !== caller.patient)
      return denied('not-your-patient', 'The token is not for the patient of this response.', 'subject');
    return (source ?? author) === caller.patient
      ? undefined
      : denied('not-the-rater', 'The token is not of the person who answered.', 'source');
  }
  const own = roles.get(caller.practitioner) ?? caller.practitioner;
  if (caller.patient !== undefined && subject !== caller.patient)
    return denied('not-your-patient', 'The token is not for the patient of this response.', 'subject');
  // A clinician may take down what a patient answers, but never the patient's opinion of the clinician.
  const takenDown = author === own && source === subject && instrument?.alliance === false;
  return (source ?? author) === own || takenDown
    ? undefined
    : denied('not-the-rater', 'The token is not of the person who answered.', 'source');
}

/** What the record adds: a practitioner hands in responses only for patients in that practitioner's care today. */
export function mayTreat(
  caller: Caller,
  record: PatientRecord,
  roles: PractitionerOfRole,
  settings: ProgrammeSettings,
  nowMs: number,
): Issue | undefined {
  if (caller.kind !== 'practitioner') return undefined;
  const own = roles.get(caller.practitioner) ?? caller.practitioner;
  if (record.subject === own) return undefined;
  return treating(record, localDate(nowMs, settings.timeZone), roles, settings).includes(own)
    ? undefined
    : denied('not-in-your-care', 'The patient is not in the care of whoever the token is for.', 'subject');
}
