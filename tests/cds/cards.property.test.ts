import { beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { CarePlan, FhirResource } from 'fhir/r4.js';
import { displayOf } from '../../src/content/display.ts';
import { loadContent } from '../../src/content/load.ts';
import type { Content } from '../../src/content/port.ts';
import { wordsOf } from '../../src/content/words.ts';
import { codeSystem, structureDefinition } from '../../src/domain/canonicals.ts';
import { summaryOf } from '../../src/http/cds-hooks/card.ts';
import { cardId, keyOfCard } from '../../src/http/cds-hooks/card-id.ts';
import { cardsOf } from '../../src/http/cds-hooks/cards.ts';
import { patientOverview } from '../../src/pipeline/patient-overview.ts';
import type { Ward } from '../steps/ward.ts';
import { alliance, NOW, overdueForm, ROOT, signOf } from './clinic.ts';

const BASE = 'http://hospital.test/fhir';
const ward = { id: 'p', patient: 'Patient/p', anna: 'Practitioner/anna' } as Ward;
const SECRET = 41.375;
let content: Content;
beforeAll(async () => {
  content = await loadContent({ shipped: ROOT });
});

/** Everything a server could hold of one patient, with free texts and roles of the test’s choosing. */
interface Drawn {
  readonly text: string;
  readonly role: string;
  readonly study: string;
  readonly manager: boolean;
  readonly inTeam: boolean;
  readonly labelled: boolean;
  readonly consent: boolean;
  readonly evidence: string;
}

const plan = (more: Partial<CarePlan>): CarePlan => ({
  resourceType: 'CarePlan',
  id: 'now',
  status: 'active',
  intent: 'plan',
  subject: { reference: 'Patient/p' },
  category: [{ coding: [{ system: codeSystem('stepped-care-level'), code: '1-monitoring' }] }],
  period: { start: '2026-08-01T09:00:00Z' },
  ...more,
});

function record(drawn: Drawn): FhirResource[] {
  const { text, role, study, manager, inTeam, labelled, consent, evidence } = drawn;
  const rule = content.protocol.rules.find((it) => it.from.includes('1-monitoring') && it.direction === 'up');
  if (rule === undefined) throw new Error('the protocol has no rule');
  const proposal = plan({
    id: 'next',
    status: 'draft',
    intent: 'proposal',
    replaces: [{ reference: 'CarePlan/now' }],
    category: [{ coding: [{ system: codeSystem('stepped-care-level'), code: rule.to }] }],
    created: '2026-11-03T09:00:00Z',
    description: `Alliance of ${SECRET}. ${text}`,
    extension: [
      {
        url: structureDefinition('rule'),
        extension: [
          { url: 'canonical', valueCanonical: content.protocol.url },
          { url: 'version', valueString: content.protocol.version },
          { url: 'action', valueString: rule.id },
        ],
      },
    ],
    supportingInfo: [
      {
        reference: `Observation/p-${evidence}`,
        extension: [
          {
            url: structureDefinition('evidence'),
            extension: [
              { url: 'measure', valueCode: evidence },
              { url: 'value', valueDecimal: SECRET },
              { url: 'status', valueCode: 'final' },
              { url: 'effective', valueDateTime: '2026-10-20T10:00:00+02:00' },
            ],
          },
        ],
      },
    ],
  });
  const ratings = (['wai-s-p', 'wai-s-t', 'wai-s-dyad', 'wai-s-p-change'] as const).map((it) =>
    alliance(ward, it, SECRET, labelled ? {} : { meta: {} }),
  );
  return [
    { resourceType: 'Patient', id: 'p' },
    { resourceType: 'Practitioner', id: 'anna', name: [{ text }] },
    plan({}),
    proposal,
    ...ratings,
    overdueForm(ward),
    { ...signOf(ward, ward.anna), owner: { display: text } },
    {
      resourceType: 'ResearchSubject',
      id: 's',
      status: study as 'on-study',
      study: { reference: 'ResearchStudy/s' },
      individual: { reference: 'Patient/p' },
    },
    {
      resourceType: 'EpisodeOfCare',
      id: 'e',
      status: 'active',
      patient: { reference: 'Patient/p' },
      ...(manager ? { careManager: { reference: 'Practitioner/anna' } } : {}),
    },
    {
      resourceType: 'CareTeam',
      id: 't',
      status: 'active',
      subject: { reference: 'Patient/p' },
      participant: [
        {
          member: { reference: 'Practitioner/other' },
          role: [{ coding: [{ system: codeSystem('role'), code: 'psycho-oncologist' }] }],
        },
        ...(inTeam
          ? [
              {
                member: { reference: 'Practitioner/eva' },
                role: [{ coding: [{ system: codeSystem('role'), code: role }] }],
              },
            ]
          : []),
      ],
    },
    ...(consent
      ? [
          {
            resourceType: 'Consent' as const,
            id: 'c',
            status: 'active' as const,
            scope: {},
            patient: { reference: 'Patient/p' },
            category: [{ coding: [{ system: codeSystem('consent-purpose'), code: 'alliance-release' }] }],
            provision: { type: 'permit' as const },
          },
        ]
      : []),
  ];
}

/** The cards for one person over a record, as a client brought it along or as the server answered. */
async function cardsFor(viewer: string, resources: readonly FhirResource[], language: 'en' | 'es' | 'ca') {
  const context = {
    content,
    display: displayOf(content.resources),
    settings: { study: 'ResearchStudy/s', episodeType: undefined, timeZone: 'Europe/Madrid', baseUrl: BASE },
  };
  const page = { resources, included: [] };
  const server = { searchAll: async () => [page] } as never;
  const overview = await patientOverview({ server, context }, { patient: 'Patient/p', viewer }, Date.parse(NOW));
  if (overview === undefined) throw new Error('no patient');
  return cardsOf(overview, {
    language,
    words: wordsOf(content.resources),
    display: context.display,
    options: {},
    timeZone: 'Europe/Madrid',
    now: NOW,
    overrideReasons: ['later'],
  });
}

const drawn = fc.record<Drawn>({
  text: fc.oneof(fc.string({ unit: 'binary', maxLength: 400 }), fc.constant('![x](http://evil) <script>'.repeat(20))),
  role: fc.constantFrom('psycho-oncologist', 'nurse', 'coordinator', 'head-of-service'),
  study: fc.constantFrom('on-study', 'follow-up', 'off-study', 'withdrawn'),
  manager: fc.boolean(),
  inTeam: fc.boolean(),
  labelled: fc.boolean(),
  consent: fc.boolean(),
  evidence: fc.constantFrom('phq-4', 'wai-s-p', 'wai-s-dyad', 'wai-s-t-change'),
});
const language = fc.constantFrom('en' as const, 'es' as const, 'ca' as const);

test('no summary has 140 characters, whatever stands in names, titles and reasons', async () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (text) => {
      const summary = summaryOf(text);
      expect(summary.length).toBeLessThan(140);
      expect(summary).toMatch(/\S/);
    }),
  );
  await fc.assert(
    fc.asyncProperty(drawn, language, async (it, spoken) => {
      const cards = await cardsFor('Practitioner/eva', record(it), spoken);
      expect(cards.length).toBeGreaterThan(1);
      for (const card of cards) {
        expect(card.summary.length).toBeLessThan(140);
        expect(card.detail ?? '').not.toMatch(/(^|[^\\])<script/);
        expect(card.detail ?? '').not.toMatch(/(^|[^\\])\]\(/);
      }
    }),
    { numRuns: 60 },
  );
});

test('nobody but the treating team learns how the alliance was rated, and nobody who rates while the study goes on', async () => {
  let told = 0;
  let kept = 0;
  await fc.assert(
    fc.asyncProperty(drawn, language, fc.constantFrom('anna', 'eva', 'other', 'stranger'), async (it, spoken, who) => {
      const said = JSON.stringify(await cardsFor(`Practitioner/${who}`, record(it), spoken));
      const leaks = /41[.,]37|41[.,]38/.test(said.replace(it.text, ''));
      const onStudy = it.study === 'on-study' || it.study === 'follow-up';
      const inTeamRole = who === 'other' || (who === 'eva' && it.inTeam && it.role !== 'nurse');
      const rates = who === 'other' || (who === 'eva' && it.role === 'psycho-oncologist');
      const restsOnScreener = it.evidence === 'phq-4';
      // Evidence on a screener is no rating: its sentence may be read by anybody who opens the record.
      const mayKnow = inTeamRole && !(rates && onStudy);
      if (leaks && !mayKnow && !restsOnScreener) throw new Error('an alliance value was told');
      expect(said.includes('"code":"alliance"') && !mayKnow).toBe(false);
      if (leaks) told += 1;
      else kept += 1;
    }),
    { numRuns: 300 },
  );
  expect(told).toBeGreaterThan(0);
  expect(kept).toBeGreaterThan(0);
});

test('a card’s id tells what it was about, and differs each time', () => {
  const keys = ['safety', 'level', 'https://x|1.0.0#up'];
  for (const key of keys) {
    const [a, b] = [cardId(key), cardId(key)];
    expect(a).not.toBe(b);
    expect([keyOfCard(a, keys), keyOfCard(b.toUpperCase(), keys)]).toEqual([key, key]);
  }
  expect(keyOfCard(crypto.randomUUID(), keys)).toBeUndefined();
});
