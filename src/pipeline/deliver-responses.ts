import type { QuestionnaireResponse } from 'fhir/r4.js';
import type { Write } from '../fhir/port.ts';
import type { OutboxEntry } from '../state/port.ts';
import type { Caller } from './caller.ts';
import type { AlliancePorts } from './compute-alliance.ts';
import { computeNow, type Now } from './compute-now.ts';
import { type Admission, type Delivery, type DeliveryOptions, deliverOutbox } from './deliver-outbox.ts';
import { examineOwn } from './examine-own.ts';
import { examineResponse } from './examine-response.ts';
import { markAnswered } from './forms/settle-task.ts';
import { ownFormOf } from './keep-response.ts';
import { raiseNow } from './safety/raise-now.ts';
import { stored, unstored } from './safety/safety-case.ts';

/**
 * Delivers what waits in the outbox and computes at once whomever it was about. Whether a response is of the programme
 * and its caller cares for the patient is asked here, because it could not be asked while the server was down.
 */
export async function deliverResponses(
  ports: AlliancePorts,
  options: Now & Pick<DeliveryOptions, 'signal' | 'maxAttempts'>,
): Promise<Delivery> {
  const delivered: QuestionnaireResponse[] = [];
  const answered: Answered[] = [];
  const delivery = await deliverOutbox(ports.server, ports.state, {
    ...options,
    admit: (entry, write) => admit(ports, entry, write, { ...options, answered }),
    onDelivered: (write, result, entry) => {
      if (!('resource' in write) || write.resource.resourceType !== 'QuestionnaireResponse') return;
      const id = result.id ?? write.resource.id;
      if (id === undefined) return;
      const task = ownFormOf(entry.payload);
      if (task === undefined) delivered.push({ ...write.resource, id });
      else answered.push({ task, response: `QuestionnaireResponse/${id}` });
    },
  });
  // The schedule completes what instruments answer; a form of the hospital’s own it does not know.
  for (const { task, response } of answered) await markAnswered(ports, task, response, options.now());
  await raiseNow(ports, delivered.map(stored), options);
  if (delivered.length > 0) await computeNow(ports, delivered, options);
  return delivery;
}

interface Answered {
  readonly task: string;
  readonly response: string;
}

async function admit(
  ports: AlliancePorts,
  entry: OutboxEntry,
  write: Write,
  options: Now & { readonly answered: Answered[] },
): Promise<Admission> {
  if (!('resource' in write) || write.resource.resourceType !== 'QuestionnaireResponse') return { kind: 'send', write };
  const task = ownFormOf(entry.payload);
  const examine = task === undefined ? examineResponse : examineOwn;
  const examined = await examine(ports, write.resource, callerOf(entry.payload), options.now());
  if (examined.kind === 'duplicate') await raiseNow(ports, [unstored(write.resource)], options);
  if (examined.kind === 'outside') return { kind: 'drop' };
  if (examined.kind !== 'welcome')
    return { kind: 'refused', reason: `${examined.kind}: ${examined.issues.map((it) => it.reason).join(', ')}` };
  const { storing } = examined;
  if (storing.kind !== 'stands') return { kind: 'send', write: storing.write };
  if (task !== undefined) options.answered.push({ task, response: `QuestionnaireResponse/${storing.response.id}` });
  return { kind: 'done' };
}

/** Who handed it in; what an operator put there has no caller. */
function callerOf(payload: unknown): Caller {
  const system: Caller = { kind: 'system' };
  if (typeof payload !== 'object' || payload === null || !('caller' in payload)) return system;
  const { caller } = payload;
  if (typeof caller !== 'object' || caller === null || !('kind' in caller)) return system;
  const patient = 'patient' in caller && typeof caller.patient === 'string' ? caller.patient : undefined;
  if (caller.kind === 'patient' && patient !== undefined) return { kind: 'patient', patient };
  if (caller.kind === 'practitioner' && 'practitioner' in caller && typeof caller.practitioner === 'string')
    return { kind: 'practitioner', practitioner: caller.practitioner, ...(patient === undefined ? {} : { patient }) };
  return system;
}
