import type { Communication, Task } from 'fhir/r4.js';
import { DEVICE_ID, structureDefinition } from './canonicals.ts';
import { TASK_IDENTIFIER } from './review-task.ts';
import { COMMUNICATION_IDENTIFIER, noticeId, stepId } from './safety-identity.ts';

const CATEGORY = 'http://terminology.hl7.org/CodeSystem/communication-category';

/** One try to tell one person about some signs, and what came of it. */
export interface Told {
  /** Ids of the Tasks, as their identifiers have them. */
  readonly tasks: readonly string[];
  /** Name of the step of the chain; `coordinator` where nobody of the chain was reached. */
  readonly step: string;
  /** `Practitioner/…`, or `role:<code>` of a site’s own list. */
  readonly recipient: string;
  /** Tells apart several people of one list who have no record. */
  readonly person: string;
  readonly channel: string;
  readonly at: string;
  readonly delivered: boolean;
  /** Why it was not. */
  readonly reason?: string;
}

/** A Task on the server, by the id of its identifier, and whom it is for. */
export interface StandingTask {
  readonly id: string;
  readonly reference: string;
  readonly patient: string | undefined;
}

/**
 * The record of one try. Tried again it is the same resource. Tasks that the server does not hold yet are named by their
 * identifiers.
 */
export function noticeRecord(told: Told, standing: readonly StandingTask[]): Communication {
  const id = noticeId(told.tasks, told.step, told.person);
  const patients = new Set(standing.map((it) => it.patient));
  const [patient] = patients;
  const byRole = told.recipient.startsWith('role:');
  return {
    resourceType: 'Communication',
    id,
    meta: { profile: [structureDefinition('safety-notice')] },
    identifier: told.tasks.map((task) => ({ system: COMMUNICATION_IDENTIFIER, value: stepId(task, told.step) })),
    status: told.delivered ? 'completed' : 'not-done',
    ...(told.delivered ? {} : { statusReason: { text: told.reason ?? 'not delivered' } }),
    category: [{ coding: [{ system: CATEGORY, code: 'alert', display: 'Alert' }] }],
    priority: 'urgent',
    medium: [{ text: told.channel }],
    ...(patients.size === 1 && patient !== undefined ? { subject: { reference: patient } } : {}),
    about: told.tasks.map((task) => {
      const found = standing.find((it) => it.id === task);
      return found === undefined
        ? { type: 'Task', identifier: { system: TASK_IDENTIFIER, value: task } }
        : { reference: found.reference };
    }),
    sent: told.at,
    recipient: [byRole ? { display: told.recipient } : { reference: told.recipient }],
    sender: { reference: `Device/${DEVICE_ID}` },
  };
}

/** The id that a Task is known by. */
export const idOfTask = (task: Task): string =>
  task.identifier?.find((it) => it.system === TASK_IDENTIFIER)?.value ?? task.id ?? '';
