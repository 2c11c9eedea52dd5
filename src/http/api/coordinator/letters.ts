import type { DeadLetter, DeadLettersView } from '../../../domain/view/review-view.ts';
import { ACCESS_LABEL } from '../../../pipeline/audit/access-log.ts';
import type { OutboxEntry } from '../../../state/port.ts';
import { readBody } from '../../read-body.ts';
import { insufficient, refusal } from '../../refusal.ts';
import type { Route } from '../../route.ts';
import type { RouteParts } from '../../route-parts.ts';
import type { Smart } from '../../smart/smart.ts';
import { optionalField } from '../json-body.ts';
import { launchWith } from './rightful.ts';

const JSON_TYPE = 'application/json';
const ID = /^[A-Za-z0-9\-.]{1,64}$/;

/** What a failure is called: the words after it may name what was sent, and stay here. */
const reasonOf = (error: string | undefined): string => /^[a-z-]{1,40}/.exec(error ?? '')?.[0] ?? 'unknown';

const letterOf = ({ id, label, enqueuedAt, attempts, lastError, state }: OutboxEntry): DeadLetter => ({
  id,
  kind: label,
  since: enqueuedAt,
  tries: attempts,
  reason: reasonOf(lastError),
  mayReplay: state === 'dead',
  mayDrop: state === 'dead' && label !== ACCESS_LABEL,
});

/** What could not be delivered: never its content. */
export const deadLetterRoutes = (parts: RouteParts, smart: Smart): Route[] => [
  {
    method: 'get',
    path: '/api/dead-letters',
    summary: 'What the hospital’s server would not take, without content',
    access: 'launch',
    answers: { 200: 'DeadLettersView', 401: 'No launch', 403: 'Not a coordinator' },
    produces: JSON_TYPE,
    handle: async (request, response) => {
      const launch = await launchWith(parts, smart, request, 'dead-letters');
      const entries = await parts.ports.state.listEntries();
      // Nothing of a patient’s is in it; that it was looked at is recorded all the same.
      await parts.record(launch, { action: 'read', resources: ['QuestionnaireResponse'] });
      const view: DeadLettersView = { letters: entries.filter((it) => it.state === 'dead').map(letterOf) };
      response.json(view);
    },
  },
  letterRoute(parts, smart, 'replay', 'Sends it again', (id, at) => parts.ports.state.replay(id, at)),
  letterRoute(parts, smart, 'drop', 'Drops it for good', (id) => parts.ports.state.drop(id)),
];

const letterRoute = (
  parts: RouteParts,
  smart: Smart,
  what: 'replay' | 'drop',
  summary: string,
  act: (id: string, at: string) => Promise<boolean>,
): Route => ({
  method: 'post',
  path: `/api/dead-letters/:id/${what}`,
  summary,
  access: 'launch',
  body: 'json',
  answers: {
    200: 'Done',
    401: 'No launch',
    403: 'Not a coordinator, or a record of who looked',
    404: 'None of that id',
    422: 'No reason',
  },
  produces: JSON_TYPE,
  handle: async (request, response) => {
    const launch = await launchWith(parts, smart, request, 'dead-letters');
    await readBody(request, response);
    const reason = optionalField(request.body, 'reason').reason?.trim() ?? '';
    if (reason === '') throw refusal(422, 'required', 'reason-missing', 'A reason is required.');
    const id = String(request.params.id);
    const letter = ID.test(id) ? (await parts.ports.state.listEntries()).find((it) => it.id === id) : undefined;
    if (what === 'drop' && letter?.label === ACCESS_LABEL)
      throw insufficient('access-record', 'A record of who looked at what is dropped by nobody here.');
    if (letter?.state !== 'dead' || !(await act(id, new Date(parts.now.now()).toISOString())))
      throw refusal(404, 'not-found', 'not-found', 'There is no dead letter of that id.');
    await parts.record(launch, {
      action: what === 'drop' ? 'delete' : 'update',
      ...(letter.stream.startsWith('Patient/') ? { patient: letter.stream } : {}),
      resources: ['QuestionnaireResponse'],
      reason,
    });
    response.json({ id, state: what === 'drop' ? 'dropped' : 'waiting' });
  },
});
