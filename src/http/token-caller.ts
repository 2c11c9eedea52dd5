import type { JWTPayload } from 'jose';
import { literal, typeOf } from '../domain/reference.ts';
import type { Caller } from '../pipeline/caller.ts';
import { insufficient } from './refusal.ts';

type Level = 'patient' | 'user' | 'system';

const SCOPE = /^(patient|user|system)\/([A-Za-z]+|\*)\.(\*|read|write|c?r?u?d?s?)$/;

/** What a token must allow: to create, read or update resources of a type. */
export interface Needed {
  readonly resource: string;
  readonly right: 'c' | 'r' | 'u';
}

/** What handing in a response needs. */
export const CREATE_RESPONSE: Needed = { resource: 'QuestionnaireResponse', right: 'c' };

const DOES = { c: 'create', r: 'read', u: 'change' } as const;
const WORD = { c: 'write', r: 'read', u: 'write' } as const;

/**
 * The levels at which a scope lets its bearer do what is needed: `.c` … (SMART v2), `.write`, `.read` or `.*` (v1). A
 * scope narrowed by a search (`?…`) is not understood and grants nothing.
 * @see https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html
 */
export function levelsOf(scope: unknown, needed: Needed = CREATE_RESPONSE): ReadonlySet<Level> {
  const words = typeof scope === 'string' ? scope.split(' ') : Array.isArray(scope) ? scope.map(String) : [];
  const levels = new Set<Level>();
  for (const word of words) {
    const [, level, resource, permission = ''] = SCOPE.exec(word) ?? [];
    if (resource !== '*' && resource !== needed.resource) continue;
    const isWord = permission === 'read' || permission === 'write';
    const allows = isWord ? permission === WORD[needed.right] : permission === '*' || permission.includes(needed.right);
    if (allows) levels.add(level as Level);
  }
  return levels;
}

const ID = /^[A-Za-z0-9\-.]{1,64}$/;

/** Who asks, from the claims of a token that was found good. @throws Refusal 403 where it does not say, or says two things */
export function callerOf(claims: JWTPayload, baseUrl: string, needed: Needed = CREATE_RESPONSE): Caller {
  const levels = levelsOf(claims.scope ?? claims.scp, needed);
  if (levels.size === 0)
    throw insufficient('insufficient-scope', `The token does not allow to ${DOES[needed.right]} a ${needed.resource}.`);
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
