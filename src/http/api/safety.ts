import type { Request } from 'express';
import { literal } from '../../domain/reference.ts';
import type { AlliancePorts } from '../../pipeline/compute-alliance.ts';
import type { Now } from '../../pipeline/compute-now.ts';
import { patientsOf } from '../../pipeline/safety/concerned.ts';
import { type Acted, type Acting, acknowledge, close } from '../../pipeline/safety/decide-sign.ts';
import { listSigns, type Signs } from '../../pipeline/safety/list-signs.ts';
import type { SafetyPorts } from '../../pipeline/safety/safety-ports.ts';
import { withSafety } from '../../pipeline/safety/safety-ports.ts';
import { safetyStatus } from '../../pipeline/safety/safety-status.ts';
import type { Authorize } from '../authorize.ts';
import { readBody } from '../read-body.ts';
import { insufficient, type Refusal, refusal } from '../refusal.ts';
import type { Route } from '../route.ts';
import { CONTENT, idOf, optionalField } from './json-body.ts';

export interface SafetyRouteParts {
  readonly ports: AlliancePorts;
  readonly authorize: Authorize;
  readonly now: Now;
}

/** The clinician of a token, and the one patient that it is for, if it is for one. */
interface Clinician {
  readonly by: string;
  readonly patient: string | undefined;
}

/** @throws Refusal 403 where the token is of a patient, or of a system without a user */
async function clinicianOf(parts: SafetyRouteParts, request: Request, right: 'r' | 'u'): Promise<Clinician> {
  const caller = await parts.authorize(request, { resource: 'Task', right });
  if (caller.kind !== 'practitioner') throw insufficient('wrong-user', 'Only a named practitioner may ask for this.');
  const { practitioner, patient } = caller;
  if (practitioner.startsWith('Practitioner/')) return { by: practitioner, patient };
  const { server, context } = parts.ports;
  const role = await server.read('PractitionerRole', practitioner.slice('PractitionerRole/'.length));
  const by = role?.active === false ? undefined : literal(role?.practitioner, context.settings.baseUrl);
  if (by === undefined) throw insufficient('wrong-user', 'The role of the token is of nobody who works here.');
  return { by, patient };
}

/** Signs of danger over HTTP: what a form may ask, what waits, taking up and closing. Nothing where there is no safety path. */
export function safetyRoutes(parts: SafetyRouteParts): Route[] {
  const safety = withSafety(parts.ports);
  if (safety === undefined) return [];
  const { now } = parts.now;
  const started = now();
  return [
    {
      method: 'get',
      path: '/api/safety',
      summary: 'Whether items on thoughts of death may be asked, who watches, and how long it may take',
      access: 'public',
      answers: { 200: 'No patient data' },
      produces: CONTENT,
      handle: async (_request, response) => void response.json(await safetyStatus(safety, now(), started)),
    },
    {
      method: 'get',
      path: '/api/safety/signs',
      opens: ['Task'],
      summary: 'Open signs of danger of whom the caller cares for, the longest waiting first',
      access: 'bearer',
      right: 'safety',
      answers: { 200: 'Signs, without answers', 401: 'No good token', 403: 'Not a practitioner', 503: 'Try again' },
      produces: CONTENT,
      handle: async (request, response) => {
        const who = await clinicianOf(parts, request, 'r');
        response.json(await signsFor(safety, who, now()));
      },
    },
    actRoute(parts, safety, 'acknowledgement', 'Take a sign up: it is the caller’s from now on', (acting) =>
      acknowledge(safety, acting),
    ),
    actRoute(parts, safety, 'closure', 'Close a sign with an outcome that the protocol names', (acting, body) => {
      const { outcome } = optionalField(body, 'outcome');
      if (outcome === undefined) throw refusal(400, 'required', 'field-missing', 'The body names an outcome.');
      return close(safety, acting, outcome);
    }),
  ];
}

async function signsFor(ports: SafetyPorts, { by, patient }: Clinician, nowMs: number): Promise<Signs> {
  const { open, old } = await listSigns(ports, nowMs, patient);
  const own = await patientsOf(ports, by, [...new Set(open.flatMap((it) => it.patient ?? []))], nowMs);
  return {
    open: open.filter((it) => it.owner === by || (it.patient !== undefined && own.has(it.patient))),
    old: (await patientsOf(ports, by, [NOT_A_PATIENT], nowMs)).has(NOT_A_PATIENT) ? old : [],
  };
}

/** In nobody’s care: only whom the site names for signs of danger sees the review list. */
const NOT_A_PATIENT = 'Patient/nobody';

const actRoute = (
  parts: SafetyRouteParts,
  ports: SafetyPorts,
  what: string,
  summary: string,
  act: (acting: Acting, body: unknown) => Promise<Acted>,
): Route => ({
  method: 'post',
  path: `/api/safety/signs/:id/${what}`,
  opens: ['Task'],
  about: 'Task',
  summary,
  access: 'bearer',
  right: 'safety',
  body: 'json',
  answers: {
    200: 'Done; where the sign stands now',
    400: 'The body cannot be read',
    401: 'No good token',
    403: 'Not a practitioner, or not in the patient’s care',
    404: 'No sign of that id, or of another patient',
    409: 'Somebody else was first: the outcome says who and when',
    422: 'The protocol knows no such outcome',
    503: 'Try again',
  },
  produces: CONTENT,
  handle: async (request, response) => {
    const { by, patient } = await clinicianOf(parts, request, 'u');
    await readBody(request, response);
    const task = idOf(request.params.id);
    await assertConcerned(ports, by, task, parts.now.now());
    const acting = { task, by, now: parts.now.now, ...(patient === undefined ? {} : { patient }) };
    const acted = await act(acting, request.body);
    if (acted.kind !== 'done') throw refusalOf(acted);
    response.json({ task: acted.task.id, state: acted.state });
  },
});

/** @throws Refusal 403 where the patient is not in the caller’s care, the sign not the caller’s */
async function assertConcerned(ports: SafetyPorts, by: string, id: string, nowMs: number): Promise<void> {
  const task = await ports.server.read('Task', id);
  const patient = literal(task?.for, ports.context.settings.baseUrl);
  if (task === undefined || patient === undefined || task.owner?.reference === by) return;
  if (!(await patientsOf(ports, by, [patient], nowMs)).has(patient))
    throw insufficient('not-in-your-care', 'The patient is not in the care of the caller.');
}

function refusalOf(acted: Exclude<Acted, { kind: 'done' }>): Refusal {
  switch (acted.kind) {
    case 'already':
      return refusal(
        409,
        'conflict',
        `already-${acted.state}`,
        `It is ${acted.state}: ${acted.by ?? 'somebody'}, ${acted.at ?? ''}.`,
      );
    case 'not-found':
      return refusal(404, 'not-found', 'not-found', 'There is no sign of that id here.');
    case 'unknown-outcome':
      return refusal(422, 'code-invalid', 'unknown-outcome', `The outcome is one of: ${acted.outcomes.join(', ')}.`);
    case 'not-a-clinician':
      return refusal(403, 'forbidden', 'not-a-clinician', 'Only a practitioner who works here may do this.');
    case 'conflict':
      return refusal(503, 'transient', 'busy', 'The sign is being changed: try again.', { 'Retry-After': '2' });
    case 'rejected':
      return refusal(502, 'processing', 'rejected', 'The hospital’s FHIR server did not take it.');
  }
}
