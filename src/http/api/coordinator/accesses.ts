import type { AccessEvent } from '../../../domain/access-event.ts';
import { idOf as idOfReference } from '../../../domain/reference.ts';
import type { AccessesView, AccessRow } from '../../../domain/view/access-view.ts';
import { type AccessQuestion, readAccesses } from '../../../pipeline/audit/read-accesses.ts';
import { refusal } from '../../refusal.ts';
import type { Route } from '../../route.ts';
import type { RouteParts } from '../../route-parts.ts';
import type { Smart } from '../../smart/smart.ts';
import { launchWith, pageOf } from './rightful.ts';

const DAY = /^\d{4}-\d\d-\d\d(T[0-9:.]+Z)?$/;
const ID = /^[A-Za-z0-9\-.]{1,64}$/;
const REFERENCE = /^(?:(Practitioner|Patient)\/)?([A-Za-z0-9\-.]{1,64})$/;
const MONTH_MS = 31 * 86_400_000;

const one = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** Who looked at what: for the privacy officer alone. */
export const accessesRoute = (parts: RouteParts, smart: Smart): Route => ({
  method: 'get',
  path: '/api/accesses',
  summary: 'Who looked at or changed what, newest first; of the last month where no days are named',
  access: 'launch',
  query: {
    patient: 'Id of a patient',
    who: 'Id of a Practitioner, or a reference',
    person: 'The same',
    from: 'First day',
    to: 'Last day',
    page: 'From 1',
  },
  answers: { 200: 'AccessesView', 400: 'Not a day or an id', 401: 'No launch', 403: 'Not a privacy officer' },
  produces: 'application/json',
  opens: ['AuditEvent'],
  handle: async (request, response) => {
    const launch = await launchWith(parts, smart, request, 'accesses');
    const question = questionOf(request.query, parts.now.now());
    const { server, state } = parts.ports;
    const { accessChain: chain } = parts.options;
    const events = await readAccesses({ server, state, ...(chain === undefined ? {} : { chain }) }, question);
    await parts.record(launch, {
      action: 'read',
      resources: ['AuditEvent'],
      ...(question.patient === undefined ? {} : { patient: question.patient }),
    });
    const { rows, ...paging } = pageOf(events, request.query.page, 50);
    const view: AccessesView = { rows: rows.map((it) => rowOf(it, question.patient)), ...paging };
    response.json(view);
  },
});

function questionOf(query: Readonly<Record<string, unknown>>, nowMs: number): AccessQuestion {
  const [patient, who, from, to] = [
    one(query.patient),
    one(query.who) ?? one(query.person),
    one(query.from),
    one(query.to),
  ];
  const wrong = (what: string) => refusal(400, 'value', 'malformed-query', `${what} cannot be read.`);
  if (patient !== undefined && !ID.test(patient.replace(/^Patient\//, ''))) throw wrong('patient');
  if (who !== undefined && !REFERENCE.test(who)) throw wrong('who');
  for (const it of [from, to]) if (it !== undefined && !DAY.test(it)) throw wrong('from and to: a day,');
  const [, type = 'Practitioner', id] = REFERENCE.exec(who ?? '') ?? [];
  return {
    ...(patient === undefined ? {} : { patient: `Patient/${patient.replace(/^Patient\//, '')}` }),
    ...(id === undefined ? {} : { who: `${type}/${id}` }),
    from: from ?? new Date(nowMs - MONTH_MS).toISOString(),
    ...(to === undefined ? {} : { to }),
  };
}

/** Of a list that showed many, the row is of the one that is asked about, and names nobody else. */
function rowOf(event: AccessEvent, asked: string | undefined): AccessRow {
  const { id, at, who, action, resources, purpose, ok } = event;
  const patient = event.patient ?? asked;
  const others = (it: string) => asked !== undefined && it.startsWith('Patient/');
  return {
    id,
    at,
    who: {
      reference: who.reference,
      ...(who.name === undefined ? {} : { name: who.name }),
      ...(who.roles[0] === undefined ? {} : { role: who.roles[0] }),
    },
    ...(patient === undefined ? {} : { patient: { id: idOfReference(patient) } }),
    action,
    what: [...new Set(resources.map((it) => (others(it) ? 'Patient' : it)))],
    purpose,
    ok,
  };
}
