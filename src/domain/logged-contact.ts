import type { Communication } from 'fhir/r4.js';
import { BASE } from './canonicals.ts';
import { identify } from './derived-identity.ts';

export const CONTACT_IDENTIFIER = `${BASE}/identifier/contact`;
const MODE = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationMode';
const MEDIUM = { call: ['PHONE', 'telephone'], video: ['VIDEOCONF', 'videoconferencing'] } as const;

/** A contact that a clinician logs by hand. */
export interface LoggedContact {
  readonly kind: keyof typeof MEDIUM;
  /** `Patient/…` */
  readonly patient: string;
  /** `Practitioner/…` */
  readonly by: string;
  readonly nowMs: number;
}

/** Two logs of one person about one patient and kind within so long are one contact logged twice. */
export const SAME_MS = 60_000;

/**
 * The Communication of a contact; nothing of what was said. Its identifier is the same for whoever taps twice within the
 * minute, so that it is one contact.
 */
export function contactLogged({ kind, patient, by, nowMs }: LoggedContact): Communication {
  const [code, display] = MEDIUM[kind];
  const minute = Math.floor(nowMs / SAME_MS);
  return {
    resourceType: 'Communication',
    identifier: [{ system: CONTACT_IDENTIFIER, value: identify(`${kind}|${patient}|${by}|${minute}`) }],
    status: 'completed',
    medium: [{ coding: [{ system: MODE, code, display }] }],
    subject: { reference: patient },
    sender: { reference: by },
    recipient: [{ reference: patient }],
    sent: new Date(nowMs).toISOString(),
  };
}
