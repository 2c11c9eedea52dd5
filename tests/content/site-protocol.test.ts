import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { loadContent } from '../../src/content/load.ts';
import { partOf, ROOT, shippedPlans, siteWith } from './site-protocol.ts';

const EXAMPLE = join(ROOT, 'docs', 'examples', 'protocol');
const DOCS = readFileSync(join(ROOT, 'docs', 'protocol.md'), 'utf8');

test('the worked example of a site with three levels loads, and is the protocol', async () => {
  const { protocol } = await loadContent({ shipped: ROOT, site: EXAMPLE });
  expect(protocol).toMatchObject({
    url: 'https://hospital.example/fhir/PlanDefinition/stepped-care',
    version: '2.1.0',
    screening: { measure: 'distress-thermometer', overdueAfterDays: 28 },
  });
  expect(protocol.levels.map((it) => `${it.rank} ${it.code} ${it.title.es}`)).toEqual([
    '1 1-monitoring Seguimiento',
    '2 2-psychoeducation Enfermería',
    '3 4-group-psychotherapy Grupo',
  ]);
  expect(protocol.rules.map((it) => `${it.id}: ${it.from.join(' or ')} to ${it.to}, ${it.minimumDwellDays} d`)).toEqual(
    [
      'to-group: 1-monitoring or 2-psychoeducation to 4-group-psychotherapy, 14 d',
      'to-nurse: 1-monitoring to 2-psychoeducation, 14 d',
      'end-group: 4-group-psychotherapy to 2-psychoeducation, 56 d',
      'end-nurse: 2-psychoeducation to 1-monitoring, 28 d',
    ],
  );
  expect(protocol.rules[0]).toMatchObject({
    when: [
      { measure: 'distress-thermometer', comparator: '>=', value: 7, readings: 1, maxAgeDays: 21 },
      { measure: 'hads', component: 'depression', comparator: '>=', value: 11, readings: 1, maxAgeDays: 100 },
    ],
    decision: { deciders: ['psycho-oncologist', 'nurse'], patientAgreementFirst: true, revokeAfterDays: 28 },
  });
  expect(protocol.schedules).toMatchObject([
    {
      levels: true,
      forms: [
        { instrument: 'distress-thermometer', timing: { kind: 'interval', everyDays: 14, windowDays: 7 } },
        { instrument: 'hads', timing: { kind: 'interval', everyDays: 91, windowDays: 21 } },
        {
          instrument: 'hads',
          remindAfterDays: [2, 5],
          timing: {
            kind: 'answer',
            when: [{ measure: 'distress-thermometer', comparator: '>=', value: 4, readings: 1, maxAgeDays: 1 }],
            windowDays: 7,
            notAgainWithinDays: 28,
          },
        },
      ],
    },
  ]);
  expect(protocol.schedules[0]).not.toHaveProperty('arm');
  expect(protocol.safety.watched).toEqual([{ days: [1, 2, 3, 4, 5, 6, 7], from: '08:00', to: '22:00' }]);
});

test('every piece of JSON in docs/protocol.md stands in the worked example', () => {
  const files = readdirSync(join(EXAMPLE, 'profiles')).map((name): unknown =>
    JSON.parse(readFileSync(join(EXAMPLE, 'profiles', name), 'utf8')),
  );
  const pieces = [...DOCS.matchAll(/```json\n([\s\S]*?)```/g)].map((it): unknown => JSON.parse(it[1] ?? ''));
  expect(pieces).toHaveLength(4);
  for (const piece of pieces) expect(nodesIn(files).some((it) => holds(it, piece))).toBe(true);
});

test('docs/protocol.md names every word with which a protocol is refused', () => {
  const folder = join(ROOT, 'src', 'content');
  const source = readdirSync(folder)
    .filter((it) => it.startsWith('protocol-'))
    .map((it) => readFileSync(join(folder, it), 'utf8'))
    .join('\n');
  const words = [...source.matchAll(/(?:refuse|fault)\([^;]*?'([a-z]+(?:-[a-z]+)+|malformed)',/g)].map(
    (it) => it[1] ?? '',
  );
  expect(new Set(words).size).toBeGreaterThan(20);
  expect([...new Set(words)].filter((it) => !DOCS.includes(`\`${it}\``))).toEqual([]);
});

test('what ships is marked a demonstration, and says that it is not ICOnnecta’t’s', () => {
  for (const plan of Object.values(shippedPlans())) {
    expect(plan.experimental).toBe(true);
    expect(plan.description).toContain('not ICOnnecta’t’s');
  }
});

test('usual care is asked the alliance by both and the outcome screeners, and has no levels', async () => {
  const { protocol } = await loadContent({ shipped: ROOT });
  const arm = (code: string) => protocol.schedules.find((it) => it.arm === code)!;
  const asked = (code: string) => [...new Set(arm(code).forms.map((it) => it.instrument))].sort();
  expect(asked('usual')).toEqual(['gad-7', 'phq-9', 'wai-s-p', 'wai-s-t']);
  expect(arm('usual').levels).toBe(false);
  expect(asked('digital')).toEqual(['gad-7', 'phq-4', 'phq-9', 'sus', 'vas-app', 'vas-platform', 'wai-s-p', 'wai-s-t']);
  expect(arm('digital').levels).toBe(true);
  for (const it of ['usual', 'digital']) {
    const alliance = arm(it).forms.filter((form) => form.instrument.startsWith('wai'));
    expect(alliance.map((form) => (form.timing.kind === 'visit' ? form.timing.visit : '')).sort()).toEqual([
      'm12',
      'm12',
      'm3',
      'm3',
      'm6',
      'm6',
    ]);
  }
});

test('an edited protocol changes its own digest, and not the one by which ratings are scored anew', async () => {
  const shipped = await loadContent({ shipped: ROOT });
  const plans = shippedPlans();
  partOf(plans.protocol, 'stepped-care-protocol', 'overdue-after-days').valueInteger = 60;
  const edited = await loadContent({ shipped: ROOT, site: siteWith([plans.protocol]) });
  expect(edited.protocol.screening.overdueAfterDays).toBe(60);
  expect(edited.protocolDigest).not.toBe(shipped.protocolDigest);
  expect(edited.digest).toBe(shipped.digest);
});

test('a site may bring one protocol, not two', async () => {
  const { protocol } = shippedPlans();
  const site = siteWith([protocol, { ...protocol, id: 'other', url: 'https://example.org/PlanDefinition/other' }]);
  await expect(loadContent({ shipped: ROOT, site })).rejects.toThrow('is a protocol of stepped care too');
});

const nodesIn = (value: unknown): unknown[] =>
  typeof value === 'object' && value !== null ? [value, ...Object.values(value).flatMap(nodesIn)] : [];

/** Whether everything that `piece` says stands in `value`, which may say more. */
function holds(value: unknown, piece: unknown): boolean {
  if (typeof piece !== 'object' || piece === null) return value === piece;
  if (typeof value !== 'object' || value === null || Array.isArray(value) !== Array.isArray(piece)) return false;
  const own = new Map(Object.entries(value));
  return Object.entries(piece).every(([key, it]) => holds(own.get(key), it));
}
