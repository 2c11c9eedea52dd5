import type { FhirResource, Reference } from 'fhir/r4.js';
import type { Bearer } from './people.ts';

export type Letter = 'c' | 'r' | 'u' | 'd' | 's';

/** One FHIR interaction as scopes speak of it. */
export interface Interaction {
  readonly type: string;
  readonly letter: Letter;
  readonly id?: string;
}

const SCOPE = /^(patient|user)\/([A-Za-z]+|\*)\.(c?r?u?d?s?)$/;
const PATIENTLESS = new Set([
  'Practitioner',
  'PractitionerRole',
  'Organization',
  'Location',
  'Device',
  'Questionnaire',
  'ActivityDefinition',
  'PlanDefinition',
  'ResearchStudy',
  'OperationOutcome',
]);

/** What a request below the base does; `undefined` for what scopes know nothing of. */
export function interactionOf(method: string, path: string): Interaction | undefined {
  const [place = '', query] = path.split('?');
  const [type = '', id, more] = place.split('/').filter((it) => it !== '');
  if (!/^[A-Z][A-Za-z]+$/.test(type)) return undefined;
  if (method === 'GET')
    return id === undefined || id === '_history' ? { type, letter: 's' } : { type, id, letter: 'r' };
  if (method === 'POST')
    return id === '_search'
      ? { type, letter: 's' }
      : more === undefined && id === undefined
        ? { type, letter: 'c' }
        : undefined;
  if (method === 'DELETE') return id === undefined ? undefined : { type, id, letter: 'd' };
  if (method !== 'PUT' && method !== 'PATCH') return undefined;
  if (id !== undefined) return { type, id, letter: 'u' };
  return query === undefined ? undefined : { type, letter: 'u' };
}

/** How far the scopes let somebody do that: over every patient of hers, over the launch patient alone, or not at all. */
export function reach({ scopes }: Bearer, { type, letter }: Interaction): 'user' | 'patient' | undefined {
  const levels = new Set(
    scopes.flatMap((scope) => {
      const [, level, of, letters = ''] = SCOPE.exec(scope) ?? [];
      return level !== undefined && (of === '*' || of === type) && letters.includes(letter) ? [level] : [];
    }),
  );
  if (levels.has('user')) return 'user';
  return levels.has('patient') ? 'patient' : undefined;
}

/** The ids of the patients whom a resource is about. */
export function patientsOf(resource: FhirResource): readonly string[] {
  if (resource.resourceType === 'Patient') return resource.id === undefined ? [] : [resource.id];
  const about: Record<string, unknown> = { ...resource };
  const named = [about.subject, about.patient, about.for, about.individual, about.target].flat();
  if (resource.resourceType === 'AuditEvent') named.push(...(resource.entity ?? []).map((it) => it.what));
  return named.flatMap((it) => {
    const reference = (it as Reference | undefined)?.reference;
    const id = reference === undefined ? undefined : /(?:^|\/)Patient\/([A-Za-z0-9\-.]+)$/.exec(reference)?.[1];
    return id === undefined ? [] : [id];
  });
}

/** Whether this may be shown to, or written by, whoever holds the token. */
export function concerns(bearer: Bearer, resource: FhirResource, letter: Letter): boolean {
  const how = reach(bearer, { type: resource.resourceType, letter });
  if (resource.resourceType === 'OperationOutcome') return true;
  if (how === undefined) return false;
  const about = patientsOf(resource);
  if (about.length === 0) return how === 'user' || PATIENTLESS.has(resource.resourceType);
  if (how === 'patient') return bearer.patient !== undefined && about.includes(bearer.patient);
  const { patients } = bearer;
  return patients === undefined || about.some((id) => patients.includes(id));
}
