import type { SafetyContacts } from '../../domain/safety-contacts.ts';
import { isActive, rolesOf, type StepRecord } from '../../domain/step-record.ts';
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

/** Tells the first who can be reached of those to whom an overdue decision passes, in the protocol’s order. */
export async function notifyOverdue(
  ledger: StepLedger,
  run: StepRun,
  telling: Telling,
  context: StepContext,
): Promise<void> {
  for (const { proposal, roles } of ledger.escalations) {
    const people = [
      ...roles.flatMap((role) => recipients(ledger.record, role, telling.contacts, context)),
      ...telling.contacts.coordinator.map((it) => listed(it, 'coordinator')),
    ];
    if (await tellFirst(telling, proposal, people)) run.notified += 1;
    else run.unnotified += 1;
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

async function tellFirst({ notify, link }: Telling, proposal: string, people: readonly Recipient[]): Promise<boolean> {
  if (notify === undefined) return false;
  for (const to of people) {
    const delivery = await notify.send({
      id: `decision-overdue-${proposal}-${to.reference}`,
      kind: 'decision-overdue',
      to,
      ...(link === undefined ? {} : { link }),
    });
    if (delivery.kind === 'delivered') return true;
  }
  return false;
}
