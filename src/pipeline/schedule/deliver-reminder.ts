import type { CommunicationRequest, FhirResource } from 'fhir/r4.js';
import type { Contact } from '../../domain/contact.ts';
import { literal } from '../../domain/reference.ts';
import {
  endedRequest,
  REMINDER_IDENTIFIER,
  type Reminder,
  reminderRecord,
  reminderRequest,
  requestIdOf,
} from '../../domain/reminder.ts';
import { FhirError, type FhirServer, type Write } from '../../fhir/port.ts';
import type { Delivery, Notify } from '../../notify/port.ts';
import type { PipelineContext } from '../context.ts';
import { byDeviceIdentifier } from '../server-ids.ts';
import type { ScheduleRun } from './schedule-run.ts';

export interface ReminderPorts {
  readonly server: FhirServer;
  readonly context: PipelineContext;
  readonly notify: Notify;
  /** Where to go; an address that needs a login and names nobody. */
  readonly link?: string;
  readonly nowMs: number;
  readonly signal?: AbortSignal;
  readonly run: ScheduleRun;
}

/** How one message ended: told, not delivered, in somebody else’s hands, or given up before. */
export type Ended = 'told' | 'undelivered' | 'elsewhere' | 'given-up';

/** Claims, sends, records: nobody is written to twice on one day, by whichever process. */
export async function tell(
  reminder: Reminder,
  contact: Contact,
  until: string | undefined,
  ports: ReminderPorts,
): Promise<Ended> {
  const request = reminderRequest(reminder, new Date(ports.nowMs).toISOString());
  const claim = await claimed(request, ports.server);
  if (claim.kind === 'taken') {
    // Told today already, about something else: nobody is written to twice on one day.
    if (claim.standing?.status === 'completed') return 'told';
    return claim.standing?.status === 'revoked' ? 'given-up' : 'elsewhere';
  }
  return deliver(request, claim.reference, contact, until, ports);
}

type Claim =
  | { readonly kind: 'claimed'; readonly reference: string }
  | { readonly kind: 'taken'; readonly standing: CommunicationRequest | undefined };

/**
 * Writes the claim where nobody has: of several that try at once, one succeeds. By identifier, not by an own id, because
 * HAPI takes a PUT with If-None-Match over what stands there.
 */
async function claimed(request: CommunicationRequest, server: FhirServer): Promise<Claim> {
  const standing = await standingRequest(request, server);
  if (standing !== undefined) return { kind: 'taken', standing };
  try {
    const { id: key, ...resource } = await named(request, server);
    const ifNoneExist = `identifier=${REMINDER_IDENTIFIER}|${key}`;
    const { status, id } = await server.write({ method: 'POST', resource, ifNoneExist });
    const own = id ?? (await standingRequest(request, server))?.id;
    if (status === 201 && own !== undefined) return { kind: 'claimed', reference: `CommunicationRequest/${own}` };
  } catch (error) {
    if (!(error instanceof FhirError) || error.kind !== 'conflict') throw error;
  }
  return { kind: 'taken', standing: await standingRequest(request, server) };
}

async function standingRequest(
  request: CommunicationRequest,
  server: FhirServer,
): Promise<CommunicationRequest | undefined> {
  const [page] = await server.searchAll([
    { type: 'CommunicationRequest', params: [['identifier', `${REMINDER_IDENTIFIER}|${requestIdOf(request)}`]] },
  ]);
  return page?.resources.find((it): it is CommunicationRequest => it.resourceType === 'CommunicationRequest');
}

/** On a server that gives its own ids, Vincle’s Device is named by its identifier. */
export async function named<T extends FhirResource>(resource: T, server: FhirServer): Promise<T> {
  return (await server.capabilities()).clientIds ? resource : byDeviceIdentifier(resource);
}

export async function deliver(
  request: CommunicationRequest,
  reference: string,
  contact: Contact,
  until: string | undefined,
  ports: ReminderPorts,
): Promise<Ended> {
  const { notify, link, signal, run, context } = ports;
  const who = literal(request.recipient?.[0], context.settings.baseUrl) ?? '';
  const { email, language } = contact;
  const delivery = await notify.send(
    {
      id: requestIdOf(request),
      kind: 'reminder',
      to: { reference: who, language, ...(email === undefined ? {} : { email }) },
      ...(link === undefined ? {} : { link }),
      ...(until === undefined ? {} : { respondBy: until }),
    },
    signal,
  );
  run[delivery.kind === 'delivered' ? 'reminded' : 'undelivered'] += 1;
  await record(request, reference, delivery, ports);
  return delivery.kind === 'delivered' ? 'told' : 'undelivered';
}

/** What came of it. A request that may still be delivered stays active: the next runs try it again, as long as it makes sense. */
async function record(
  request: CommunicationRequest,
  reference: string,
  delivery: Delivery,
  { server, nowMs, run }: ReminderPorts,
): Promise<void> {
  const at = new Date(nowMs).toISOString();
  const delivered = delivery.kind === 'delivered';
  const reason = delivery.kind === 'delivered' ? {} : { reason: `${delivery.kind}: ${delivery.reason}` };
  const communication = reminderRecord(request, reference, { delivered, channel: delivery.channel, at, ...reason });
  const ended =
    delivery.kind === 'delivered'
      ? endedRequest(request, 'completed')
      : delivery.kind === 'refused'
        ? endedRequest(request, { revoked: 'not delivered' })
        : undefined;
  const writes: Write[] = [
    ...((await server.capabilities()).clientIds
      ? [{ method: 'PUT' as const, resource: communication }]
      : [conditional(communication, communication.id ?? '')]),
    ...(ended === undefined ? [] : [await overRequest(ended, reference, server)]),
  ];
  await server.transaction(writes);
  run.written += writes.length + 1;
}

const overRequest = async (request: CommunicationRequest, reference: string, server: FhirServer): Promise<Write> => ({
  method: 'PUT',
  resource: { ...(await named(request, server)), id: reference.slice(reference.indexOf('/') + 1) },
});

function conditional(resource: FhirResource, id: string): Write {
  const { id: _own, ...rest } = byDeviceIdentifier(resource);
  return {
    method: 'PUT',
    resource: rest as FhirResource,
    where: `${resource.resourceType}?identifier=${REMINDER_IDENTIFIER}|${id}`,
  };
}
