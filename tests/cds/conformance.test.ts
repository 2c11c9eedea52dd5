import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { type Embedded, startEmbedded } from '../../src/embedded/server/start-embedded.ts';
import { SERVICE } from '../../src/http/cds-hooks/routes.ts';
import {
  alliance,
  type Clinic,
  hook,
  MARKER,
  member,
  NOW,
  openClinic,
  overdueForm,
  proposed,
  signOf,
} from './clinic.ts';

jest.setTimeout(60_000);
let embedded: Embedded;
let clinic: Clinic;
let answer: { cards: Record<string, unknown>[] };
let services: { services: Record<string, unknown>[] };

beforeAll(async () => {
  embedded = await startEmbedded();
  clinic = await openClinic(embedded.baseUrl, { launchUrl: 'https://vincle.example/launch' });
  const { ward } = clinic;
  const proposal = await proposed(clinic);
  await ward.position(proposal.id ?? '', 'agreed', NOW);
  await ward.put(
    ...member(ward, 'eva', 'coordinator'),
    signOf(ward, ward.anna),
    overdueForm(ward),
    alliance(ward, 'wai-s-p', 41),
  );
  services = JSON.parse(await (await fetch(`${clinic.url}/cds-services`)).text());
  const cards = [...(await clinic.view(ward.anna)), ...(await clinic.view(`Practitioner/${ward.id}-eva`))];
  answer = JSON.parse(JSON.stringify({ cards }));
});
afterAll(async () => {
  await clinic.stop();
  await embedded.stop();
});

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
function blanks(node: unknown, path = ''): string[] {
  if (node === null || node === '' || (Array.isArray(node) && node.length === 0)) return [path];
  if (typeof node !== 'object') return [];
  const entries = Object.entries(node);
  return entries.length === 0 ? [path] : entries.flatMap(([key, it]) => blanks(it, `${path}.${key}`));
}
const status = async (body: unknown) => (await clinic.call(body)).status;
const valid = () => hook(clinic.ward, clinic.ward.anna);
const feedbackStatus = async (feedback: unknown) => (await clinic.feedback(feedback)).status;
const entry = (more: Record<string, unknown> = {}) => ({
  feedback: [{ card: crypto.randomUUID(), outcome: 'overridden', outcomeTimestamp: '2026-11-04T08:00:00Z', ...more }],
});

/** CDS Hooks 2.0, what a service MUST or SHALL do: https://cds-hooks.hl7.org/2.0/ */
const MUSTS: readonly [clause: string, check: () => Promise<void> | void][] = [
  [
    'Discovery: the endpoint is {base}/cds-services and answers an object with services',
    () => {
      expect(Array.isArray(services.services)).toBe(true);
    },
  ],
  [
    'Discovery: each service has hook, description and id, and no blank member',
    () => {
      for (const it of services.services)
        expect(it).toMatchObject({ hook: 'patient-view', id: SERVICE, description: expect.any(String) });
      expect(blanks(services)).toEqual([]);
    },
  ],
  [
    'Prefetch tokens are a field of the context, or one of the four that identify the user',
    () => {
      const tokens = [...JSON.stringify(services).matchAll(/\{\{([^}]*)\}\}/g)].map((it) => it[1]);
      expect(tokens.length).toBeGreaterThan(0);
      expect([...new Set(tokens)].sort()).toEqual(['context.patientId', 'userPractitionerId']);
    },
  ],
  [
    'Prefetch queries keep to reads, references, tokens by equality, _count and _sort',
    () => {
      const queries = Object.values(services.services[0]?.prefetch as Record<string, string>);
      expect(
        queries.filter((it) => /_include|_revinclude|_has|:(?!in=)\w+=|\.\w+=/.test(it.replace(/\{\{.*?\}\}/g, ''))),
      ).toEqual([]);
    },
  ],
  [
    'Response: 200 with an object that has an array of cards',
    () => {
      expect(answer.cards.length).toBeGreaterThanOrEqual(5);
    },
  ],
  ['JSON elements are neither null nor empty', () => expect(blanks(answer)).toEqual([])],
  [
    'Card.summary is there and has fewer than 140 characters',
    () => {
      for (const it of answer.cards) expect(String(it.summary).length).toBeLessThan(140);
    },
  ],
  [
    'Card.indicator is info, warning or critical',
    () => {
      for (const it of answer.cards) expect(['info', 'warning', 'critical']).toContain(it.indicator);
    },
  ],
  [
    'Card.source has a label, and its topic is a Coding',
    () => {
      for (const it of answer.cards)
        expect(it.source).toMatchObject({
          label: expect.any(String),
          topic: { system: expect.any(String), code: expect.any(String) },
        });
    },
  ],
  [
    'Card.uuid and Suggestion.uuid are UUIDs, and no two are the same',
    () => {
      const all = answer.cards.flatMap((it) => [
        it.uuid,
        ...((it.suggestions as { uuid: string }[]) ?? []).map((one) => one.uuid),
      ]);
      for (const it of all) expect(it).toMatch(UUID);
      expect(new Set(all).size).toBe(all.length);
    },
  ],
  [
    'Suggestions come with selectionBehavior; each has a label, each action a type, a description and a whole resource',
    () => {
      const [card] = answer.cards.filter((it) => it.suggestions !== undefined);
      expect(card).toMatchObject({
        selectionBehavior: 'at-most-one',
        suggestions: [
          {
            label: expect.any(String),
            actions: [
              {
                type: 'update',
                description: expect.any(String),
                resource: { resourceType: 'CarePlan', id: expect.any(String), status: 'completed', intent: 'proposal' },
              },
            ],
          },
        ],
      });
      expect(answer.cards.filter((it) => it.suggestions === undefined && it.selectionBehavior !== undefined)).toEqual(
        [],
      );
    },
  ],
  [
    'Every override reason has a display',
    () => {
      const reasons = answer.cards.flatMap((it) => (it.overrideReasons as { display?: string }[]) ?? []);
      expect(reasons.length).toBeGreaterThan(0);
      for (const it of reasons) expect(it.display).toMatch(/\S/);
    },
  ],
  [
    'A link has a label, an absolute URL and a type; appContext only where it is smart',
    () => {
      for (const it of answer.cards.flatMap((one) => (one.links as Record<string, string>[]) ?? [])) {
        expect(new URL(String(it.url)).protocol).toBe('https:');
        expect(it.type === 'smart' || it.appContext === undefined).toBe(true);
      }
    },
  ],
  [
    'Without guidance: 200 with an empty array of cards',
    async () => {
      expect(await clinic.call(hook(clinic.ward, clinic.ward.patient))).toMatchObject({
        status: 200,
        text: '{"cards":[]}',
      });
    },
  ],
  [
    '412 where what is needed cannot be had: no patient, no user, another FHIR server',
    async () => {
      const { context, ...rest } = valid();
      expect(await status({ ...rest, context: { userId: context.userId } })).toBe(412);
      expect(await status({ ...rest, context: { patientId: context.patientId } })).toBe(412);
      expect(await status({ ...valid(), fhirServer: 'https://other.example/fhir' })).toBe(412);
      expect(await status({ ...valid(), fhirServer: `${embedded.baseUrl}/` })).toBe(200);
    },
  ],
  [
    '412 where the FHIR server does not answer',
    async () => {
      const broken = createServer((_request, response) => void response.writeHead(500).end());
      broken.listen(0, '127.0.0.1');
      await once(broken, 'listening');
      const address = broken.address();
      const base = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
      const proxied = await openClinic(embedded.baseUrl, {}, { fhirBaseUrl: base });
      expect((await proxied.call(hook(proxied.ward, proxied.ward.anna))).status).toBe(412);
      await proxied.stop();
      broken.close();
      broken.closeAllConnections();
    },
  ],
  [
    'hook, hookInstance and context are required; fhirAuthorization needs fhirServer',
    async () => {
      for (const field of ['hook', 'hookInstance', 'context'])
        expect([field, await status({ ...valid(), [field]: undefined })]).toEqual([field, 400]);
      expect(await status({ ...valid(), fhirAuthorization: { access_token: 'x' } })).toBe(400);
      expect(await status({ ...valid(), hook: 'order-sign' })).toBe(400);
      expect(await status('{')).toBe(400);
    },
  ],
  [
    'fhirAuthorization.access_token is treated as transient: it is not used, kept or logged',
    async () => {
      const fhirAuthorization = {
        access_token: MARKER,
        token_type: 'Bearer',
        expires_in: 300,
        scope: 'user/*.rs',
        subject: 'x',
      };
      expect(await status({ ...valid(), fhirServer: embedded.baseUrl, fhirAuthorization })).toBe(200);
      expect(clinic.log()).not.toContain(MARKER);
      expect(clinic.log()).not.toContain(clinic.ward.id);
    },
  ],
  [
    'Feedback: an object with an array, of which each entry has card, outcome and outcomeTimestamp',
    async () => {
      expect(await feedbackStatus(entry())).toBe(200);
      for (const broken of [
        { card: 'x' },
        { outcome: 'ignored' },
        { outcomeTimestamp: 'yesterday' },
        { outcomeTimestamp: '2030-01-01T00:00:00Z' },
      ])
        expect([broken, await feedbackStatus(entry(broken))]).toEqual([broken, 400]);
      expect(await feedbackStatus([])).toBe(400);
    },
  ],
  [
    'Feedback: acceptedSuggestions is required where the outcome is accepted',
    async () => {
      expect(await feedbackStatus(entry({ outcome: 'accepted' }))).toBe(400);
      expect(
        await feedbackStatus(entry({ outcome: 'accepted', acceptedSuggestions: [{ id: crypto.randomUUID() }] })),
      ).toBe(200);
    },
  ],
];

test.each(MUSTS.map(([clause, check]) => ({ clause, check })))('$clause', async ({ check }) => {
  await check();
});
