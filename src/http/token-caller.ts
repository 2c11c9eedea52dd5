import type { JWTPayload } from 'jose';
import { literal, typeOf } from '../domain/reference.ts';
import type { Caller } from '../pipeline/caller.ts';
import { insufficient } from './refusal.ts';

type Level = 'patient' | 'user' | 'system';

const SCOPE = /^(patient|user|system)\/(QuestionnaireResponse|\*)\.(\*|write|c?r?u?d?s?)$/;

/**
 * The levels at which a scope lets its bearer create a QuestionnaireResponse: `.c` (SMART v2), `.write` or `.*` (v1). A
 * scope narrowed by a search (`?…`) is not understood and grants nothing.
 * @see https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html
 */
export function levelsOf(scope: unknown): ReadonlySet<Level> {
  const words = typeof scope === 'string' ? scope.split(' ') : Array.isArray(scope) ? scope.map(String) : [];
  const levels = new Set<Level>();
  for (const word of words) {
    const [, level, , permission] = SCOPE.exec(word) ?? [];
    if (permission === '*' || permission === 'write' || permission?.startsWith('c') === true)
      levels.add(level as Level);
  }
  return levels;
}

const ID = /^[A-Za-z0-9\-.]{1,64}$/;

/** Who asks, from the claims of a token that was found good. @throws Refusal 403 where it does not say, or says two things */
export function callerOf(claims: JWTPayload, baseUrl: string): Caller {
  const levels = levelsOf(claims.scope ?? claims.scp);
  if (levels.size === 0)
    throw insufficient('insufficient-scope', 'The token does not allow to create a QuestionnaireResponse.');
  const patient = patientOf(claims.patient);
  if (claims.fhirUser === undefined) {
    if (patient !== undefined) return { kind: 'patient', patient };
    if (levels.has('system')) return { kind: 'system' };
    throw insufficient('no-user', 'The token names neither a user nor a patient.');
  }
  const user = typeof claims.fhirUser === 'string' ? literal({ reference: claims.fhirUser }, baseUrl) : undefined;
  const type = user === undefined ? '' : typeOf(user);
  if (user !== undefined && type === 'Patient' && (patient === undefined || patient === user))
    return { kind: 'patient', patient: user };
  if (user === undefined || (type !== 'Practitioner' && type !== 'PractitionerRole'))
    throw insufficient('wrong-user', 'The user of the token is neither this patient nor a practitioner.');
  if (patient === undefined && !levels.has('user') && !levels.has('system'))
    throw insufficient('no-patient', 'The token is for one patient and does not say for which.');
  return { kind: 'practitioner', practitioner: user, ...(patient === undefined ? {} : { patient }) };
}

/** The launch context's `patient` is an id; some servers write a reference. */
function patientOf(claim: unknown): string | undefined {
  if (claim === undefined) return undefined;
  const id = typeof claim === 'string' ? claim.replace(/^Patient\//, '') : '';
  if (!ID.test(id)) throw insufficient('wrong-patient', 'The patient of the token is no id.');
  return `Patient/${id}`;
}
