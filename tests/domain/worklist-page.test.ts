import { beforeAll, expect, test } from '@jest/globals';
import type { CarePlan } from 'fhir/r4.js';
import { loadContent } from '../../src/content/load.ts';
import type { Content } from '../../src/content/port.ts';
import { RULE } from '../../src/domain/care-plan.ts';
import { pageOf, type WorklistPatient } from '../../src/domain/page/worklist-page.ts';

let content: Content;
beforeAll(async () => {
  content = await loadContent({ shipped: new URL('../..', import.meta.url).pathname });
});

/** A proposal of the rule that ships, which is to be decided within seven days. */
const proposal = (created: string): CarePlan => ({
  resourceType: 'CarePlan',
  status: 'draft',
  intent: 'proposal',
  subject: { reference: 'Patient/p' },
  created,
  category: [
    { coding: [{ system: 'https://w3id.org/vincle/CodeSystem/stepped-care-level', code: '2-psychoeducation' }] },
  ],
  extension: [
    {
      url: RULE,
      extension: [
        { url: 'canonical', valueCanonical: content.protocol.url },
        { url: 'version', valueString: content.protocol.version },
        { url: 'action', valueString: 'up-to-2' },
      ],
    },
  ],
});
const patient = (name: string, created: string): WorklistPatient => ({
  patient: { resourceType: 'Patient', id: name },
  name,
  signs: [],
  proposals: [proposal(created)],
  overdue: [],
  alliance: undefined,
  plan: undefined,
});

test('a proposal past its decision date says for how long, and comes before one that still has time', () => {
  expect(content.protocol.rules.find((it) => it.id === 'up-to-2')?.decision.decideWithinDays).toBe(7);
  const context = {
    protocol: content.protocol,
    instruments: content.instruments,
    formTitle: () => ({ en: '', es: '', ca: '' }),
    nowMs: Date.parse('2026-11-23T12:00:00Z'),
    zone: 'Europe/Madrid',
    baseUrl: 'https://fhir.example',
  };
  const asked = { q: '', need: 'all', sort: 'need', page: 1 } as const;
  const all = [patient('Anna', '2026-11-20T12:00:00Z'), patient('Zoe', '2026-11-11T12:00:00Z')];
  const { shown } = pageOf(all, asked, context);
  expect(shown.map(({ it, needs }) => [it.name, needs[0]?.text.en, needs[0]?.late])).toEqual([
    ['Zoe', 'Step up to: Psychoeducation, 5 days late', true],
    ['Anna', 'Step up to: Psychoeducation', undefined],
  ]);
});
