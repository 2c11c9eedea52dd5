import type { Request, Response } from 'express';
import { rightsOf } from '../../domain/access.ts';
import { typeOf } from '../../domain/reference.ts';
import type { SessionView } from '../../domain/view/session-view.ts';
import { personOfLaunch } from '../../pipeline/person-of-launch.ts';
import { givesLinks } from '../api/forms/link-routes.ts';
import type { Route } from '../route.ts';
import type { RouteParts } from '../route-parts.ts';
import { beginLaunch } from './begin-launch.ts';
import { finishLaunch } from './finish-launch.ts';
import type { Launch } from './launch.ts';
import { orPage } from './refusal-page.ts';
import type { Smart } from './smart.ts';

const HTML = 'text/html';

/** Launch, return, session and end. Nothing where no server is registered. */
export function smartRoutes(parts: RouteParts): Route[] {
  const { smart } = parts;
  if (smart === undefined) return [];
  return [
    ...(['clinician', 'patient'] as const).map(
      (as): Route => ({
        method: 'get',
        path: as === 'clinician' ? '/launch' : '/launch/patient',
        summary: `SMART launch of a ${as}: from the EHR with iss and launch, or alone`,
        access: 'public',
        query: {
          iss: 'FHIR base of the EHR',
          launch: 'As the EHR hands it out',
          role: 'Asks for the scopes of that role alone',
        },
        answers: { 303: 'To the authorization server', 400: 'Not a launch', 403: 'A server that is not on the list' },
        produces: HTML,
        handle: orPage(
          (request, response) =>
            beginLaunch({ ...smart, access: parts.ports.context.content.access }, as, request, response),
          smart.frameAncestors,
        ),
      }),
    ),
    {
      method: 'get',
      path: '/callback',
      summary: 'The authorization server sends the browser back here',
      access: 'public',
      query: { code: 'Authorization code', state: 'As it was sent' },
      answers: { 303: 'To the app', 400: 'Not what this browser began', 403: 'The hospital said no' },
      produces: HTML,
      handle: orPage(
        (request, response) => finishLaunch(finishParts(parts, smart), request, response),
        smart.frameAncestors,
      ),
    },
    ...sessionRoutes(parts, smart),
  ];
}

const finishParts = ({ ports, now }: RouteParts, smart: Smart) => ({
  ...smart,
  now: now.now,
  access: ports.context.content.access,
  personOf: (user: string) => personOfLaunch(ports.server, user, now.now(), ports.context.settings.timeZone),
});

const sessionRoutes = (parts: RouteParts, smart: Smart): Route[] => [
  {
    method: 'get',
    path: '/api/session',
    summary: 'Whose launch this tab is, and what it may open',
    access: 'launch',
    answers: { 200: 'SessionView', 401: 'No launch' },
    produces: 'application/json',
    handle: async (request, response) => void response.json(sessionOf(await smart.launches.of(request), parts, smart)),
  },
  {
    method: 'post',
    path: '/api/logout',
    summary: 'Ends this launch and gives its tokens back',
    access: 'launch',
    answers: { 204: 'Ended', 401: 'No launch' },
    produces: 'application/json',
    handle: (request, response) => logOut(smart, request, response),
  },
];

function sessionOf({ record }: Launch, parts: RouteParts, smart: Smart): SessionView {
  const { ports } = parts;
  const isPatient = typeOf(record.user) === 'Patient';
  const { access } = ports.context.content;
  const path = isPatient ? '/launch/patient' : '/launch';
  return {
    launch: record.id,
    csrf: record.csrf,
    user: {
      // Whoever holds a personal link learns no id of the record either.
      reference: record.kind === 'link' ? 'Patient' : (record.practitioner ?? record.user),
      kind: isPatient ? 'patient' : 'practitioner',
      ...(record.name === undefined ? {} : { name: record.name }),
    },
    roles: record.roles,
    rights: isPatient ? ['answer'] : [...rightsOf(access, record.roles)],
    timeZone: ports.context.settings.timeZone,
    ...(record.patient === undefined || record.kind === 'link'
      ? {}
      : { patient: record.patient.slice('Patient/'.length) }),
    ...(record.language === undefined ? {} : { language: record.language }),
    ...(smart.isDemonstration ? { demonstration: true } : {}),
    ...(!isPatient && givesLinks(parts) ? { personalLinks: true } : {}),
    ...(record.needPatientBanner ? {} : { needPatientBanner: false }),
    ...(record.intent === undefined ? {} : { intent: record.intent }),
    // A launch from a chart is begun by the chart alone.
    ...(record.kind === 'standalone'
      ? {
          signIn: `${path}?iss=${encodeURIComponent(record.iss)}${record.askedFor === undefined ? '' : `&role=${encodeURIComponent(record.askedFor)}`}`,
        }
      : {}),
    endsAt: new Date(record.endsAt).toISOString(),
  };
}

async function logOut(smart: Smart, request: Request, response: Response): Promise<void> {
  const record = await smart.launches.end(await smart.launches.of(request), response);
  const authorization = smart.authorizationOf(record.iss);
  const tokens = [record.refreshToken, record.accessToken].filter((it) => it !== undefined);
  const revoked = Promise.all(tokens.map((it) => authorization?.revoke(it).catch(() => undefined)));
  // Here it is over already: nobody waits long for a server that does not answer.
  await Promise.race([revoked, new Promise((resolve) => setTimeout(resolve, REVOKING_MS).unref())]);
  response.status(204).end();
}

const REVOKING_MS = 2_000;
