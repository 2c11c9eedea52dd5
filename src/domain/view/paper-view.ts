import type { QuestionnaireResponseItem } from 'fhir/r4.js';
import type { Words } from '../protocol.ts';
import type { DueForm, FormView } from './form-view.ts';

/** How far the entry of a form that was filled in on paper has come. */
export type PaperState =
  /** Nobody has entered it. */
  | { readonly state: 'first' }
  /** One person has; another enters it again without seeing that. */
  | { readonly state: 'second'; readonly firstBy: string; readonly mayEnter: boolean }
  /** The two differ: a named person decides, item by item. */
  | { readonly state: 'differs'; readonly differences: readonly PaperDifference[] };

/** One question that the two entries read differently. */
export interface PaperDifference {
  readonly linkId: string;
  readonly question: string;
  /** In words; absent: read as not answered. */
  readonly first?: string;
  readonly second?: string;
}

/** `GET /api/paper?patient=`: what is asked of one patient and may be entered from paper. */
export interface PaperListView {
  readonly patient: { readonly id: string; readonly name?: string };
  readonly forms: readonly (DueForm & { readonly paper: PaperState })[];
}

/** `GET /api/paper/:taskId?language`: the form without any answer, and how far its entry has come. */
export interface PaperFormView {
  readonly form: FormView;
  readonly paper: PaperState;
}

/** `POST /api/paper/:taskId`: what stands on the paper. */
export interface PaperBody {
  readonly items: readonly QuestionnaireResponseItem[];
  readonly language: 'en' | 'es' | 'ca';
  /** Local day that stands on the paper. */
  readonly answeredOn: string;
}

/** `POST /api/paper/:taskId/resolution`: for each difference which entry is right, by whoever decides. */
export interface PaperResolution {
  readonly choices: Readonly<Record<string, 'first' | 'second'>>;
  readonly note: string;
}

/** Answer to an entry or a resolution. `counted`: both agree, or somebody decided, and it is handed in. */
export interface PaperSaved {
  readonly state: 'first-entered' | 'differs' | 'counted';
  readonly differences?: readonly PaperDifference[];
  readonly title: Words;
}
