import type { Request } from 'express';
import type { CodeSystem, FhirResource } from 'fhir/r4.js';
import { wordsOf } from '../../content/words.ts';
import { cardKey, OVERRIDE_REASON } from '../../domain/cds-card.ts';
import { prefetchTemplates } from '../../domain/overview-queries.ts';
import { FhirError } from '../../fhir/port.ts';
import type { AlliancePorts } from '../../pipeline/compute-alliance.ts';
import type { Now } from '../../pipeline/compute-now.ts';
import { mayBePrefetched, patientOverview } from '../../pipeline/patient-overview.ts';
import { measuresRead } from '../../pipeline/steps/find-step-changes.ts';
import { isLoopback } from '../assert-servable.ts';
import type { HttpOptions } from '../http-options.ts';
import { readBody } from '../read-body.ts';
import { refusal, unauthenticated } from '../refusal.ts';
import type { Route } from '../route.ts';
import { languageOf } from './card-words.ts';
import { cardsOf } from './cards.ts';
import type { CdsOptions } from './cds-options.ts';
import { clientAuthenticator } from './client-token.ts';
import { feedbackCounter, readFeedback } from './feedback.ts';
import { type PatientView, readPatientView } from './hook-request.ts';

/** What these routes work with. */
export interface CdsRouteParts {
  readonly ports: AlliancePorts;
  readonly options: HttpOptions;
  readonly now: Now;
}

export const SERVICE = 'stepped-care-patient-view';
const JSON_TYPE = 'application/json';

/** The methods of the CDS Hooks routes, for a browser that asks before it calls. */
export const CDS_METHODS: ReadonlyMap<string, string> = new Map([
  ['/cds-services', 'GET'],
  [`/cds-services/${SERVICE}`, 'POST'],
  [`/cds-services/${SERVICE}/feedback`, 'POST'],
]);

/** CDS Hooks 2.0, where it is configured: what there is, cards about a patient, what became of them. */
export function cdsRoutes({ ports, options, now }: CdsRouteParts): Route[] {
  const { cds, publicUrl } = options;
  if (cds === undefined) return [];
  const { context, server, state } = ports;
  const templates = mayBePrefetched(context) ? prefetchTemplates(measuresRead(context.content.protocol)) : {};
  const authenticate =
    cds.clients.length === 0 ? undefined : clientAuthenticator(cds, { state, now: now.now, holder: now.holder });
  const admit = async (path: string, request: Request) =>
    authenticate === undefined
      ? onlyThisMachine(request)
      : authenticate(request.get('authorization'), `${publicUrl ?? ''}${path}`);
  const show = shower(ports, cds);
  const count = feedbackCounter({ server, holding: { ...now, state } });
  const reasons = overrideReasons(context.content.resources);
  const keys = countedKeys(ports);
  const answers = { 400: 'The body cannot be read', 401: 'No good token of a configured CDS client' };
  return [
    {
      method: 'get',
      path: '/cds-services',
      summary: 'CDS Hooks 2.0: the services there are',
      access: 'public',
      answers: { 200: 'Services' },
      produces: JSON_TYPE,
      handle: (_request, response) => void response.json(discovery(templates)),
    },
    {
      method: 'post',
      path: `/cds-services/${SERVICE}`,
      summary: 'CDS Hooks 2.0, patient-view: what a clinician should know about a patient’s stepped care',
      access: 'cds-client',
      body: 'json',
      answers: {
        ...answers,
        200: 'Cards',
        412: 'What an answer needs is missing, or cannot be had from the FHIR server',
      },
      produces: JSON_TYPE,
      handle: async (request, response) => {
        await admit(`/cds-services/${SERVICE}`, request);
        await readBody(request, response);
        const view = readPatientView(request.body, templates, context.settings.baseUrl);
        response.json({ cards: await show(view, request.get('accept-language'), now.now()) });
      },
    },
    {
      method: 'post',
      path: `/cds-services/${SERVICE}/feedback`,
      summary: 'CDS Hooks 2.0: what became of cards, counted for each rule',
      access: 'cds-client',
      body: 'json',
      answers: { ...answers, 200: 'Counted', 503: 'Try again' },
      produces: JSON_TYPE,
      handle: async (request, response) => {
        await admit(`/cds-services/${SERVICE}/feedback`, request);
        await readBody(request, response);
        const { timeZone } = context.settings;
        await count(readFeedback(request.body, { keys, reasons, nowMs: now.now(), timeZone }));
        response.status(200).end();
      },
    },
  ];
}

/** Without clients nobody can be told apart: a proxy, or a page of another site in a browser here, is not this machine. */
function onlyThisMachine(request: Request): void {
  const isForwarded = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'origin'].some(
    (it) => request.get(it) !== undefined,
  );
  if (isForwarded || !isLoopback(request.hostname))
    throw unauthenticated('no-cds-client', 'No CDS client is configured: calls are taken from this machine alone.');
}

const discovery = (prefetch: Readonly<Record<string, string>>): object => ({
  services: [
    {
      hook: 'patient-view',
      id: SERVICE,
      title: 'Vincle: stepped psychosocial care',
      description:
        'Level of care, a proposed step that waits for a decision, overdue questionnaires, and that a sign of danger is open.',
      ...(Object.keys(prefetch).length === 0 ? {} : { prefetch }),
      usageRequirements:
        'Vincle reads from the FHIR server of this hospital with its own credential, and prefetch is optional. Ratings of the alliance are never prefetched.',
    },
  ],
});

const isCodeSystem = (it: FhirResource): it is CodeSystem => it.resourceType === 'CodeSystem';

/** Codes that a clinician may choose from; `none-given` is only counted. */
const overrideReasons = (resources: readonly FhirResource[]): string[] =>
  resources
    .filter((it) => isCodeSystem(it) && it.url === OVERRIDE_REASON)
    .flatMap((it) => (isCodeSystem(it) ? (it.concept ?? []) : []))
    .map((it) => it.code)
    .filter((it) => it !== 'none-given');

/** Keys of every card that may be shown now. */
const countedKeys = ({ context }: AlliancePorts): string[] => {
  const { url, version, rules } = context.content.protocol;
  return [
    ...(['safety', 'proposal', 'overdue', 'level', 'alliance'] as const).map((it) => cardKey(it)),
    ...rules.map((it) => cardKey('proposal', { canonical: url, version, action: it.id })),
  ];
};

/** The cards for one call. Whoever is not staff is shown none: what a rule proposes is for clinicians. */
function shower({ server, context }: AlliancePorts, cds: CdsOptions) {
  const words = wordsOf(context.content.resources);
  const reasons = overrideReasons(context.content.resources);
  return async ({ patient, user, prefetched }: PatientView, acceptLanguage: string | undefined, nowMs: number) => {
    if (!user.startsWith('Practitioner')) return [];
    const look = { patient, viewer: user, ...(prefetched === undefined ? {} : { prefetched }) };
    const overview = await patientOverview({ server, context }, look, nowMs).catch((error: unknown) => {
      if (!(error instanceof FhirError)) throw error;
      throw refusal(412, 'transient', 'server-unavailable', 'The hospital’s FHIR server cannot be asked now.');
    });
    if (overview === undefined)
      throw refusal(412, 'not-found', 'no-such-patient', 'The FHIR server of this site holds no such patient.');
    return cardsOf(overview, {
      language: languageOf(acceptLanguage, cds.language),
      words,
      display: context.display,
      options: cds,
      timeZone: context.settings.timeZone,
      now: new Date(nowMs).toISOString(),
      overrideReasons: reasons,
    });
  };
}
