import type { Request } from 'express';
import type { Task } from 'fhir/r4.js';
import type { LinkCodeSent, LinkOpened } from '../../../domain/view/link-view.ts';
import type { LinkMade } from '../../../domain/view/made-links-view.ts';
import { listLink } from '../../../pipeline/forms/made-links.ts';
import { DIGITS, linkOf, makeLink, openLink, revokeLink, sendCode } from '../../../pipeline/forms/personal-link.ts';
import { readBody } from '../../read-body.ts';
import { type Refusal, refusal } from '../../refusal.ts';
import type { Route } from '../../route.ts';
import type { RouteParts } from '../../route-parts.ts';
import type { Smart } from '../../smart/smart.ts';
import { idOf, optionalField } from '../json-body.ts';
import { madeLinksRoute, staffFor } from './made-links-route.ts';

const JSON_TYPE = 'application/json';
const CODE = /^[A-Za-z0-9_-]{43}$/;
const ONE_TIME = new RegExp(`^\\d{${DIGITS}}$`);
/** What a personal link lets its bearer do: the forms that it names. */
const SCOPE = 'patient/Task.r patient/QuestionnaireResponse.cru';

/** Whether links are given out: the site switched it on, and a channel reaches telephones. */
export const givesLinks = ({ ports, options }: RouteParts): boolean =>
  options.personalLinks === true && ports.safety?.notify.channel === 'webhook';

/** The personal link, where a site gives any out. */
export function linkRoutes(parts: RouteParts, smart: Smart): Route[] {
  const notify = parts.ports.safety?.notify;
  if (!givesLinks(parts) || notify === undefined) return [];
  const ports = { ...parts.ports, notify };
  return [
    madeLinksRoute(parts, smart),
    makeRoute(parts, smart),
    revokeRoute(parts, smart),
    {
      method: 'post',
      path: '/api/link/code',
      summary: 'The code of a link’s fragment: a one-time code goes to the telephone in the record',
      access: 'public',
      body: 'json',
      answers: { 200: 'Sent; nothing is said of whose it is', 410: 'The link is worth nothing', 503: 'Try again' },
      produces: JSON_TYPE,
      handle: async (request, response) => {
        const code = await codeOf(request, () => readBody(request, response));
        const coded = await sendCode(ports, code, parts.now.now());
        if (coded.kind !== 'sent') throw refusedLink(coded.kind);
        const sent: LinkCodeSent = { digits: DIGITS, triesLeft: coded.triesLeft };
        response.json(sent);
      },
    },
    {
      method: 'post',
      path: '/api/link/open',
      summary: 'Both codes: opens the forms that the link names, once',
      access: 'public',
      body: 'json',
      answers: { 200: 'Opened', 403: 'Another one-time code', 410: 'The link is worth nothing', 503: 'Try again' },
      produces: JSON_TYPE,
      handle: async (request, response) => {
        const code = await codeOf(request, () => readBody(request, response));
        const { oneTimeCode = '' } = optionalField(request.body, 'oneTimeCode');
        const opened = await openLink(ports, code, ONE_TIME.test(oneTimeCode) ? oneTimeCode : '', parts.now.now());
        if (opened.kind === 'wrong')
          throw refusal(403, 'forbidden', 'wrong-code', `The code is another; ${opened.triesLeft} tries are left.`);
        if (opened.kind !== 'open') throw refusedLink(opened.kind);
        const record = await smart.launches.begin(
          {
            kind: 'link',
            iss: parts.ports.server.baseUrl,
            user: opened.patient,
            patient: opened.patient,
            roles: [],
            scope: SCOPE,
            accessToken: '',
            needPatientBanner: false,
            tasks: opened.tasks,
          },
          response,
        );
        const view: LinkOpened = { launch: record.id };
        response.json(view);
      },
    },
  ];
}

async function codeOf(request: Request, read: () => Promise<void>): Promise<string> {
  const site = request.get('sec-fetch-site');
  if (site !== undefined && site !== 'same-origin')
    throw refusal(403, 'security', 'cross-site', 'The request did not come from a page of Vincle.');
  await read();
  const { code = '' } = optionalField(request.body, 'code');
  if (!CODE.test(code)) throw refusedLink('dead');
  return code;
}

function refusedLink(kind: 'dead' | 'busy' | 'no-phone' | 'not-sent'): Refusal {
  switch (kind) {
    case 'busy':
      return refusal(503, 'transient', 'busy', 'Try again.', { 'Retry-After': '2' });
    case 'dead':
      return refusal(410, 'deleted', 'link-dead', 'This link is worth nothing any more.');
    // Whoever holds the link alone learns nothing of the record behind it.
    case 'no-phone':
    case 'not-sent':
      return refusal(410, 'deleted', 'link-dead', 'No code can be sent for this link.');
  }
}

const makeRoute = (parts: RouteParts, smart: Smart): Route => ({
  method: 'post',
  path: '/api/patients/:id/links',
  summary: 'A personal link to Tasks of this patient, told once',
  access: 'launch',
  body: 'json',
  answers: {
    201: 'The address, its id and its end',
    400: 'No Tasks',
    403: 'Not this role’s',
    422: 'Not hers to answer',
  },
  produces: JSON_TYPE,
  opens: ['Task'],
  handle: async (request, response) => {
    const patient = `Patient/${idOf(request.params.id)}`;
    const launch = await staffFor(parts, smart, request, patient);
    await readBody(request, response);
    // Read with the person’s own token: whoever may not see a Task gives out no link to it.
    const read = await Promise.all(taskIds(request.body).map((id) => launch.server.read('Task', id)));
    const tasks = read.filter((it): it is Task => it !== undefined);
    const made =
      tasks.length === read.length ? await makeLink(parts.ports, patient, tasks, parts.now.now()) : undefined;
    if (made === undefined)
      throw refusal(422, 'business-rule', 'not-hers', 'These Tasks do not wait with the patient.');
    await parts.record(launch, { action: 'create', patient, resources: tasks.map((it) => `Task/${it.id}`) });
    await listLink(parts.ports, patient, made, taskIds(request.body), parts.now);
    const base = parts.options.publicUrl ?? parts.options.smart?.publicUrl ?? '';
    const view: LinkMade = { id: made.id, url: `${base}/form/link#${made.code}`, expiresAt: made.expiresAt };
    response.status(201).json(view);
  },
});

const revokeRoute = (parts: RouteParts, smart: Smart): Route => ({
  method: 'post',
  path: '/api/links/:link/revocation',
  summary: 'Takes a personal link back',
  access: 'launch',
  answers: { 204: 'Worth nothing any more', 403: 'Not this role’s', 404: 'None of that id' },
  produces: JSON_TYPE,
  opens: ['Task'],
  handle: async (request, response) => {
    const id = idOf(request.params.link);
    // Whoever has no launch learns nothing of which links there are.
    await smart.launches.of(request);
    const link = await linkOf(parts.ports, id, parts.now.now());
    if (link === undefined) throw refusal(404, 'not-found', 'not-found', 'There is no such link any more.');
    const launch = await staffFor(parts, smart, request, link.patient);
    await revokeLink(parts.ports, id, parts.now.now());
    await parts.record(launch, {
      action: 'delete',
      patient: link.patient,
      resources: link.tasks.map((it) => `Task/${it}`),
    });
    response.status(204).end();
  },
});

const MOST = 20;

function taskIds(body: unknown): readonly string[] {
  const tasks: unknown = typeof body === 'object' && body !== null && 'tasks' in body ? body.tasks : undefined;
  if (!Array.isArray(tasks) || tasks.length === 0 || tasks.length > MOST)
    throw refusal(400, 'required', 'field-missing', 'The body names tasks.');
  return tasks.map(idOf);
}
