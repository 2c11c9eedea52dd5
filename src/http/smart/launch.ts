import type { FhirServer } from '../../fhir/port.ts';
import type { Caller } from '../../pipeline/caller.ts';
import { levelsOf, type Needed } from '../token-caller.ts';
import type { ContextItem } from './launch-context.ts';

/** How a launch came about: from a chart or a portal, by the person alone, or by a personal link. */
export type LaunchKind = 'ehr' | 'standalone' | 'link';

/** What is kept, sealed, of one launch. Tokens never leave the server. */
export interface LaunchRecord {
  readonly id: string;
  readonly kind: LaunchKind;
  /** SHA-256 of the cookie’s value, hex: whoever reads the state store cannot make a cookie of it. */
  readonly cookieDigest: string;
  readonly csrf: string;
  readonly iss: string;
  /** `Practitioner/…`, `PractitionerRole/…` or `Patient/…`. */
  readonly user: string;
  /** `Practitioner/…` behind the user; absent of a patient. */
  readonly practitioner?: string;
  /** Codes of `CodeSystem/role` that the person holds, read when the launch began. */
  readonly roles: readonly string[];
  readonly name?: string;
  readonly language?: string;
  /** `Patient/…` for whom alone this launch is. */
  readonly patient?: string;
  readonly scope: string;
  /** The role whose scopes were asked for; what the person may do is told by `roles` alone. */
  readonly askedFor?: string;
  readonly accessToken: string;
  readonly refreshToken?: string;
  /** Milliseconds since 1970. */
  readonly accessExpiresAt?: number;
  /** False where the EHR shows beside Vincle who the patient is. */
  readonly needPatientBanner: boolean;
  /** `Encounter/…` in which the launch happens. */
  readonly encounter?: string;
  /** As the EHR says it. */
  readonly intent?: string;
  /** What else the launch is about. */
  readonly about?: readonly ContextItem[];
  readonly startedAt: number;
  /** When it ends whatever happens, milliseconds since 1970. */
  readonly endsAt: number;
  /** Task ids whose forms alone a personal link opens. */
  readonly tasks?: readonly string[];
}

/** Who asks, in which launch, with a server that is asked with that person’s own token. */
export interface Launch {
  readonly record: LaunchRecord;
  readonly caller: Caller;
  /** The hospital’s FHIR server, as this person may read it. */
  readonly server: FhirServer;
  /** What was granted allows this. */
  allows(needed: Needed): boolean;
}

/** The person of a launch, as the pipeline asks for it. */
export function callerOfRecord({ user, practitioner, patient }: LaunchRecord): Caller {
  if (user.startsWith('Patient/')) return { kind: 'patient', patient: user };
  return {
    kind: 'practitioner',
    practitioner: practitioner ?? user,
    ...(patient === undefined ? {} : { patient }),
  };
}

/** Whether a grant reaches this far; `patient/` scopes count in a launch for one patient. */
export const allowedBy =
  (record: LaunchRecord) =>
  (needed: Needed): boolean => {
    const levels = levelsOf(record.scope, needed);
    return levels.has('user') || (levels.has('patient') && (record.patient ?? record.user).startsWith('Patient/'));
  };
