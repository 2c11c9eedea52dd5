import type { Words } from './protocol.ts';

/** What whoever answers is told about who reads it. Content; by when and whom to call are a site’s own. */
export interface FormReading {
  readonly version: string;
  /** Of what a patient answers about herself. */
  readonly patient: Words;
  /** Of what a patient answers about the work with the therapist. */
  readonly alliance: Words;
  /** Of what a therapist answers. */
  readonly therapist: Words;
  readonly byWhen?: Words;
  readonly contact?: { readonly text: Words; readonly phone?: string };
}
