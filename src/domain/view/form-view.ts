import type { QuestionnaireResponseItem } from 'fhir/r4.js';
import type { Words } from '../protocol.ts';
import type { FormItem } from './form-item.ts';

/* Drafted by the page that shows it; whoever answers it may change anything here. */

/** Languages of the programme. */
export type FormLanguage = 'en' | 'es' | 'ca';

/** What a person is told about who reads the answers, by when, and whom to call: content, confirmed by the site. */
export interface ReadingView {
  /** "Your therapist and the coordinator of the programme" */
  readonly who: Words;
  /** "within two working days"; absent: the site has not said. */
  readonly byWhen?: Words;
  /** Whom to call if it cannot wait; absent: the site has not said. */
  readonly contact?: ContactView;
}

export interface ContactView {
  readonly text: Words;
  /** As it is dialled: `+34…`, `024`, `112`. */
  readonly phone?: string;
}

/** One form that is asked of the signed-in person. */
export interface DueForm {
  readonly taskId: string;
  readonly title: Words;
  /** Instruments alone: `phq-9`; absent for a hospital's own Questionnaire. */
  readonly instrument?: string;
  readonly questions: number;
  readonly minutes: number;
  /** Local date of the last day it is asked; absent: no end. */
  readonly until?: string;
  readonly isOverdue: boolean;
  /** Answers in a saved draft; 0 where nothing was begun. */
  readonly answered: number;
  readonly reading: ReadingView;
  /** The patient it is about, by name, for a therapist's round; absent on a patient's own list. */
  readonly about?: { readonly patientId: string; readonly name: string; readonly recordNumber?: string };
}

/** `GET /api/forms` */
export interface FormsView {
  readonly rater: 'patient' | 'therapist';
  readonly forms: readonly DueForm[];
  /** Whom to call if it cannot wait. */
  readonly contact?: ContactView;
  readonly asOf: string;
}

/** A saved draft, as it stands on the hospital's server. */
export interface DraftView {
  /** Version of the draft, sent back when it is saved again; whoever saves over another version is refused (409). */
  readonly version: string;
  readonly items: readonly QuestionnaireResponseItem[];
  /** Instant it was saved. */
  readonly savedAt: string;
}

/** What is shown at once where an answer asks for it; content, confirmed by the site. */
export interface CrisisView {
  readonly text: Words;
  readonly contacts: readonly ContactView[];
  /** True where nobody reads the answers at this hour. */
  readonly nobodyWatches?: boolean;
}

/** `GET /api/forms/:taskId?language` */
export interface FormView {
  readonly taskId: string;
  readonly title: string;
  /** Language of the wording, and the one asked for: another where the wording is not at hand in it. */
  readonly language: FormLanguage;
  readonly asked: FormLanguage;
  readonly isFallback: boolean;
  /** `neutral`: the licensed wording is not set up here, and the form says so on its face. */
  readonly wording: 'own' | 'licensed' | 'neutral';
  readonly rights?: string;
  /** True where this translation was validated by nobody. */
  readonly isUnvalidated?: true;
  readonly items: readonly FormItem[];
  readonly draft?: DraftView;
  readonly until?: string;
  readonly reading: ReadingView;
  /** Present where answers in the draft ask for it already. */
  readonly crisis?: CrisisView;
  /** The answers to which the crisis text belongs, so that the page shows it without asking anybody. */
  readonly danger?: DangerAnswers;
}

/** Answers, by question, at which the site’s crisis text stands on the page at once. */
export interface DangerAnswers {
  readonly text: Words;
  /** `keys` as `answerKey` has them. */
  readonly answers: readonly { readonly linkId: string; readonly keys: readonly string[] }[];
}

/** `PUT /api/forms/:taskId/draft`: the answers, and the version they are saved over (absent: the first). */
export interface DraftBody {
  readonly items: readonly QuestionnaireResponseItem[];
  readonly language: FormLanguage;
  readonly version?: string;
}

/** Answer to a saved draft. Refused with 409 `draft-conflict` where another version stands there: read the form again. */
export interface DraftSaved {
  readonly version: string;
  readonly savedAt: string;
  readonly crisis?: CrisisView;
}

/** `POST /api/forms/:taskId/response`: sent twice with one `key` is handed in once. */
export interface ResponseBody {
  readonly items: readonly QuestionnaireResponseItem[];
  readonly language: FormLanguage;
  readonly version?: string;
  /** Made by the page once for each form it shows. */
  readonly key: string;
}

export interface ResponseSent {
  /** `stored`: on the hospital's server; `kept`: Vincle has it and hands it on once the server takes it. */
  readonly state: 'stored' | 'kept';
  readonly reading: ReadingView;
  readonly crisis?: CrisisView;
}
