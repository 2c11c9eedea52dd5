import { randomUUID } from 'node:crypto';
import type { Request, Response } from 'express';
import { v5 } from 'uuid';
import type { ResponseSent } from '../../../domain/view/form-view.ts';
import { dueForms } from '../../../pipeline/forms/due-forms.ts';
import { type OpenedForm, openForm } from '../../../pipeline/forms/open-form.ts';
import { crisisView, type Saved, saveDraft, sendResponse } from '../../../pipeline/forms/save-answers.ts';
import { readingOf, viewForm } from '../../../pipeline/forms/view-form.ts';
import { refusalOf as answerOf } from '../../answer-errors.ts';
import { readBody } from '../../read-body.ts';
import type { Refusal } from '../../refusal.ts';
import type { Route } from '../../route.ts';
import type { RouteParts } from '../../route-parts.ts';
import type { Launch } from '../../smart/launch.ts';
import type { Smart } from '../../smart/smart.ts';
import { idOf } from '../json-body.ts';
import { answererOf, assertAllowed, portsOf, refusalOf } from './answerer.ts';
import { copyRoute } from './copy-route.ts';
import { languageAsked, readAnswers } from './form-body.ts';
import { linkRoutes } from './link-routes.ts';
import { paperRoutes } from './paper-routes.ts';
import { refused, withCrisis } from './refused-answers.ts';

const JSON_TYPE = 'application/json';
const READ_TASK = { resource: 'Task', right: 'r' } as const;
const READ = { resource: 'QuestionnaireResponse', right: 'r' } as const;
const CREATE = { resource: 'QuestionnaireResponse', right: 'c' } as const;

const answers = {
  401: 'No launch, or the hospital’s sign-in is over',
  403: 'The hospital’s grant does not reach this far',
  404: 'No such form for this person',
  409: 'Answered already, or on another device meanwhile',
  410: 'Nobody is asked this now',
  422: 'The answers do not fit the form; each issue says where',
  503: 'Try again',
};

/** The forms that a person fills in: what waits, one of them with its draft, saving and handing in. */
export function formRoutes(parts: RouteParts): Route[] {
  const { smart } = parts;
  if (smart === undefined) return [];
  return [
    listRoute(parts, smart),
    formRoute(parts, smart),
    draftRoute(parts, smart),
    responseRoute(parts, smart),
    copyRoute(parts, smart),
    ...linkRoutes(parts, smart),
    ...paperRoutes(parts, smart),
  ];
}

const listRoute = (parts: RouteParts, smart: Smart): Route => ({
  method: 'get',
  path: '/api/forms',
  summary: 'Forms that wait: a patient’s own, or a therapist’s round',
  access: 'launch',
  answers: { ...answers, 200: 'FormsView' },
  produces: JSON_TYPE,
  handle: async (request, response) => {
    const launch = await smart.launches.of(request);
    assertAllowed(launch, READ_TASK);
    const view = await dueForms(portsOf(parts, launch), answererOf(launch), parts.now.now());
    // One record for each patient whose name is shown.
    const about = new Set(view.forms.flatMap((it) => it.about?.patientId ?? []));
    for (const id of about)
      await parts.record(launch, { action: 'read', patient: `Patient/${id}`, resources: ['Patient', 'Task'] });
    if (about.size === 0) await parts.record(launch, { action: 'read', resources: ['Task'] });
    response.json(view);
  },
});

const formRoute = (parts: RouteParts, smart: Smart): Route => ({
  method: 'get',
  path: '/api/forms/:taskId',
  summary: 'One form, worded, with the draft so far',
  access: 'launch',
  query: { language: 'en, es or ca' },
  answers: { ...answers, 200: 'FormView' },
  produces: JSON_TYPE,
  handle: async (request, response) => {
    const launch = await smart.launches.of(request);
    assertAllowed(launch, READ_TASK, READ);
    const form = await opened(parts, launch, request);
    const view = await viewForm(portsOf(parts, launch), form, languageAsked(request.query.language), parts.now.now());
    await parts.record(launch, {
      action: 'read',
      ...aboutOf(form),
      resources: [`Task/${form.taskId}`, ...(view.draft === undefined ? [] : ['QuestionnaireResponse'])],
    });
    response.json(view);
  },
});

const draftRoute = (parts: RouteParts, smart: Smart): Route => ({
  method: 'put',
  path: '/api/forms/:taskId/draft',
  summary: 'Saves the answers so far on the hospital’s server; signs of danger are looked for at once',
  access: 'launch',
  body: 'json',
  answers: { ...answers, 200: 'DraftSaved' },
  produces: JSON_TYPE,
  handle: async (request, response) => {
    const launch = await smart.launches.of(request);
    assertAllowed(launch, READ_TASK, CREATE);
    await readBody(request, response);
    const sent = readAnswers(request.body, false);
    const form = await opened(parts, launch, request);
    const { processed, crisis } = await guarded(parts, launch, form, sent, () =>
      saveDraft(portsOf(parts, launch), form, sent, { ...saving(parts, launch), version: sent.version }),
    );
    if (processed.kind !== 'stored') throw refused(processed, crisis);
    const { id, meta } = processed.response;
    await parts.record(launch, { action: 'update', ...aboutOf(form), resources: [`QuestionnaireResponse/${id}`] });
    response.json({
      version: meta?.versionId ?? '',
      savedAt: new Date(parts.now.now()).toISOString(),
      ...(crisis === undefined ? {} : { crisis }),
    });
  },
});

const responseRoute = (parts: RouteParts, smart: Smart): Route => ({
  method: 'post',
  path: '/api/forms/:taskId/response',
  summary: 'Hands the answers in, once, and completes what was asked',
  access: 'launch',
  body: 'json',
  answers: { ...answers, 200: 'Stored', 202: 'Kept, and handed on once the hospital’s server takes it' },
  produces: JSON_TYPE,
  handle: async (request, response) => {
    const launch = await smart.launches.of(request);
    assertAllowed(launch, READ_TASK, CREATE);
    await readBody(request, response);
    await handIn(parts, launch, request, response);
  },
});

async function handIn(parts: RouteParts, launch: Launch, request: Request, response: Response): Promise<void> {
  const sent = readAnswers(request.body, true);
  const taskId = idOf(request.params.taskId);
  const ports = portsOf(parts, launch);
  const opening = await openForm(ports, taskId, answererOf(launch), parts.now.now());
  // The button was pressed twice, or an answer of ours was lost: what was completed a moment ago is told again.
  if (opening.kind === 'answered') return again(parts, launch, taskId, sent.key, response, refusalOf(opening));
  if (opening.kind !== 'open') throw refusalOf(opening);
  const { form } = opening;
  const { processed, crisis } = await guarded(parts, launch, form, sent, () =>
    sendResponse(ports, form, sent, { ...saving(parts, launch), version: sent.version, key: sent.key }),
  );
  const { metrics, now } = parts;
  metrics.response(
    processed.kind === 'stored' ? (processed.fate ?? 'later') : processed.kind,
    processed.issues.map((it) => it.reason),
  );
  if (processed.kind !== 'stored' && processed.kind !== 'kept') throw refused(processed, crisis);
  const stored = processed.kind === 'stored' ? processed.response : undefined;
  if (stored !== undefined)
    parts.notifications.knows(
      processed.kind === 'stored' && processed.fate === undefined ? undefined : stored.id,
      stored.meta?.versionId,
    );
  const what = stored?.id === undefined ? 'QuestionnaireResponse' : `QuestionnaireResponse/${stored.id}`;
  await parts.record(launch, { action: 'create', ...aboutOf(form), resources: [what, `Task/${taskId}`] });
  const view: ResponseSent = {
    state: processed.kind,
    reading: readingOf(ports.context, form),
    ...(crisis === undefined ? {} : { crisis }),
  };
  await parts.ports.state.keep(sentId(launch, taskId, sent.key), view, new Date(now.now() + DAY_MS).toISOString());
  response.status(processed.kind === 'stored' ? 200 : 202).json(view);
}

const DAY_MS = 86_400_000;
/** Ids are not sealed: whoever reads the store learns of no patient. */
const sentId = ({ record }: Launch, taskId: string, key: string): string =>
  `sent/${v5(`${record.user}/${taskId}/${key}`, v5.URL)}`;

async function again(
  parts: RouteParts,
  launch: Launch,
  taskId: string,
  key: string,
  response: Response,
  otherwise: Refusal,
): Promise<void> {
  const kept = await parts.ports.state.kept(sentId(launch, taskId, key), new Date(parts.now.now()).toISOString());
  if (kept === undefined) throw otherwise;
  response.json(kept);
}

const aboutOf = ({ subject }: OpenedForm): { readonly patient?: string } =>
  subject.startsWith('Patient/') ? { patient: subject } : {};

const saving = ({ now }: RouteParts, { caller }: Launch) => ({ ...now, caller, newId: randomUUID });

async function opened(parts: RouteParts, launch: Launch, request: Request): Promise<OpenedForm> {
  const taskId = idOf(request.params.taskId);
  const opening = await openForm(portsOf(parts, launch), taskId, answererOf(launch), parts.now.now());
  if (opening.kind !== 'open') throw refusalOf(opening);
  return opening.form;
}

/** Whatever failed on the way, whoever answered with a sign of danger must not miss where to turn to. */
async function guarded(
  parts: RouteParts,
  launch: Launch,
  form: OpenedForm,
  sent: ReturnType<typeof readAnswers>,
  act: () => Promise<Saved>,
): Promise<Saved> {
  try {
    return await act();
  } catch (error) {
    const { canonical: questionnaire } = form;
    const response = {
      resourceType: 'QuestionnaireResponse' as const,
      status: 'in-progress' as const,
      questionnaire,
      item: [...sent.items],
    };
    const crisis = await crisisView(portsOf(parts, launch), response, parts.now.now());
    throw crisis === undefined ? error : withCrisis(answerOf(error), crisis);
  }
}
