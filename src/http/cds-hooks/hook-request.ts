import type { FhirResource } from 'fhir/r4.js';
import { literal, typeOf } from '../../domain/reference.ts';
import { refusal } from '../refusal.ts';

/** A patient-view call that can be answered. */
export interface PatientView {
  readonly hookInstance: string;
  /** `Patient/…` */
  readonly patient: string;
  /** `Practitioner/…`, `PractitionerRole/…`, `Patient/…` or `RelatedPerson/…`. */
  readonly user: string;
  /** Everything that the templates ask for; absent where any of it is missing, broken or only one page of several. */
  readonly prefetched?: readonly FhirResource[];
}

const ID = /^[A-Za-z0-9\-.]{1,64}$/;
const USERS: ReadonlySet<string> = new Set(['Practitioner', 'PractitionerRole', 'Patient', 'RelatedPerson']);
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

type Json = Readonly<Record<string, unknown>>;
export const isJson = (it: unknown): it is Json => typeof it === 'object' && it !== null && !Array.isArray(it);

const malformed = (what: string) => refusal(400, 'structure', 'hook-malformed', what);
const unmet = (what: string) => refusal(412, 'incomplete', 'hook-precondition', what);

/**
 * Reads the body of a call. The token in `fhirAuthorization` is not read at all: Vincle goes by its own credential.
 * @throws Refusal 400 where it is no call of this hook, 412 where it lacks what an answer needs
 */
export function readPatientView(
  body: unknown,
  templates: Readonly<Record<string, string>>,
  baseUrl: string,
): PatientView {
  if (!isJson(body)) throw malformed('The body is no JSON object.');
  const { hook, hookInstance, context, fhirServer, fhirAuthorization, prefetch } = body;
  if (hook !== 'patient-view') throw malformed('This service answers the hook patient-view.');
  if (typeof hookInstance !== 'string' || !UUID.test(hookInstance)) throw malformed('hookInstance must be a UUID.');
  if (!isJson(context)) throw malformed('The call has no context.');
  if (fhirServer === undefined && fhirAuthorization !== undefined)
    throw malformed('fhirAuthorization needs fhirServer beside it.');
  if (fhirServer !== undefined && (typeof fhirServer !== 'string' || !isSameServer(fhirServer, baseUrl)))
    throw unmet('Vincle reads from the FHIR server of this site alone, and fhirServer is another.');
  const { patientId, userId } = context;
  if (typeof patientId !== 'string' || !ID.test(patientId)) throw unmet('The context names no patientId.');
  const user = typeof userId === 'string' ? literal({ reference: userId }, baseUrl) : undefined;
  if (user === undefined || !USERS.has(typeOf(user))) throw unmet('The context names no userId that can be read.');
  const patient = `Patient/${patientId}`;
  const prefetched = isJson(prefetch) ? everything(prefetch, templates, user) : undefined;
  return { hookInstance, patient, user, ...(prefetched === undefined ? {} : { prefetched }) };
}

const trimmed = (url: string): string => url.replace(/\/+$/, '');
const isSameServer = (a: string, b: string): boolean => trimmed(a) === trimmed(b);

/** Every resource of a complete prefetch. `null` says that there is none; a further page, or an error, that there may be more. */
function everything(
  prefetch: Json,
  templates: Readonly<Record<string, string>>,
  user: string,
): FhirResource[] | undefined {
  if (typeOf(user) !== 'Practitioner') return undefined;
  const all: FhirResource[] = [];
  for (const [key, template] of Object.entries(templates)) {
    const found = resourcesIn(prefetch[key], key in prefetch, typeIn(template));
    if (found === undefined) return undefined;
    all.push(...found);
  }
  return all;
}

const typeIn = (template: string): string => template.split(/[/?]/)[0] ?? '';

const isResource = (it: unknown, type: string): it is FhirResource =>
  isJson(it) && it.resourceType === type && typeof it.id === 'string';

function resourcesIn(value: unknown, isThere: boolean, type: string): FhirResource[] | undefined {
  if (value === null) return [];
  if (!isThere || !isJson(value)) return undefined;
  if (isResource(value, type)) return [value];
  if (value.resourceType !== 'Bundle' || value.type !== 'searchset') return undefined;
  const links: readonly unknown[] = Array.isArray(value.link) ? value.link : [];
  if (links.some((it) => isJson(it) && it.relation === 'next')) return undefined;
  const entries: readonly unknown[] = Array.isArray(value.entry) ? value.entry : [];
  const resources = entries.map((it) => (isJson(it) ? it.resource : undefined));
  if (typeof value.total === 'number' && value.total > resources.length) return undefined;
  return resources.every((it) => isResource(it, type)) ? resources.filter((it) => isResource(it, type)) : undefined;
}
