import { expect, test } from '@jest/globals';
import type { CohortPatient, CohortRow } from '../../../src/analysis/cohort-data.ts';
import { csvLines, DICTIONARY, type PatientRatings } from '../../../src/pipeline/cohort/csv.ts';

const patient: CohortPatient = {
  patient: 'p1',
  arm: 'digital',
  site: 's1',
  ageAtInclusion: 51,
  baselineDistress: undefined,
  left: undefined,
  visits: [
    {
      visit: 'm3',
      sus: 72.5,
      vasApp: 0,
      communications: undefined,
      flow: { patient: 'answered', therapist: 'not-answered' },
    },
  ],
};
const rating: CohortRow = {
  patient: 'p1',
  therapist: 't1',
  visit: 'm3',
  rater: 'patient',
  day: 92,
  total: 70,
  subscales: { task: 23, bond: 26, goal: 21 },
  answered: 12,
  prorated: false,
  uniform: false,
  language: 'ca',
  version: '1.0.0',
  daysApart: undefined,
  exposed: false,
};

async function table(cohort: Iterable<PatientRatings>): Promise<Record<string, string>[]> {
  const lines: string[] = [];
  for await (const line of csvLines(cohort)) lines.push(line);
  const [names = [], ...rows] = lines.map((it) => it.replace(/\r\n$/, '').split(','));
  return rows.map((cells) => Object.fromEntries(names.map((name, i) => [name, cells[i] ?? 'no cell'])));
}

test('what nobody measured is an empty cell, and a satisfaction of zero is a zero', async () => {
  const [row] = await table([{ patient, rows: [rating] }]);
  expect(row).toMatchObject({ total: '70', day: '92', vas_app: '0', baseline_distress: '', message_contacts: '' });
});

test('no contacts in a window is a zero, and the rate of an empty window is empty', async () => {
  const none = { count: 0, per30Days: undefined };
  const communications = { message: none, call: none, video: none, 'in-person': none, group: none };
  const visits = patient.visits.map((it) => ({ ...it, communications }));
  const [row] = await table([{ patient: { ...patient, visits }, rows: [rating] }]);
  expect(row).toMatchObject({ in_person_contacts: '0', in_person_per_30_days: '' });
});

test('every column stands in the dictionary, once, and none holds a date', async () => {
  const [row = {}] = await table([{ patient, rows: [rating] }]);
  expect(Object.keys(row)).toEqual(DICTIONARY.map((it) => it.name));
  expect(new Set(DICTIONARY.map((it) => it.name)).size).toBe(DICTIONARY.length);
  expect(Object.values(row).filter((it) => /\d{4}-\d{2}/.test(it))).toEqual([]);
});

test('a code that a spreadsheet would run, or that holds a comma or a quote, stays a text', async () => {
  const lines: string[] = [];
  const site = '=cmd|"x",1';
  for await (const line of csvLines([{ patient: { ...patient, site }, rows: [rating] }])) lines.push(line);
  expect(lines[1]).toContain(`,"'=cmd|""x"",1",`);
});

test('one patient is held at a time', async () => {
  let handed = 0;
  const stream = function* (): Generator<PatientRatings> {
    for (; handed < 1000; handed += 1) yield { patient, rows: [rating] };
  };
  const lines = csvLines(stream());
  await lines.next();
  await lines.next();
  expect(handed).toBe(0);
});
