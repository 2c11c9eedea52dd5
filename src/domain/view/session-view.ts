/* Drafted by the pages that read it; whoever answers it may change anything here. */

/** What a person may open or do; each is decided again by the server. */
export type Right =
  | 'worklist'
  | 'decide'
  | 'safety'
  | 'enrol'
  | 'pause'
  | 'handover'
  | 'reschedule'
  | 'log-contact'
  | 'answer'
  | 'review'
  | 'dead-letters'
  | 'jobs'
  | 'response-rates'
  | 'paper'
  | 'accesses'
  | 'cohort-report';

/** `GET /api/session`: whose launch this tab is. Never a token. */
export interface SessionView {
  readonly launch: string;
  /** What every change carries in `Vincle-CSRF`. */
  readonly csrf: string;
  readonly user: { readonly reference: string; readonly name?: string; readonly kind: 'practitioner' | 'patient' };
  /** Codes of `profiles/programme/access.json`. */
  readonly roles: readonly string[];
  readonly rights: readonly Right[];
  /** Id of the one patient this launch is for; absent of a launch over many. */
  readonly patient?: string;
  /** Language of the person, as far as the hospital says. */
  readonly language?: string;
  /** IANA zone of the site. */
  readonly timeZone: string;
  readonly demonstration?: boolean;
  /** The site gives out personal links to forms. */
  readonly personalLinks?: boolean;
  /** False where the EHR shows beside Vincle who the patient is. */
  readonly needPatientBanner?: boolean;
  /** What the EHR wants done, as it says it; one that is not known opens the usual page. */
  readonly intent?: string;
  /** Path that starts a launch like this one anew, e.g. `/launch?iss=…`; absent where only the EHR can. */
  readonly signIn?: string;
  /** When the launch ends whatever happens. */
  readonly endsAt?: string;
}
