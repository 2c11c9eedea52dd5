import type { Request, Response } from 'express';
import { literal } from '../../domain/reference.ts';
import type { AlliancePorts } from '../../pipeline/compute-alliance.ts';
import { type Decided, decide } from '../../pipeline/steps/decide.ts';
import type { Doing } from '../../pipeline/steps/held-person.ts';
import { type OverrideRequest, override } from '../../pipeline/steps/override.ts';
import { readSteps } from '../../pipeline/steps/read-steps.ts';
import { type Positioned, recordAgreement } from '../../pipeline/steps/record-position.ts';
import type { Authorize } from '../authorize.ts';
import { readBody } from '../read-body.ts';
import { insufficient, refusal } from '../refusal.ts';
import type { Route } from '../route.ts';
import { CONTENT, field, idOf, optionalField } from './json-body.ts';
import { refusalOf } from './step-refusal.ts';

/** What these routes work with. */
export interface StepRouteParts {
  readonly ports: AlliancePorts;
  readonly authorize: Authorize;
  readonly now: Doing;
}

const CHANGE = { resource: 'CarePlan', right: 'u' } as const;
const READ = { resource: 'CarePlan', right: 'r' } as const;

/** Who decides: the person behind the token, and the one patient that the token is for, if it is for one. */
interface Clinician {
  readonly by: string;
  readonly patient: string | undefined;
}

/** The clinician of a token. @throws Refusal 403 where it is of a patient, or of a system without a user */
async function clinicianOf(
  { authorize, ports }: StepRouteParts,
  request: Request,
  needed: typeof CHANGE | typeof READ,
): Promise<Clinician> {
  const caller = await authorize(request, needed);
  if (caller.kind !== 'practitioner') throw insufficient('wrong-user', 'Only a named practitioner may ask for this.');
  const { baseUrl } = ports.context.settings;
  const { practitioner, patient } = caller;
  if (practitioner.startsWith('Practitioner/')) return { by: practitioner, patient };
  const role = await ports.server.read('PractitionerRole', practitioner.slice('PractitionerRole/'.length));
  const by = role?.active === false ? undefined : literal(role?.practitioner, baseUrl);
  if (by === undefined) throw insufficient('wrong-user', 'The role of the token is of nobody who works here.');
  return { by, patient };
}

const answers = {
  200: 'Done; what is in force now',
  400: 'The body cannot be read',
  401: 'No good token',
  403: 'Not this caller’s to decide',
  404: 'None of that id, or not of this patient',
  409: 'Somebody else was first, or an answer was amended: the outcome says what happened, who and when',
  422: 'The patient’s agreement, or the reason, is missing',
  503: 'Try again',
};

/** What a clinician does about steps of care, each for the person whom the token names. */
export function stepRoutes(parts: StepRouteParts): Route[] {
  const { ports, now } = parts;
  const route = (
    path: string,
    summary: string,
    act: (who: Clinician, id: string, body: unknown) => Promise<Decided | Positioned>,
  ): Route => ({
    method: 'post',
    path,
    summary,
    access: 'bearer',
    right: 'decide',
    body: 'json',
    opens: ['CarePlan'],
    ...(path.startsWith('/api/patients/') ? {} : { about: 'CarePlan' as const }),
    answers,
    produces: 'application/json',
    handle: async (request, response) => {
      const who = await clinicianOf(parts, request, CHANGE);
      await readBody(request, response);
      send(response, await act(who, idOf(request.params.id), request.body));
    },
  });
  return [
    readRoute(parts),
    route('/api/proposals/:id/decision', 'Approve or decline a proposed step', ({ by, patient }, proposal, body) =>
      decide(
        ports,
        {
          proposal,
          by,
          outcome: field(body, 'decision', { approve: 'approved', decline: 'declined' }),
          ...optionalField(body, 'reason'),
          ...(patient === undefined ? {} : { patient }),
        },
        now,
      ),
    ),
    route('/api/care-plans/:id/position', 'Record what the patient wants', ({ by, patient }, carePlan, body) =>
      recordAgreement(
        ports,
        {
          carePlan,
          by,
          kind: field(body, 'position', { agreed: 'agreed', refused: 'refused', wished: 'wished' }),
          ...optionalField(body, 'level'),
          ...optionalField(body, 'note'),
          ...(patient === undefined ? {} : { patient }),
        },
        now,
      ),
    ),
    route('/api/patients/:id/level', 'Choose another level than the rules propose', ({ by, patient }, id, body) =>
      override(ports, overrideOf(by, patient, id, body), now),
    ),
  ];
}

function overrideOf(by: string, patient: string | undefined, id: string, body: unknown): OverrideRequest {
  if (patient !== undefined && patient !== `Patient/${id}`)
    throw insufficient('not-your-patient', 'The token is for another patient.');
  const {
    level,
    reason = '',
    insteadOf,
  } = {
    ...optionalField(body, 'level'),
    ...optionalField(body, 'reason'),
    ...optionalField(body, 'insteadOf'),
  };
  if (level === undefined || insteadOf === undefined)
    throw refusal(400, 'required', 'field-missing', 'The body names a level, and the plan that it is to replace.');
  return { patient: `Patient/${id}`, level, by, reason, insteadOf: insteadOf.replace(/^CarePlan\//, '') };
}

const readRoute = (parts: StepRouteParts): Route => ({
  method: 'get',
  path: '/api/patients/:id/steps',
  opens: ['CarePlan', 'Observation', 'Task'],
  summary: 'The level in force, what the rules say now, and what waits for a decision',
  access: 'bearer',
  right: 'worklist',
  answers: { 200: 'One entry for each course under way', 401: 'No good token', 403: 'Not in this caller’s care' },
  produces: CONTENT,
  handle: async (request, response) => {
    const who = await clinicianOf(parts, request, READ);
    const patient = `Patient/${idOf(request.params.id)}`;
    if (who.patient !== undefined && who.patient !== patient)
      throw insufficient('not-your-patient', 'The token is for another patient.');
    const courses = await readSteps(parts.ports, patient, parts.now.now(), who.by);
    if (courses === undefined) throw insufficient('not-in-your-care', 'The patient is not in the care of the caller.');
    response.type(CONTENT).send(JSON.stringify({ courses }));
  },
});

/** What was done, or an OperationOutcome that says why not. */
function send(response: Response, result: Decided | Positioned): void {
  const refused = refusalOf(result);
  if (refused !== undefined) throw refused;
  response.type(CONTENT).send(JSON.stringify(result));
}
