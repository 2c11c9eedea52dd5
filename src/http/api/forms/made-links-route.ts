import type { Request } from 'express';
import { phoneOf } from '../../../domain/contact.ts';
import { localDate } from '../../../domain/instant.ts';
import type { MadeLinksView } from '../../../domain/view/made-links-view.ts';
import { caresFor } from '../../../pipeline/clinic/change-care.ts';
import { dueForms } from '../../../pipeline/forms/due-forms.ts';
import { linksOf } from '../../../pipeline/forms/made-links.ts';
import { nameOf } from '../../../pipeline/person-of-launch.ts';
import { insufficient, refusal } from '../../refusal.ts';
import type { Route } from '../../route.ts';
import type { RouteParts } from '../../route-parts.ts';
import type { Launch } from '../../smart/launch.ts';
import type { Smart } from '../../smart/smart.ts';
import { assertPinned, readerOf } from '../clinic/reader-of.ts';
import { idOf } from '../json-body.ts';
import { assertAllowed, portsOf } from './answerer.ts';

/** Whoever may move what is asked of this patient: the launch, with whom it is about. @throws Refusal 401, 403 */
export async function staffFor(parts: RouteParts, smart: Smart, request: Request, patient: string): Promise<Launch> {
  const launch = await smart.launches.of(request);
  const { context } = parts.ports;
  const reader = readerOf(launch, context.content.access, 'reschedule');
  assertPinned(launch, patient);
  assertAllowed(launch, { resource: 'Task', right: 'r' });
  if (!(await caresFor({ server: launch.server, context }, reader, patient, parts.now.now())))
    throw insufficient('not-in-your-care', 'The patient is not of the programme, or not in your care.');
  return launch;
}

export const madeLinksRoute = (parts: RouteParts, smart: Smart): Route => ({
  method: 'get',
  path: '/api/patients/:id/links',
  summary: 'What may go to this patient by a personal link, and the links that were given out',
  access: 'launch',
  answers: { 200: 'MadeLinksView', 401: 'No launch', 403: 'Not this role’s', 404: 'No such patient' },
  produces: 'application/json',
  opens: ['Patient', 'Task'],
  handle: async (request, response) => {
    const id = idOf(request.params.id);
    const reference = `Patient/${id}`;
    const launch = await staffFor(parts, smart, request, reference);
    const nowMs = parts.now.now();
    const patient = await launch.server.read('Patient', id);
    if (patient === undefined) throw refusal(404, 'not-found', 'not-found', 'There is no such patient.');
    const who = { user: reference, launch: launch.record.id, isLink: false };
    const { forms } = await dueForms(portsOf(parts, launch), who, nowMs);
    const name = nameOf(patient.name);
    const view: MadeLinksView = {
      patient: { id, ...(name === undefined ? {} : { name }) },
      hasPhone: phoneOf(patient.telecom, localDate(nowMs, parts.ports.context.settings.timeZone)) !== undefined,
      // How far she has come with a form is hers.
      forms: forms.map((it) => ({ ...it, answered: 0 })),
      links: await linksOf(parts.ports, reference, nowMs),
    };
    await parts.record(launch, { action: 'read', patient: reference, resources: ['Patient', 'Task'] });
    response.json(view);
  },
});
