import type { FhirResource, Subscription } from 'fhir/r4.js';
import { v5 } from 'uuid';
import { FhirError, type FhirServer, type Write } from '../fhir/port.ts';

export interface SubscribeOptions {
  /** `PUBLIC_URL/hooks/fhir` */
  readonly endpoint: string;
  readonly secret: string;
  /** Canonicals without version. */
  readonly questionnaires: readonly string[];
}

export type Subscribed = 'present' | 'created' | 'reactivated';

/**
 * Sees to it that the server notifies Vincle of new and changed responses: one Subscription for the endpoint, made where
 * there is none, asked for again where it is in error, off, or says something else. A server that cannot filter by
 * questionnaire notifies of all responses: what is not Vincle's is then read and left.
 * @throws FhirError where the server is away or takes no Subscription
 */
export async function subscribe(server: FhirServer, options: SubscribeOptions): Promise<Subscribed> {
  const [page] = await server.searchAll([{ type: 'Subscription', params: [['url', options.endpoint]] }]);
  const standing = (page?.resources ?? []).find(
    (it): it is Subscription => it.resourceType === 'Subscription' && it.channel.endpoint === options.endpoint,
  );
  const criteria = [
    `QuestionnaireResponse?questionnaire=${options.questionnaires.join(',')}`,
    'QuestionnaireResponse?',
  ];
  if (standing !== undefined && isWorking(standing, criteria, options)) return 'present';
  let refused: unknown;
  for (const each of criteria) {
    try {
      await server.write(await addressed(server, wanted(each, options), standing));
      return standing === undefined ? 'created' : 'reactivated';
    } catch (error) {
      if (!(error instanceof FhirError) || error.kind !== 'rejected') throw error;
      refused = error;
    }
  }
  throw refused;
}

const headerOf = ({ secret }: SubscribeOptions): string => `Authorization: Bearer ${secret}`;

const isWorking = (it: Subscription, criteria: readonly string[], options: SubscribeOptions): boolean =>
  (it.status === 'active' || it.status === 'requested') &&
  criteria.includes(it.criteria) &&
  it.channel.type === 'rest-hook' &&
  it.channel.payload !== undefined &&
  it.channel.header?.includes(headerOf(options)) === true;

const wanted = (criteria: string, options: SubscribeOptions): Subscription => ({
  resourceType: 'Subscription',
  status: 'requested',
  reason: 'Vincle scores responses to its questionnaires as they come in.',
  criteria,
  channel: {
    type: 'rest-hook',
    endpoint: options.endpoint,
    // Without a payload a server does not say which response it was.
    payload: 'application/fhir+json',
    header: [headerOf(options)],
  },
});

async function addressed(
  server: FhirServer,
  subscription: Subscription,
  standing: Subscription | undefined,
): Promise<Write> {
  const at = (id: string): FhirResource => ({ ...subscription, id });
  if (standing?.id !== undefined) {
    const versionId = standing.meta?.versionId;
    return { method: 'PUT', resource: at(standing.id), ...(versionId === undefined ? {} : { ifMatch: versionId }) };
  }
  if ((await server.capabilities()).clientIds)
    return { method: 'PUT', resource: at(v5(subscription.channel.endpoint ?? '', v5.URL)) };
  return { method: 'POST', resource: subscription, ifNoneExist: `url=${subscription.channel.endpoint}` };
}
