import type { FormPlace } from './address.ts';

/** A place within one form: a question, the review, what happens next, or paper. */
export type TaskPlace = Exclude<FormPlace, { readonly page: 'start' | 'copy' }>;
