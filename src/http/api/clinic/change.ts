import type { Right } from '../../../domain/view/session-view.ts';
import type { Reader } from '../../../pipeline/clinic/reader.ts';

/** One thing that a clinician does about a patient’s care from the page. */
export interface Change {
  readonly path: string;
  readonly summary: string;
  readonly right: Right;
  readonly writes: string;
  /** What the hospital’s grant must allow: to create it, where nothing else is said. */
  readonly kind?: 'c' | 'u';
  act(
    who: Reader,
    patient: string,
    body: unknown,
    task: string,
  ): Promise<{ readonly answer: object; readonly wrote: string }>;
}
