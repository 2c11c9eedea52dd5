import type { SafetyContacts } from '../../domain/safety-contacts.ts';
import { noticeId } from '../../domain/safety-identity.ts';
import { isActive, rolesOf, type StepRecord } from '../../domain/step-record.ts';
import { isOpen, type Told, toldTask } from '../../domain/step-tasks.ts';
import { FhirError, type FhirServer } from '../../fhir/port.ts';
import type { Notify, Recipient } from '../../notify/port.ts';
import { emailOf, languageOf, listed } from '../safety/recipients.ts';
import type { StepContext } from './step-context.ts';
import type { StepLedger } from './step-ledger.ts';
import type { StepRun } from './step-run.ts';

/** By which way, and whom besides the record, people are told that a decision is overdue. */
export interface Telling {
  readonly notify: Notify | undefined;
  readonly contacts: SafetyContacts;
  /** Where to go; an address that needs a login. */
  readonly link?: string;
}

/**
 * Tells the first who can be reached of those to whom an overdue decision passes, in the protocol’s order, and says on
 * the Task what came of it: a process killed before that tells again, under the same id.
 */
export async function notifyOverdue(
  server: FhirServer,
  ledger: StepLedger,
  run: StepRun,
  telling: Telling,
  context: StepContext,
): Promise<void> {
  for (const { proposal, task, roles } of ledger.escalations) {
    const people = [
      ...roles.flatMap((role) => recipients(ledger.record, role, telling.contacts, context)),
      ...telling.contacts.coordinator.map((it) => listed(it, 'coordinator')),
    ];
    const told = await tellFirst(telling, proposal, people, context.now);
    if (told?.delivered) run.notified += 1;
    else run.unnotified += 1;
    if (told !== undefined) await remember(server, task, told);
  }
}

/** Only over the version that was read: who decided meanwhile has closed the Task, and need not be told. */
async function remember(server: FhirServer, id: string, told: Told): Promise<void> {
  const task = await server.read('Task', id);
  if (task === undefined || !isOpen(task)) return;
  const ifMatch = task.meta?.versionId;
  try {
    await server.write({
      method: 'PUT',
      resource: toldTask(task, told),
      ...(ifMatch === undefined ? {} : { ifMatch }),
    });
  } catch (error) {
    if (!(error instanceof FhirError) || error.kind !== 'conflict') throw error;
  }
}

/** Whoever holds a role: by the patient’s record, then by the site’s own list. */
function recipients(
  record: StepRecord,
  role: string,
  contacts: SafetyContacts,
  { moment, settings }: StepContext,
): Recipient[] {
  const held = [...record.practitioners]
    .filter(([person]) => isActive(record, person) && rolesOf(record, person, moment, settings.baseUrl).has(role))
    .map(([reference, person]): Recipient => {
      const email = emailOf(person);
      return { reference, language: languageOf(person), ...(email === undefined ? {} : { email }) };
    });
  return [...held, ...(contacts.roles[role] ?? []).map((it) => listed(it, role))];
}

/** The try that reached somebody, else the last one; `undefined` where there was nobody to tell, or no way. */
async function tellFirst(
  { notify, link }: Telling,
  proposal: string,
  people: readonly Recipient[],
  at: string,
): Promise<Told | undefined> {
  let last: Told | undefined;
  if (notify === undefined) return undefined;
  for (const to of people) {
    const delivery = await notify.send({
      id: noticeId([proposal], 'decision-overdue', to.reference),
      kind: 'decision-overdue',
      to,
      ...(link === undefined ? {} : { link }),
    });
    const { kind, channel } = delivery;
    const said = { recipient: to.reference, channel, at };
    if (delivery.kind === 'delivered') return { ...said, delivered: true };
    last = { ...said, delivered: false, reason: `${kind}: ${delivery.reason}` };
  }
  return last;
}
