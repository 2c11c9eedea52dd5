import type { Request, Response } from 'express';
import { reachesEverybody } from '../../../domain/access.ts';
import { caresFor, logContact } from '../../../pipeline/clinic/change-care.ts';
import { handOverPatient } from '../../../pipeline/clinic/hand-over-patient.ts';
import { type Enrolled, enrol } from '../../../pipeline/steps/enrol.ts';
import { readBody } from '../../read-body.ts';
import { insufficient, type Refusal, refusal } from '../../refusal.ts';
import type { Route } from '../../route.ts';
import type { RouteParts } from '../../route-parts.ts';
import type { Launch } from '../../smart/launch.ts';
import type { Smart } from '../../smart/smart.ts';
import { CONTENT, field, idOf, optionalField } from '../json-body.ts';
import { lostSentence } from '../step-refusal.ts';
import type { Change } from './change.ts';
import { assertPinned, readerOf } from './reader-of.ts';
import { restChanges } from './rest-changes.ts';

const answers = {
  200: 'Done, or done before',
  400: 'The body cannot be read',
  401: 'No launch',
  403: 'Not this reader’s to do',
  409: 'Somebody else was first',
  422: 'The protocol speaks against it',
  503: 'Try again',
};

/** What a clinician does about a patient’s care from the page, each once however often it is sent. */
export function changeRoutes(parts: RouteParts, smart: Smart): Route[] {
  const { ports, now } = parts;
  const changes: Change[] = [
    {
      path: '/api/patients/:id/contacts',
      summary: 'Log a call or a video call that took place just now',
      right: 'log-contact',
      writes: 'Communication',
      act: async ({ practitioner }, patient, body) => {
        const kind = field(body, 'kind', { call: 'call', video: 'video' });
        const { id } = await logContact(ports.server, { kind, patient, by: practitioner, nowMs: now.now() });
        return { answer: { id }, wrote: `Communication/${id}` };
      },
    },
    {
      path: '/api/patients/:id/enrolment',
      summary: 'Take a patient into stepped care',
      right: 'enrol',
      writes: 'CarePlan',
      act: async ({ practitioner: by }, patient, body) => {
        const asked = { patient, by, ...optionalField(body, 'level'), ...optionalField(body, 'reason') };
        const enrolled = await enrol(ports, asked, now);
        if (enrolled.kind !== 'enrolled') throw refusalOf(enrolled);
        return { answer: enrolled, wrote: enrolled.plan };
      },
    },
  ];
  changes.push({
    path: '/api/patients/:id/handover',
    summary: 'Give a patient into a colleague’s care',
    right: 'handover',
    writes: 'CarePlan',
    act: async ({ practitioner: by, roles }, patient, body) => {
      const { to = '', reason } = { ...optionalField(body, 'to'), ...optionalField(body, 'reason') };
      const forService = reachesEverybody(ports.context.content.access, roles);
      const asked = { patient, by, to, forService, ...(reason === undefined ? {} : { reason }) };
      const done = await handOverPatient(ports, asked, now.now());
      if (done.kind !== 'handed-over') throw handoverRefusal(done.kind);
      return { answer: { to }, wrote: done.wrote.join(' ') };
    },
  });
  changes.push(...restChanges(parts));
  return changes.map((change) => ({
    method: 'post',
    path: change.path,
    summary: change.summary,
    access: 'launch',
    body: 'json',
    answers,
    produces: CONTENT,
    handle: (request, response) => handle(change, parts, smart, request, response),
  }));
}

async function handle(change: Change, parts: RouteParts, smart: Smart, request: Request, response: Response) {
  const { ports, now, record } = parts;
  const launch = await smart.launches.of(request);
  const reader = readerOf(launch, ports.context.content.access, change.right);
  const patient = `Patient/${idOf(request.params.id)}`;
  assertPinned(launch, patient);
  assertGranted(launch, change.writes, change.kind ?? 'c');
  await readBody(request, response);
  const cares = await caresFor({ server: launch.server, context: ports.context }, reader, patient, now.now());
  if (!cares) throw insufficient('not-in-your-care', 'The patient is not of the programme, or not in your care.');
  const { answer, wrote } = await change.act(
    reader,
    patient,
    request.body,
    change.path.includes(':task') ? idOf(request.params.task) : '',
  );
  await record(launch, { action: change.kind === 'u' ? 'update' : 'create', patient, resources: [wrote] });
  response.type(CONTENT).send(JSON.stringify(answer));
}

/** @throws Refusal 403 where the hospital’s grant does not let the app write this */
function assertGranted(launch: Launch, resource: string, right: 'c' | 'u'): void {
  if (!launch.allows({ resource, right }))
    throw insufficient('insufficient-scope', `The hospital’s grant does not reach ${resource}.`);
}

const SAID: Readonly<Record<string, string>> = {
  outside: 'The patient is not of the programme.',
  'arm-without-levels': 'The patient’s arm has no levels.',
  deceased: 'The record says that the patient has died.',
  paused: 'Stepped care is paused: go on with it instead.',
  'consent-missing': 'The patient’s consent is missing.',
  'unknown-level': 'The protocol knows no such level.',
  'role-may-not-decide': 'The protocol does not let your role decide this.',
  'not-in-your-care': 'The patient is not in your care.',
  'not-active': 'You no longer work here.',
};

const HANDOVER = {
  'no-colleague': refusal(
    422,
    'business-rule',
    'no-colleague',
    'That person does not work here as a psycho-oncologist.',
  ),
  'not-yours': refusal(409, 'conflict', 'not-yours', 'The patient is not in your own care today, or no longer.'),
  conflict: refusal(409, 'conflict', 'changed', 'The care team was changed meanwhile: look again.'),
} as const;
const handoverRefusal = (kind: keyof typeof HANDOVER): Refusal => HANDOVER[kind];

function refusalOf(enrolled: Exclude<Enrolled, { kind: 'enrolled' }>): Refusal {
  switch (enrolled.kind) {
    case 'lost':
      return refusal(409, 'conflict', enrolled.what, lostSentence(enrolled));
    case 'not-found':
      return refusal(404, 'not-found', 'not-found', 'There is no such patient here.');
    case 'busy':
      return refusal(503, 'transient', 'busy', 'The patient’s record is being written: try again.', {
        'Retry-After': '2',
      });
    case 'rejected':
      return refusal(502, 'processing', 'rejected', 'The hospital’s FHIR server did not take it.');
    case 'not-allowed':
      return refusal(422, 'business-rule', enrolled.reason, SAID[enrolled.reason] ?? enrolled.reason);
  }
}
