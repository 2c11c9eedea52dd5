import type { FhirResource, Questionnaire, QuestionnaireResponse, QuestionnaireResponseItemAnswer } from 'fhir/r4.js';
import type { AnalysisPlan } from '../analysis/plan.ts';
import type { AccessPolicy } from '../domain/access.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { Issue } from '../domain/outcome.ts';
import type { ConsentPolicy, ReliableChangeParameters, VisitPlan } from '../domain/programme.ts';
import type { Protocol } from '../domain/protocol.ts';
import type { FormReading } from '../domain/reading.ts';
import type { SafetyContacts } from '../domain/safety-contacts.ts';
import type { CrisisText } from '../domain/safety-offer.ts';
import type { Wording } from './wording.ts';

/** What a response's `questionnaire` turned out to name. */
export type Resolved =
  | { readonly kind: 'known'; readonly instrument: Instrument; readonly form: Form }
  /** A form of an instrument we know whose own Questionnaire must be fetched before its items can be told. */
  | { readonly kind: 'needs-questionnaire'; readonly instrument: Instrument; readonly canonical: string }
  | { readonly kind: 'unknown-version'; readonly instrument: Instrument; readonly asked: string }
  | { readonly kind: 'ignored' };

/** One Questionnaire, ours or another publisher's, bound to the instrument it carries. */
export interface Form {
  /** `url|version` as the Questionnaire says, or as content declares it. */
  readonly canonical: string;
  readonly instrument: Instrument;
  /** True where the form is another publisher's. */
  readonly equivalent: boolean;
  /**
   * What is wrong with a response to this form, place by place: errors refuse it, warnings are reported
   * (another publisher's unmet `required`, a stored total that disagrees).
   */
  validate(response: QuestionnaireResponse): readonly Issue[];
  /** Raw answer of each scored item of the instrument that was answered, by the instrument's linkId. */
  answers(response: QuestionnaireResponse): ReadonlyMap<string, number>;
  /** Stored totals and subscales that the response itself carries, by measure; never believed, only compared. */
  storedScores(response: QuestionnaireResponse): ReadonlyMap<string, number>;
  /** How this form asks a scored item of the instrument: its own linkIds, each with how an answer is read. */
  asks(item: string): readonly AskedAs[];
}

/** One question of a form, and the raw value of an answer to it; `undefined` for an answer that cannot be read. */
export interface AskedAs {
  readonly linkId: string;
  readonly read: (answer: QuestionnaireResponseItemAnswer) => number | undefined;
}

/** Words of an instrument in a language; in another, marked so, where that one is not at hand; or none. */
export type FindWording = (instrumentId: string, language: string) => Wording | undefined;

/** All clinical content, loaded once, checked, frozen. */
export interface Content {
  /** Every resource that `publish` sends and the package holds. */
  readonly resources: readonly FhirResource[];
  readonly instruments: readonly Instrument[];
  /** Every `questionnaire` value (without version) that searches must name, other publishers' included. */
  readonly questionnaireUrls: readonly string[];
  readonly visits: VisitPlan;
  readonly consent: ConsentPolicy;
  /** Who may open and do what in the app. */
  readonly access: AccessPolicy;
  /** Levels, rules, schedules and the safety policy of stepped care. */
  readonly protocol: Protocol;
  /** SHA-256 over the protocol: what is derived from ratings does not depend on it. */
  readonly protocolDigest: string;
  /** Parameters for the rater and language, or none: without them no verdict on change is given. */
  reliableChange(instrumentId: string, language: string | undefined): ReliableChangeParameters | undefined;
  /** Whether a named person at the site has confirmed the key as it is now, for forms in this language. */
  keyConfirmed(instrumentId: string, language: string | undefined): boolean;
  /** `questionnaire` of a response, as stored there (canonical with or without version, or a relative reference). */
  resolve(questionnaire: string | undefined): Resolved;
  /** Bind another publisher's Questionnaire, fetched from the hospital's server; issues say why it cannot be. */
  bind(questionnaire: Questionnaire, instrument: Instrument): Form | readonly Issue[];
  /** What a patient reads at once who answered with a sign of danger; none ships. */
  readonly crisis: CrisisText | undefined;
  /** Who reads what is answered, as whoever answers is told. */
  readonly reading: FormReading;
  /** Words of an instrument; absent of content that is put together without them. */
  readonly wording?: FindWording;
  /** Whom the site names for signs of danger; nobody where it names none. */
  readonly contacts: SafetyContacts;
  /** SHA-256 over everything that decides what is derived. */
  readonly digest: string;
}

/** Content as it is loaded from files, with the words of forms, which are never among the resources. */
export interface LoadedContent extends Content {
  readonly wording: FindWording;
  /** What `report cohort` does; there in all content that was accepted. */
  readonly analysisPlan: AnalysisPlan | undefined;
  /** SHA-256 over the plan: no score depends on it. */
  readonly analysisPlanDigest: string;
}
