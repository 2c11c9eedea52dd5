import type { Communication, CommunicationRequest, Reference } from 'fhir/r4.js';
import { BASE, DEVICE_ID, structureDefinition } from './canonicals.ts';
import { identify } from './derived-identity.ts';

export const REMINDER_IDENTIFIER = `${BASE}/identifier/reminder`;
const CATEGORY = [
  {
    coding: [
      {
        system: 'http://terminology.hl7.org/CodeSystem/communication-category',
        code: 'reminder',
        display: 'Reminder',
      },
    ],
  },
];

/** Why somebody is written to: something waits for them, or a reminder to one of their patients could not be delivered. */
export type ReminderKind = 'reminder' | 'undelivered';

/** One message to one person on one day, about everything that waits. */
export interface Reminder {
  readonly kind: ReminderKind;
  /** `Patient/…` or `Practitioner/…` */
  readonly recipient: string;
  /** Local calendar day of sending. */
  readonly date: string;
  /** `Task/…` */
  readonly tasks: readonly string[];
}

/** Id of the request and of the notice: nobody is reminded twice on one day, whatever falls due. */
export const reminderId = ({ kind, recipient, date }: Reminder): string => identify(`${kind}|${recipient}|${date}`);

const device: Reference = { reference: `Device/${DEVICE_ID}` };
const subjectOf = (recipient: string) =>
  recipient.startsWith('Patient/') ? { subject: { reference: recipient } } : {};

/** The claim that is written before anything is sent. A therapist’s names no patient beside the Tasks. */
export function reminderRequest(reminder: Reminder, now: string): CommunicationRequest {
  const id = reminderId(reminder);
  return {
    resourceType: 'CommunicationRequest',
    id,
    meta: { profile: [structureDefinition('reminder-request')] },
    identifier: [{ system: REMINDER_IDENTIFIER, value: id }],
    status: 'active',
    category: CATEGORY,
    priority: 'routine',
    ...subjectOf(reminder.recipient),
    about: reminder.tasks.map((reference) => ({ reference })),
    authoredOn: now,
    requester: device,
    recipient: [{ reference: reminder.recipient }],
    sender: device,
  };
}

/** What came of one message. */
export interface Sending {
  readonly delivered: boolean;
  readonly channel: string;
  readonly at: string;
  /** Why it was not delivered; a code, never an address. */
  readonly reason?: string;
}

/** The record of a message; tried again it is the same resource. `request` is the `CommunicationRequest/…` as the server knows it. */
export function reminderRecord(request: CommunicationRequest, reference: string, sending: Sending): Communication {
  const id = identify(`delivery|${requestIdOf(request)}`);
  return {
    resourceType: 'Communication',
    id,
    meta: { profile: [structureDefinition('reminder-record')] },
    identifier: [{ system: REMINDER_IDENTIFIER, value: id }],
    basedOn: [{ reference }],
    status: sending.delivered ? 'completed' : 'not-done',
    ...(sending.delivered ? {} : { statusReason: { text: sending.reason ?? 'not delivered' } }),
    category: CATEGORY,
    priority: 'routine',
    medium: [{ text: sending.channel }],
    ...(request.subject === undefined ? {} : { subject: request.subject }),
    ...(request.about === undefined ? {} : { about: request.about }),
    ...(sending.delivered ? { sent: sending.at } : {}),
    recipient: (request.recipient ?? []).map(({ reference: who }) => (who === undefined ? {} : { reference: who })),
    sender: device,
  };
}

/** The request after it ended. */
export const endedRequest = (
  request: CommunicationRequest,
  why: 'completed' | { revoked: string },
): CommunicationRequest =>
  why === 'completed'
    ? { ...request, status: 'completed' }
    : { ...request, status: 'revoked', statusReason: { text: why.revoked } };

export const requestIdOf = (request: CommunicationRequest): string =>
  request.identifier?.find((it) => it.system === REMINDER_IDENTIFIER)?.value ?? request.id ?? '';

/** True of a request that Vincle itself wrote. */
export const isOwnRequest = (request: CommunicationRequest): boolean =>
  request.identifier?.some((it) => it.system === REMINDER_IDENTIFIER) ?? false;
