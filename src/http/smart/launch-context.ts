import { idOf, literal, typeOf } from '../../domain/reference.ts';
import { insufficient } from '../refusal.ts';

/** One resource that the launch is about. */
export interface ContextItem {
  /** `Type/id` on the server of the launch; what lies elsewhere is left out. */
  readonly reference: string;
  /** `launch` where the server names none: the app was opened in the context of this resource. */
  readonly role: string;
}

/** What the token response says beside the tokens, checked. */
export interface LaunchContext {
  /** `Patient/…` */
  readonly patient?: string;
  /** `Encounter/…` */
  readonly encounter?: string;
  readonly fhirContext: readonly ContextItem[];
  /** As the EHR says it; one that is not known opens the usual page. */
  readonly intent?: string;
  /** False where the EHR shows who the patient is; else Vincle does, as it does in any case. */
  readonly needPatientBanner: boolean;
  /** Where the EHR says how it looks: https, read by nobody yet. */
  readonly styleUrl?: string;
}

const ID = /^[A-Za-z0-9\-.]{1,64}$/;
const ROLE = /^[\x21-\x7e]{1,200}$/;
const INTENT = /^[\x20-\x7e]{1,100}$/;
/** More than any launch is about. */
const MOST = 50;

const LAUNCH = 'launch';

/**
 * Launch context of a token response (SMART App Launch 2.2, Scopes and Launch Context). What cannot be read is as if it
 * were not there, but for the patient: a launch for somebody who cannot be told is refused. @throws Refusal 403
 */
export function launchContextOf(said: Readonly<Record<string, unknown>>, iss: string): LaunchContext {
  const patient = patientOf(said.patient, iss);
  const encounter = typeof said.encounter === 'string' && ID.test(said.encounter) ? said.encounter : undefined;
  const intent = typeof said.intent === 'string' && INTENT.test(said.intent) ? said.intent : undefined;
  const styleUrl = httpsOf(said.smart_style_url);
  return {
    fhirContext: Array.isArray(said.fhirContext) ? itemsOf(said.fhirContext.slice(0, MOST), iss) : [],
    // Some servers write it as a text.
    needPatientBanner: said.need_patient_banner !== false && said.need_patient_banner !== 'false',
    ...(patient === undefined ? {} : { patient }),
    ...(encounter === undefined ? {} : { encounter: `Encounter/${encounter}` }),
    ...(intent === undefined ? {} : { intent }),
    ...(styleUrl === undefined ? {} : { styleUrl }),
  };
}

/** The launch context’s `patient` is an id; some servers write a reference. */
function patientOf(value: unknown, iss: string): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const reference = typeof value === 'string' && !value.includes('/') ? `Patient/${value}` : value;
  const patient = typeof reference === 'string' ? literal({ reference }, iss) : undefined;
  if (patient === undefined || typeOf(patient) !== 'Patient' || !ID.test(idOf(patient)))
    throw insufficient('wrong-patient', 'The patient of the launch is no id.');
  return patient;
}

function itemsOf(items: readonly unknown[], iss: string): ContextItem[] {
  return items.flatMap((item): ContextItem[] => {
    if (typeof item !== 'object' || item === null || !('reference' in item)) return [];
    const reference = typeof item.reference === 'string' ? literal({ reference: item.reference }, iss) : undefined;
    if (reference === undefined || !ID.test(idOf(reference))) return [];
    const role = 'role' in item ? item.role : undefined;
    if (role === undefined || role === null || role === '') return [{ reference, role: LAUNCH }];
    return typeof role === 'string' && ROLE.test(role) ? [{ reference, role }] : [];
  });
}

function httpsOf(value: unknown): string | undefined {
  const url = typeof value === 'string' ? URL.parse(value) : null;
  return url?.protocol === 'https:' ? url.href : undefined;
}

/** The resources of a type that the launch was opened in the context of. */
export const launchedOn = ({ fhirContext }: LaunchContext, type: string): readonly string[] =>
  fhirContext.flatMap(({ reference, role }) => (role === LAUNCH && typeOf(reference) === type ? [reference] : []));
