import type { OutboxEntry } from '../../src/state/port.ts';

/** What nobody may find in the bytes of the store. */
export const PATIENT_TEXT = 'I trust my therapist completely';

export const AT = '2026-03-01T10:00:00.000Z';

/** An entry as a caller enqueues it, due at once. */
export const entry = (id: string, stream = 'Patient/anna'): Omit<OutboxEntry, 'attempts' | 'state'> => ({
  id,
  stream,
  label: `QuestionnaireResponse/${id}`,
  payload: { id, text: PATIENT_TEXT },
  enqueuedAt: AT,
  nextAttemptAt: AT,
});
