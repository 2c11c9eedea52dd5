import type { Request } from 'express';
import type { AccessAction, AccessPurpose } from '../../domain/access-event.ts';
import type { AccessLog } from '../../pipeline/audit/access-log.ts';
import type { Route } from '../route.ts';
import type { Launch } from '../smart/launch.ts';
import { launchSeen } from '../smart/seen-launches.ts';

/** What a handler says about an access, before it answers. */
export interface Access {
  readonly action: AccessAction;
  /** `Patient/…`; the launch’s own where it is left out. */
  readonly patient?: string;
  /** Types or references of what is shown or changed: `Observation`, `QuestionnaireResponse/17`. */
  readonly resources: readonly string[];
  /** Care, the patient’s own request or operations, by who asks, where it is left out. */
  readonly purpose?: AccessPurpose;
  /** False where it was refused. */
  readonly ok?: boolean;
  /** Why, in the person’s own words, where one is asked for. */
  readonly reason?: string;
}

/** Records an access of a launch; awaited before the answer is sent. @throws StateError: then nothing is shown */
export type RecordAccess = (launch: Launch, access: Access) => Promise<void>;

const recorded = new WeakSet<Launch>();

/** How handlers record, over one log. */
export const recordAccess =
  (log: AccessLog): RecordAccess =>
  async (launch, access) => {
    const { record } = launch;
    const patient = access.patient ?? record.patient;
    recorded.add(launch);
    await log.record({
      action: access.action,
      ok: access.ok ?? true,
      who: {
        reference: record.practitioner ?? record.user,
        roles: record.roles,
        ...(record.name === undefined || record.user.startsWith('Patient/') ? {} : { name: record.name }),
      },
      ...(patient === undefined ? {} : { patient }),
      resources: access.resources,
      purpose: access.purpose ?? purposeOf(launch),
      asked: access.resources.join(' '),
      ...(access.reason === undefined ? {} : { reason: access.reason }),
    });
  };

const OFFICE: ReadonlySet<string> = new Set(['coordinator']);

function purposeOf({ record }: Launch): AccessPurpose {
  if (record.user.startsWith('Patient/')) return 'PATRQT';
  if (record.roles.includes('privacy-officer')) return 'HCOMPL';
  return record.roles.length > 0 && record.roles.every((it) => OFFICE.has(it)) ? 'HOPERAT' : 'TREAT';
}

/** `Patient/…` whom a resource of the hospital’s server is about. */
export type Whose = (type: 'CarePlan' | 'Task', id: string) => Promise<string | undefined>;

/** The routes of a launch that open nothing of any patient’s. */
const OPENS_NOTHING: ReadonlySet<string> = new Set(['/api/session', '/api/logout', '/api/jobs']);
const ACTION = { get: 'read', post: 'create', put: 'update' } as const;

/**
 * What a route’s handler did not record itself is recorded after it by the route’s pattern alone, refusals too: no
 * access of a launch goes without a record.
 */
export function recordedRoute(route: Route, record: RecordAccess, whose: Whose): Route['handle'] {
  return async (request, response) => {
    let ok = false;
    try {
      await route.handle(request, response);
      ok = true;
    } finally {
      const launch = launchSeen(request);
      if (launch !== undefined && !recorded.has(launch) && !OPENS_NOTHING.has(route.path)) {
        await record(launch, { action: ACTION[route.method], ok, ...(await seenBy(route, request, whose)) });
      }
    }
  };
}

/** What a route’s pattern and its id tell, where the handler said nothing. */
async function seenBy(route: Route, request: Request, whose: Whose): Promise<Pick<Access, 'patient' | 'resources'>> {
  const { id } = request.params;
  const opens = route.opens ?? ['Patient'];
  if (typeof id !== 'string' || !ID.test(id)) return { resources: opens };
  if (route.path.startsWith('/api/patients/:id')) return { resources: opens, patient: `Patient/${id}` };
  if (route.about === undefined) return { resources: opens };
  // It is over and answered: where the server is away now, the record names the resource alone.
  const patient = await whose(route.about, id).catch(() => undefined);
  const resources = [`${route.about}/${id}`, ...opens.filter((it) => it !== route.about)];
  return { resources, ...(patient?.startsWith('Patient/') === true ? { patient } : {}) };
}

const ID = /^[A-Za-z0-9\-.]{1,64}$/;
