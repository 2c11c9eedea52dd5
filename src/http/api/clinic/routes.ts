import type { Request } from 'express';
import type { WorklistAsked } from '../../../domain/page/worklist-page.ts';
import { readPatientPage } from '../../../pipeline/clinic/read-patient.ts';
import { readResponsePage } from '../../../pipeline/clinic/read-response-page.ts';
import { readWorklist } from '../../../pipeline/clinic/read-worklist.ts';
import { insufficient, refusal } from '../../refusal.ts';
import type { Route } from '../../route.ts';
import type { RouteParts } from '../../route-parts.ts';
import type { Smart } from '../../smart/smart.ts';
import { CONTENT, idOf } from '../json-body.ts';
import { changeRoutes } from './change-routes.ts';
import { assertPinned, readerOf } from './reader-of.ts';

const answers = {
  200: 'As the reader may see it',
  401: 'No launch',
  403: 'Not this reader’s to see',
  503: 'Try again',
};

/** The pages of the clinician’s app, read with the reader’s own token. Nothing where nobody can launch the app. */
export function clinicRoutes(parts: RouteParts): Route[] {
  const { smart } = parts;
  if (smart === undefined) return [];
  return [
    worklistRoute(parts, smart),
    patientRoute(parts, smart),
    responseRoute(parts, smart),
    ...changeRoutes(parts, smart),
  ];
}

const worklistRoute = ({ ports, now, record }: RouteParts, smart: Smart): Route => ({
  method: 'get',
  path: '/api/worklist',
  summary: 'The reader’s patients by what needs somebody',
  access: 'launch',
  query: {
    q: 'Name or record number',
    need: 'safety, proposal, overdue, alliance-change, none',
    sort: 'need or name',
    page: 'From 1',
  },
  answers,
  produces: CONTENT,
  handle: async (request, response) => {
    const launch = await smart.launches.of(request);
    const reader = readerOf(launch, ports.context.content.access, 'worklist');
    if (launch.record.patient !== undefined)
      throw insufficient('not-your-patient', 'This launch is for one patient: there is no list.');
    const { view, exposes } = await readWorklist(
      { server: launch.server, context: ports.context },
      reader,
      askedOf(request),
      now.now(),
    );
    await record(launch, {
      action: 'read',
      resources: view.rows.length === 0 ? ['Patient'] : [...view.rows.map((it) => `Patient/${it.id}`), ...exposes],
    });
    response.type(CONTENT).send(JSON.stringify(view));
  },
});

const patientRoute = ({ ports, now, record }: RouteParts, smart: Smart): Route => ({
  method: 'get',
  path: '/api/patients/:id',
  summary: 'The page of one patient',
  access: 'launch',
  answers: { ...answers, 404: 'Nobody of the programme whom the reader cares for' },
  produces: CONTENT,
  handle: async (request, response) => {
    const launch = await smart.launches.of(request);
    const reader = readerOf(launch, ports.context.content.access, 'worklist');
    const patient = `Patient/${idOf(request.params.id)}`;
    assertPinned(launch, patient);
    const page = await readPatientPage({ server: launch.server, context: ports.context }, reader, patient, now.now());
    // What a rater is shown of the other’s rating is named one by one: an analysis can leave out what was exposed.
    const resources = page === undefined ? ['Patient'] : [...SHOWN, ...page.exposes];
    await record(launch, { action: 'read', patient, resources, ok: page !== undefined });
    if (page === undefined)
      throw insufficient('not-in-your-care', 'The patient is not of the programme, or not in your care.');
    response.type(CONTENT).send(JSON.stringify(page.view));
  },
});

const responseRoute = ({ ports, now, record }: RouteParts, smart: Smart): Route => ({
  method: 'get',
  path: '/api/patients/:id/responses/:responseId',
  summary: 'One response: its answers, how they were scored, where it came from',
  access: 'launch',
  answers: { ...answers, 404: 'None of that id of this patient' },
  produces: CONTENT,
  handle: async (request, response) => {
    const launch = await smart.launches.of(request);
    const reader = readerOf(launch, ports.context.content.access, 'worklist');
    const [patient, id] = [`Patient/${idOf(request.params.id)}`, idOf(request.params.responseId)];
    assertPinned(launch, patient);
    const page = await readResponsePage(
      { server: launch.server, context: ports.context },
      reader,
      { patient, response: id },
      now.now(),
    );
    const ok = page.kind === 'shown';
    const exposes = page.kind === 'shown' ? page.exposes : [];
    await record(launch, { action: 'read', patient, resources: [`QuestionnaireResponse/${id}`, ...exposes], ok });
    if (page.kind === 'withheld') throw insufficient(`withheld-${page.why}`, 'This is not yours to see, or not yet.');
    if (page.kind === 'not-found') throw refusal(404, 'not-found', 'not-found', 'There is none of that id here.');
    response.type(CONTENT).send(JSON.stringify(page.view));
  },
});

/** Kinds of data that the page of a patient shows. */
const SHOWN = ['Patient', 'CarePlan', 'Communication', 'Consent', 'Observation', 'Task'] as const;

const NEEDS = ['safety', 'proposal', 'overdue', 'alliance-change', 'none'] as const;

function askedOf({ query }: Request): WorklistAsked {
  const text = (name: string): string => {
    const value = query[name];
    return typeof value === 'string' ? value.slice(0, 100) : '';
  };
  return {
    q: text('q'),
    need: NEEDS.find((it) => it === text('need')) ?? 'all',
    sort: text('sort') === 'name' ? 'name' : 'need',
    page: Math.max(1, Math.trunc(Number(text('page'))) || 1),
  };
}
