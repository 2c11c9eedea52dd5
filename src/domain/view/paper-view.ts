import type { QuestionnaireResponseItem } from 'fhir/r4.js';
import type { Words } from '../protocol.ts';
import type { FormLanguage, FormView } from './form-view.ts';
import type { PersonNamed } from './patient-view.ts';

/* Drafted by the page that shows it; whoever answers it may change anything here. */

/** A form that is asked for and may have been filled in on paper. */
export interface PaperForm {
  readonly taskId: string;
  readonly title: Words;
  readonly patient: { readonly id: string; readonly name: string; readonly recordNumber?: string };
  readonly rater: 'patient' | 'therapist';
  /** Local date of the last day it is asked. */
  readonly until?: string;
  /** `none`: nobody typed it in; `first`: it waits for a second person; `differs`: the two do not agree. */
  readonly state: 'none' | 'first' | 'differs';
  readonly firstBy?: PersonNamed;
  /** False for whoever made the first entry: the second is another person's. */
  readonly mayEnter: boolean;
}

/** `GET /api/paper?q` */
export interface PaperView {
  readonly forms: readonly PaperForm[];
}

/** `GET /api/paper/:taskId?language`: the form without any answer; the second person does not see what the first typed. */
export interface PaperFormView {
  readonly form: Omit<FormView, 'draft' | 'crisis'>;
  readonly about: PaperForm;
}

/** `POST /api/paper/:taskId`: sent twice with one `key` is one entry. */
export interface PaperBody {
  readonly items: readonly QuestionnaireResponseItem[];
  readonly language: FormLanguage;
  /** Local date on the paper. */
  readonly authored: string;
  readonly key: string;
}

/** `first`: kept until a second person has typed it in; `stored`: both agree; `differs`: these items do not agree. */
export interface PaperEntered {
  readonly state: 'first' | 'stored' | 'differs';
  readonly differences?: readonly { readonly linkId: string; readonly text?: string }[];
}
