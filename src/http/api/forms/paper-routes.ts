import { randomUUID } from 'node:crypto';
import type { Request } from 'express';
import { localDate } from '../../../domain/instant.ts';
import type { FormView } from '../../../domain/view/form-view.ts';
import type { PaperListView, PaperSaved } from '../../../domain/view/paper-view.ts';
import { dueForms, titleOf } from '../../../pipeline/forms/due-forms.ts';
import type { Answerer } from '../../../pipeline/forms/form-tasks.ts';
import { type OpenedForm, openForm } from '../../../pipeline/forms/open-form.ts';
import { type Entered, enterPaper, entriesOf, resolvePaper } from '../../../pipeline/forms/paper-entry.ts';
import { viewForm } from '../../../pipeline/forms/view-form.ts';
import { nameOf } from '../../../pipeline/person-of-launch.ts';
import { readBody } from '../../read-body.ts';
import { Refusal, refusal } from '../../refusal.ts';
import type { Route } from '../../route.ts';
import type { RouteParts } from '../../route-parts.ts';
import type { Launch } from '../../smart/launch.ts';
import type { Smart } from '../../smart/smart.ts';
import { launchWith } from '../coordinator/rightful.ts';
import { idOf, optionalField } from '../json-body.ts';
import { assertAllowed, portsOf, refusalOf } from './answerer.ts';
import { languageAsked, readAnswers } from './form-body.ts';
import { differencesIn, stateOf } from './paper-state.ts';

const JSON_TYPE = 'application/json';
const DAY = /^\d{4}-\d\d-\d\d$/;
const answers = {
  401: 'No launch',
  403: 'Not a coordinator, or the same person twice',
  404: 'No such form',
  409: 'Both entries stand, or it was answered',
  422: 'The answers do not fit the form, or something is not decided',
  503: 'Try again',
};

interface Opened {
  readonly launch: Launch;
  readonly form: OpenedForm;
  readonly by: string;
}

/** A form that was filled in on paper: entered by one person, again by another, and counted where both agree or a person decided. */
export const paperRoutes = (parts: RouteParts, smart: Smart): Route[] => [
  {
    method: 'get',
    path: '/api/paper',
    summary: 'Forms of one patient that may be entered from paper',
    access: 'launch',
    query: { patient: 'Id of the patient' },
    answers: { ...answers, 200: 'PaperListView' },
    produces: JSON_TYPE,
    handle: async (request, response) => void response.json(await list(parts, smart, request)),
  },
  {
    method: 'get',
    path: '/api/paper/:taskId',
    summary: 'One form without any answer, and how far its entry has come',
    access: 'launch',
    query: { language: 'en, es or ca' },
    answers: { ...answers, 200: 'PaperFormView' },
    produces: JSON_TYPE,
    handle: async (request, response) => {
      const opened = await open(parts, smart, request);
      const form = await shown(parts, opened, request);
      const entries = await entriesOf(portsOf(parts, opened.launch), opened.form);
      const paper = stateOf(opened, form.items, entries);
      await parts.record(opened.launch, {
        action: 'read',
        patient: opened.form.subject,
        resources: [`Task/${opened.form.taskId}`],
      });
      response.json({ form, paper });
    },
  },
  entryRoute(parts, smart),
  resolutionRoute(parts, smart),
];

const entryRoute = (parts: RouteParts, smart: Smart): Route => ({
  method: 'post',
  path: '/api/paper/:taskId',
  summary: 'What stands on the paper: the first entry, or the second by another person',
  access: 'launch',
  body: 'json',
  answers: { ...answers, 200: 'PaperSaved' },
  produces: JSON_TYPE,
  handle: async (request, response) => {
    const opened = await open(parts, smart, request, () => readBody(request, response));
    const { items, language } = readAnswers(request.body, false);
    const answeredOn = dayIn(request.body, localDate(parts.now.now(), parts.ports.context.settings.timeZone));
    const entered = await enterPaper(
      portsOf(parts, opened.launch),
      opened.form,
      { items, language, answeredOn },
      { ...parts.now, caller: { kind: 'system' }, newId: randomUUID, by: opened.by },
    );
    response.json(await told(parts, opened, request, entered));
  },
});

const resolutionRoute = (parts: RouteParts, smart: Smart): Route => ({
  method: 'post',
  path: '/api/paper/:taskId/resolution',
  summary: 'Decides, item by item, between two entries that differ',
  access: 'launch',
  body: 'json',
  answers: { ...answers, 200: 'PaperSaved' },
  produces: JSON_TYPE,
  handle: async (request, response) => {
    const opened = await open(parts, smart, request, () => readBody(request, response));
    const { note } = optionalField(request.body, 'note');
    if (note === undefined) throw refusal(422, 'required', 'reason-missing', 'A reason is required.');
    const entered = await resolvePaper(portsOf(parts, opened.launch), opened.form, choicesIn(request.body), {
      ...parts.now,
      caller: { kind: 'system' },
      newId: randomUUID,
      by: opened.by,
      note,
    });
    if (entered.kind === 'nothing')
      throw refusal(409, 'conflict', 'nothing-to-decide', 'There are no two entries of this form.');
    if (entered.kind === 'undecided')
      throw refusal(422, 'required', 'undecided', `Not decided: ${entered.linkIds.slice(0, 20).join(', ')}.`);
    response.json(await told(parts, opened, request, entered));
  },
});

const answererFor = (launch: Launch, patient: string): Answerer => ({
  user: patient,
  launch: launch.record.id,
  isLink: false,
});

async function list(parts: RouteParts, smart: Smart, request: Request): Promise<PaperListView> {
  const launch = await launchWith(parts, smart, request, 'paper');
  assertAllowed(launch, { resource: 'Task', right: 'r' });
  const id = idOf(request.query.patient);
  const patient = await launch.server.read('Patient', id);
  if (patient === undefined) throw refusal(404, 'not-found', 'not-found', 'There is no such patient.');
  const ports = portsOf(parts, launch);
  const who = answererFor(launch, `Patient/${id}`);
  const { forms } = await dueForms(ports, who, parts.now.now());
  const withState = [];
  for (const it of forms) {
    const opening = await openForm(ports, it.taskId, who, parts.now.now());
    if (opening.kind !== 'open') continue;
    const by = launch.record.practitioner ?? launch.record.user;
    const paper = stateOf({ form: opening.form, by }, [], await entriesOf(ports, opening.form));
    withState.push({ ...it, answered: 0, paper });
  }
  await parts.record(launch, { action: 'read', patient: `Patient/${id}`, resources: ['Patient', 'Task'] });
  const name = nameOf(patient.name);
  return { patient: { id, ...(name === undefined ? {} : { name }) }, forms: withState };
}

async function open(
  parts: RouteParts,
  smart: Smart,
  request: Request,
  read: () => Promise<void> = async () => {},
): Promise<Opened> {
  const launch = await launchWith(parts, smart, request, 'paper');
  assertAllowed(launch, { resource: 'Task', right: 'r' }, { resource: 'QuestionnaireResponse', right: 'c' });
  await read();
  const taskId = idOf(request.params.taskId);
  const task = await launch.server.read('Task', taskId);
  const owner = task?.owner?.reference;
  // Only a patient’s answers come on paper.
  if (owner?.startsWith('Patient/') !== true) throw refusalOf({ kind: 'not-found' });
  const by = launch.record.practitioner ?? launch.record.user;
  // Nobody writes down what somebody else thinks of that person’s own work.
  if (task?.focus?.reference === by)
    throw refusal(403, 'forbidden', 'own-rating', 'Whoever is rated does not enter the rating.');
  const opening = await openForm(portsOf(parts, launch), taskId, answererFor(launch, owner), parts.now.now());
  if (opening.kind !== 'open') throw refusalOf(opening);
  return { launch, form: opening.form, by };
}

/** The form without what the patient may have begun herself, nor what another entered. */
async function shown(parts: RouteParts, { launch, form }: Opened, request: Request): Promise<FormView> {
  const language = languageAsked(request.query.language);
  const {
    draft: _draft,
    crisis: _crisis,
    ...view
  } = await viewForm(portsOf(parts, launch), form, language, parts.now.now());
  return view;
}

async function told(parts: RouteParts, opened: Opened, request: Request, entered: Entered): Promise<PaperSaved> {
  const { launch, form } = opened;
  const title = titleOf(form);
  const record = (resource: string) =>
    parts.record(launch, { action: 'create', patient: form.subject, resources: [resource] });
  switch (entered.kind) {
    case 'same-person':
      throw refusal(403, 'forbidden', 'same-person', 'The second entry is another person’s.');
    case 'both-entered':
      throw refusal(409, 'conflict', 'both-entered', 'Both entries stand: a person decides between them.');
    case 'refused':
      throw new Refusal(entered.processed.kind === 'invalid' ? 422 : 409, entered.processed.issues);
    case 'first-entered':
      await record(`QuestionnaireResponse/${entered.response.id}`);
      return { state: 'first-entered', title };
    case 'differs': {
      await record(`QuestionnaireResponse/${entered.entries.second?.id}`);
      const view = await shown(parts, opened, request);
      return { state: 'differs', differences: differencesIn(form, view.items, entered.entries), title };
    }
    case 'counted':
      await record('QuestionnaireResponse');
      return { state: 'counted', title };
  }
}

function dayIn(body: unknown, today: string): string {
  const { answeredOn = '' } = optionalField(body, 'answeredOn');
  if (!DAY.test(answeredOn) || answeredOn > today)
    throw refusal(422, 'required', 'day-missing', 'The day that stands on the paper, not after today.');
  return answeredOn;
}

function choicesIn(body: unknown): Readonly<Record<string, 'first' | 'second'>> {
  const given: unknown = typeof body === 'object' && body !== null && 'choices' in body ? body.choices : undefined;
  if (typeof given !== 'object' || given === null)
    throw refusal(400, 'structure', 'malformed-request', 'The body has choices.');
  return Object.fromEntries(
    Object.entries(given).filter((it): it is [string, 'first' | 'second'] => it[1] === 'first' || it[1] === 'second'),
  );
}
