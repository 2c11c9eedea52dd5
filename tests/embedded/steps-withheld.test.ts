import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { displayOf } from '../../src/content/display.ts';
import { loadContent } from '../../src/content/load.ts';
import { type Embedded, startEmbedded } from '../../src/embedded/server/start-embedded.ts';
import { readSteps } from '../../src/pipeline/steps/read-steps.ts';
import { openWard, type Ward } from '../steps/ward.ts';

const DAY_MS = 86_400_000;
const at = (day: number): string => new Date(Date.parse('2026-02-01T09:00:00Z') + day * DAY_MS).toISOString();

let embedded: Embedded;
let ward: Ward;
beforeAll(async () => {
  embedded = await startEmbedded();
  ward = await openWard('withheld', embedded.baseUrl);
  await ward.enrol(at(0));
  await ward.answer('distress-thermometer', 8, at(1));
  await ward.steps(at(2));
}, 60_000);
afterAll(() => embedded.stop());

/** What a clinician is told; `rating`: an instrument whose answers are ratings of the alliance at this site. */
async function told(rating: string | undefined, by: string | undefined) {
  const shipped = await loadContent({ shipped: new URL('../..', import.meta.url).pathname });
  const instruments = shipped.instruments.map((it) => (it.id === rating ? { ...it, alliance: true } : it));
  const content = { ...shipped, instruments, protocol: ward.protocol };
  const settings = { study: ward.study, episodeType: undefined, timeZone: 'Europe/Madrid', baseUrl: embedded.baseUrl };
  const ports = {
    server: ward.direct,
    state: ward.state,
    context: { content, display: displayOf(shipped.resources), settings },
  };
  const [course] = (await readSteps(ports, ward.patient, Date.parse(at(3)), by)) ?? [];
  return course;
}

test('who treats a patient reads what a proposal rests on', async () => {
  const course = await told(undefined, ward.anna);
  expect(course?.outcome.kind).toBe('waiting');
  expect(course?.waiting.map((it) => it.evidence.map(({ value }) => value))).toEqual([[8]]);
  expect(course?.waiting[0]?.sentence).toContain('8');
});

test('where a rule of the site reads alliance ratings, the proposal is told without its answers; to the operator with them', async () => {
  const course = await told('distress-thermometer', ward.anna);
  expect(course?.outcome).toEqual({ kind: 'withheld' });
  expect(course?.waiting).toHaveLength(1);
  expect(JSON.stringify(course)).not.toMatch(/"value"|Observation\/|Distress of/);
  expect((await told('distress-thermometer', undefined))?.waiting[0]?.evidence).toHaveLength(1);
});
