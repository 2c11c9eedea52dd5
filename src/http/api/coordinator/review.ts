import { type Acted, actOnReview } from '../../../pipeline/forms/act-on-review.ts';
import { reviewQueue } from '../../../pipeline/forms/review-queue.ts';
import { readBody } from '../../read-body.ts';
import { type Refusal, refusal } from '../../refusal.ts';
import type { Route } from '../../route.ts';
import type { RouteParts } from '../../route-parts.ts';
import type { Smart } from '../../smart/smart.ts';
import { assertAllowed, portsOf } from '../forms/answerer.ts';
import { field, idOf, optionalField } from '../json-body.ts';
import { launchWith } from './rightful.ts';

const JSON_TYPE = 'application/json';
const PAGE = 25;

/** What waits for a coordinator, and what is done about it. */
export const reviewRoutes = (parts: RouteParts, smart: Smart): Route[] => [
  {
    method: 'get',
    path: '/api/review',
    summary: 'Refused and doubtful responses with item and reason, and later ratings that might count',
    access: 'launch',
    query: { reason: 'Stable word of a reason', page: 'From 1' },
    answers: { 200: 'ReviewView', 401: 'No launch', 403: 'Not a coordinator' },
    produces: JSON_TYPE,
    handle: async (request, response) => {
      const launch = await launchWith(parts, smart, request, 'review');
      assertAllowed(launch, { resource: 'Task', right: 'r' });
      const { reason, page } = request.query;
      const view = await reviewQueue(portsOf(parts, launch), {
        reason: typeof reason === 'string' && reason !== '' ? reason : undefined,
        page: Math.max(1, Math.trunc(Number(page)) || 1),
        size: PAGE,
      });
      for (const patient of new Set(view.items.flatMap((it) => it.patient?.id ?? [])))
        await parts.record(launch, {
          action: 'read',
          patient: `Patient/${patient}`,
          resources: ['Patient', 'Task'],
        });
      if (view.items.length === 0) await parts.record(launch, { action: 'read', resources: ['Task'] });
      response.json(view);
    },
  },
  {
    method: 'post',
    path: '/api/review/:item',
    summary: 'Accept a later rating as counted, send back, or close, each with a reason',
    access: 'launch',
    body: 'json',
    answers: {
      200: 'Done',
      400: 'The body cannot be read',
      403: 'Not a coordinator',
      404: 'None of that id',
      409: 'Somebody else was first',
      422: 'That is not possible with this one, or the reason is missing',
      503: 'Try again',
    },
    produces: JSON_TYPE,
    handle: async (request, response) => {
      const launch = await launchWith(parts, smart, request, 'review');
      assertAllowed(launch, { resource: 'Task', right: 'u' });
      await readBody(request, response);
      const item = idOf(request.params.item);
      const action = field(request.body, 'action', { accept: 'accept', refuse: 'refuse', close: 'close' });
      const { note } = optionalField(request.body, 'note');
      if (note === undefined) throw refusal(422, 'required', 'reason-missing', 'A reason is required.');
      const by = launch.record.practitioner ?? launch.record.user;
      const acted = await actOnReview(portsOf(parts, launch), { item, action, by, note }, parts.now);
      if (acted.kind !== 'done') throw refusalOf(acted.kind);
      await parts.record(launch, {
        action: 'update',
        resources: [acted.changed],
        ...(acted.patient?.startsWith('Patient/') === true ? { patient: acted.patient } : {}),
      });
      response.json({ item, action });
    },
  },
];

function refusalOf(kind: Exclude<Acted['kind'], 'done'>): Refusal {
  switch (kind) {
    case 'not-found':
      return refusal(404, 'not-found', 'not-found', 'Nothing of that id waits here.');
    case 'over':
      return refusal(409, 'conflict', 'already-ended', 'Somebody else was first: it waits no longer.');
    case 'not-possible':
      return refusal(422, 'business-rule', 'not-possible', 'That is not possible with this one.');
    case 'busy':
      return refusal(503, 'transient', 'busy', 'It is being changed: try again.', { 'Retry-After': '2' });
  }
}
