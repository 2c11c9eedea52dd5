/** Somebody who can sign in at the test authorization server. */
export interface Person {
  /** `Practitioner/…`, `PractitionerRole/…` or `Patient/…`. */
  readonly fhirUser: string;
  /** Patient ids whose records the hospital lets this person read by `user/` scopes; all where absent. */
  readonly patients?: readonly string[];
}

/** What an EHR or a portal knows when it opens the app: behind the opaque `launch` value, or chosen on the page. */
export interface Chosen {
  /** Key of the person among `people`. */
  readonly person: string;
  /** Id of the patient in view. */
  readonly patient?: string;
  /** More of the token response: `intent`, `fhirContext`, `need_patient_banner`, `smart_style_url`, `encounter` … */
  readonly context?: Readonly<Record<string, unknown>>;
  /** What of the scopes that were asked for is granted; all where absent. */
  readonly granted?: (asked: readonly string[]) => readonly string[];
}

/** Whose access token it is, as the gate knows it. */
export interface Bearer {
  readonly person: string;
  readonly fhirUser: string;
  readonly scopes: readonly string[];
  readonly patient?: string;
  readonly patients?: readonly string[];
}
