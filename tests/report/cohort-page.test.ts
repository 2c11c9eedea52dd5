import { describe, expect, test } from '@jest/globals';
import type { CohortData } from '../../src/analysis/cohort-data.ts';
import { isEstimated } from '../../src/analysis/estimate.ts';
import { cohortPage } from '../../src/report/cohort-page.ts';
import { REPORT_LANGUAGES } from '../../src/report/cohort-report.ts';
import { cohortBundle } from '../../src/report/fhir/cohort-bundle.ts';
import { formatOf } from '../../src/report/format.ts';
import { html } from '../../src/report/markup.ts';
import { COHORTS, golden, goldenCohort } from '../statistics/golden-cohort.ts';
import { RUNNING, reportOn } from './report-under-test.ts';

const reports = new Map(COHORTS.map((name) => [name, reportOn(goldenCohort(name))]));
const reportOf = (name: string) => reports.get(name) ?? reportOn(goldenCohort(name));
const blind = reportOn(goldenCohort('missing'), RUNNING);
const withoutManifest = (page: string): string => page.replace(/<details>.*<\/details>/s, '');
const plain = (page: string): string =>
  page
    .replace(/<style>.*<\/style>/s, ' ')
    .replace(/<[^>]+>/g, ' ')
    .replace(/&#39;/g, "'")
    .replace(/\s+/g, ' ');

describe.each(REPORT_LANGUAGES)('The report in %s', (language) => {
  test.each(COHORTS)('of cohort %s holds no number that is none, and nothing that code left behind', (name) => {
    const page = cohortPage(reportOf(name), language);
    expect(plain(page)).not.toMatch(/NaN|Infinity|undefined|null|\[object|=>/);
    expect(page).not.toMatch(/="[^"]*NaN/);
  });

  test.each(COHORTS)('of cohort %s needs no script and nothing from elsewhere', (name) => {
    const page = cohortPage(reportOf(name), language);
    expect(page).toMatch(new RegExp(`^<!doctype html>\\s*<html lang="${language}">`));
    expect(page).not.toMatch(/<script|<link|<img|<iframe|<use|\son\w+=|\bsrc=|url\(|@import|href="(?!#)|style="/i);
  });

  test('has figures that say what they show, each followed by a table of its numbers, and no id twice', () => {
    const page = cohortPage(reportOf('missing'), language);
    const figures = page.split('<figure>').slice(1);
    expect(figures).toHaveLength(6);
    for (const it of figures) {
      const [, labelled = ''] = /<svg [^>]*role="img" aria-labelledby="([^"]+)"/.exec(it) ?? [];
      for (const id of labelled.split(' ')) expect(it).toMatch(new RegExp(`<(title|desc) id="${id}">[^<]{10,}<`));
      expect(it.slice(it.indexOf('</figure>'))).toMatch(
        /^<\/figure>\s*(<p class="note">[^<]*<\/p>)?\s*<div class="scroll"[^>]*>\s*<table>/,
      );
    }
    const ids = [...page.matchAll(/\sid="([^"]+)"/g)].map((it) => it[1]);
    expect(ids).toEqual([...new Set(ids)]);
    for (const [, to] of page.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(to);
  });

  test('of a study that is still running tells no arm apart and shows no rating', () => {
    const page = withoutManifest(cohortPage(blind, language));
    expect(plain(page)).not.toMatch(/digital|usual|habitual|ICC|Bland|Kenward|REML/i);
    expect(page.match(/<figure>/g)).toHaveLength(1);
    expect(page).toContain('class="notice"');
  });
});

test('the arm difference that the page states in words is R’s', () => {
  const { average } = golden('missing').development.patient.unstructured.tests;
  const page = plain(cohortPage(reportOf('missing'), 'en'));
  const { number, signed } = formatOf('en');
  const said = [number(Math.abs(average.estimate), 1), signed(average.estimate, 1)].map((it) => `${it} points`);
  const [, sentence = ''] =
    /(As patients see it, in this cohort[^.]*\.\d points[^:]*?)(?=: the interval|\.\s)/.exec(page) ?? [];
  expect(said.some((it) => sentence.includes(it))).toBe(true);
});

test('an interval that holds zero is never called lower, higher or the same', () => {
  for (const name of COHORTS) {
    const report = reportOf(name);
    const [own] = report.analysis.findings?.development ?? [];
    const difference = own?.contrasts.find((it) => it.at === 'average')?.difference;
    if (difference === undefined || !isEstimated(difference) || difference.interval === undefined) continue;
    const page = plain(cohortPage(report, 'en'));
    const { low, high } = difference.interval;
    const word =
      high < 0 ? 'points lower in digital' : low > 0 ? 'points higher in digital' : 'it is open which is higher';
    expect(page).toMatch(new RegExp(`As patients see it, in this cohort[^.]*(\\.\\d[^.]*)*${word}`));
  }
});

test('"not associated" and "no agreement" are never said', () => {
  for (const name of COHORTS)
    expect(plain(cohortPage(reportOf(name), 'en'))).not.toMatch(
      /not associated|no agreement|no association|normal|\bbad\b/i,
    );
});

test('a ceiling is named with its share where ratings stand at the top of the scale', () => {
  const page = plain(cohortPage(reportOf('ceiling'), 'en'));
  expect(page).toMatch(/At the ceiling: \d+% of the ratings of (patients|therapists) at \d+ months stand at 84/);
});

test('what cannot be had stands there with its reason', () => {
  const page = plain(cohortPage(reportOf('one-arm'), 'en'));
  expect(page).toContain('This cohort has no two arms to compare.');
  expect(page).toContain('one arm only');
});

test('arms of other names than the plan’s are named, and what to do', () => {
  const data = goldenCohort('balanced');
  const named = (arm: string | undefined) => (arm === 'digital' ? 'intervention' : 'control');
  const page = plain(
    cohortPage(
      reportOn({
        ...data,
        arms: ['intervention', 'control'].map((arm) => ({ arm, label: arm })),
        patients: data.patients.map((it) => ({ ...it, arm: named(it.arm) })),
      }),
      'en',
    ),
  );
  expect(page).toContain(
    'The plan compares digital care with usual care; this cohort has intervention and control. Nothing was compared.',
  );
  expect(page).not.toContain('no two arms');
});

/** Every fourth patient in an arm that the plan does not name. */
function withThirdArm(): CohortData {
  const data = goldenCohort('balanced');
  return {
    ...data,
    arms: [...data.arms, { arm: 'third', label: 'Phone care' }],
    patients: data.patients.map((it, index) => (index % 4 === 0 ? { ...it, arm: 'third' } : it)),
  };
}

test('a third arm is counted, is in no question, and stands among the deviations with its patients', () => {
  const data = withThirdArm();
  const n = data.patients.filter((it) => it.arm === 'third').length;
  const page = plain(cohortPage(reportOn(data), 'en'));
  expect(page).toContain(`Phone care: ${n}`);
  expect(page).toContain('Does the alliance develop differently in usual care and in digital care? Do patient');
  expect(page).toContain(`An arm that the plan compares with nothing: described, and in no comparison Phone care ${n}`);
});

test('where a therapist is an arm, or a patient, the page says that the data do not tell therapists apart', () => {
  const data = goldenCohort('balanced');
  const armOf = new Map(data.patients.map((it) => [it.patient, it.arm]));
  for (const codeOf of [(patient: string) => armOf.get(patient), (patient: string) => patient]) {
    const rows = data.rows.map((it) => ({ ...it, therapist: codeOf(it.patient) }));
    const page = plain(cohortPage(reportOn({ ...data, rows }), 'en'));
    expect(page).toContain('Where the ratings vary: the data do not identify it.');
    expect(page).toMatch(
      /Patient: Does development differ\? arm × visit \(With a random effect of the therapist\) the data do not identify it/,
    );
    expect(page).not.toMatch(/Therapist \d+\.\d\d \(/);
  }
});

test('a variable of therapists is told with its degrees of freedom, and that no variance was found between them', () => {
  const data = goldenCohort('balanced');
  // Each therapist’s ratings about the same mean: nothing is left between therapists.
  const ofTherapist = Map.groupBy(
    data.rows.filter((it) => it.rater === 'therapist'),
    (it) => it.therapist,
  );
  const means = new Map(
    [...ofTherapist].map(([therapist, own]) => [
      therapist,
      own.reduce((sum, it) => sum + (it.total ?? 0), 0) / own.length,
    ]),
  );
  const rows = data.rows.map((it) =>
    it.rater === 'therapist' ? { ...it, total: (it.total ?? 0) - (means.get(it.therapist) ?? 0) + 60 } : it,
  );
  const { platform } = reportOn({ ...data, rows }).analysis.findings?.associations ?? {};
  expect([platform?.singular, platform?.slope]).toMatchObject([true, { df: 10, method: 'reml-containment' }]);
  expect(plain(cohortPage(reportOn({ ...data, rows }), 'en'))).toMatch(
    /Points of the therapist’s alliance for one point of satisfaction 12 \S+ \S+ to \S+ 10\.0 .*The model found no variance between therapists \(singular fit\)/,
  );
});

test('where a visit cannot be compared no sentence speaks of it, nor calls the rest what the plan named as primary', () => {
  const data = goldenCohort('balanced');
  const rows = data.rows.filter((it) => it.visit !== 'm12' || it.patient === data.patients[0]?.patient);
  const page = plain(cohortPage(reportOn({ ...data, rows }), 'en'));
  expect(page).toMatch(/averaged over 3 months and 6 months/);
  expect(page).not.toContain('averaged over the visits');
  expect(page).not.toContain('This is what the plan named as primary.');
  expect(page).toMatch(/It could be had for 3 months and 6 months alone, so this is not what was planned/);
});

test('the page says of which kinds “all kinds” of contact is the sum, and over which visits a difference is averaged', () => {
  const page = plain(cohortPage(reportOf('balanced'), 'en'));
  expect(page).toContain('is the sum of the kinds that the server tells of: Messages and Calls.');
  expect(page).toContain('Average: 3 months, 6 months and 12 months');
});

test('who unlocked a running study, and why, stands before every answer', () => {
  const report = reportOn(goldenCohort('balanced'), {
    masked: false,
    because: 'unlocked',
    unlock: { person: 'Dr. Ada <Vila>', reason: 'safety & board' },
  });
  const page = cohortPage(report, 'en');
  expect(page).toContain('Unlocked by Dr. Ada &lt;Vila&gt;. Reason: safety &amp; board.');
  expect(page.indexOf('Unlocked by')).toBeLessThan(page.indexOf('id="answer"'));
});

test('a name from the server is text, never markup', () => {
  const data = goldenCohort('balanced');
  const evil = '"><img src=x onerror=alert(1)>';
  const report = {
    ...reportOn(data),
    arms: data.arms.map((it) => ({ ...it, label: `${evil}${it.arm}` })),
    study: { title: evil },
  };
  expect(cohortPage(report, 'en')).not.toContain('<img');
  expect(html`<p title="${evil}">${evil}</p>`.text).toBe(
    `<p title="&quot;&gt;&lt;img src=x onerror=alert(1)&gt;">&quot;&gt;&lt;img src=x onerror=alert(1)&gt;</p>`,
  );
});

test('the page says by which plan, content and data it was made, and every deviation', () => {
  const report = reportOf('missing');
  const page = cohortPage(report, 'ca');
  for (const it of [report.manifest.plan.digest, report.manifest.content, report.manifest.dataDigest])
    expect(page).toContain(it);
  const deviations = page.slice(page.indexOf('Desviacions del pla'));
  expect(deviations.match(/<tr>/g)?.length ?? 0).toBeGreaterThanOrEqual(report.analysis.deviations.length);
});

/** Of 20 patients at three months: one was never asked, one had left; nobody else is missing. */
function flowing() {
  const data = goldenCohort('balanced');
  const [unasked, gone, ...others] = data.patients.slice(0, 20).map((it) => ({ ...it, arm: data.arms[0]?.arm }));
  const at = (state: 'answered' | 'not-asked' | 'left') => (it: (typeof others)[number]) => ({
    ...it,
    left: state === 'left' ? 'withdrawn' : undefined,
    visits: it.visits.map((visit) => ({ ...visit, flow: { patient: state, therapist: 'answered' as const } })),
  });
  const patients = [
    ...others.map(at('answered')),
    ...(unasked === undefined ? [] : [at('not-asked')(unasked)]),
    ...(gone === undefined ? [] : [at('left')(gone)]),
  ];
  return reportOn({ ...data, arms: data.arms.slice(0, 1), patients, rows: [] });
}

test.each([
  ['en', 'never asked: patients 1 · therapists 0', 'Left before the end: 1', 'Patient: 18 of 19', 'had left: 1'],
  ['es', 'nunca pedidas: pacientes 1 · terapeutas 0', 'Se fueron antes del final: 1', '18 de 19', 'se habían ido: 1'],
  ['ca', 'mai demanades: pacients 1 · terapeutes 0', 'Van marxar abans del final: 1', '18 de 19', 'ja no hi eren: 1'],
] as const)(
  'the flow of participants in %s shows who was never asked, who left, and what was due',
  (language, ...said) => {
    const page = plain(cohortPage(flowing(), language));
    for (const it of said) expect([it, page.includes(it)]).toEqual([it, true]);
  },
);

test('what nobody was asked for is due in the measure as on the page, and who had left is not', () => {
  const resources = (cohortBundle(flowing()).entry ?? []).flatMap((it) => it.resource ?? []);
  const reports = resources.filter((it) => it.resourceType === 'MeasureReport');
  const rate = reports.find((it) => it.measure?.includes('alliance-response-rate'));
  const strata = rate?.group?.[0]?.stratifier?.[0]?.stratum ?? [];
  // 20 patients, of whom one had left.
  const due = strata.flatMap(
    (it) => it.population?.filter((one) => one.code?.coding?.[0]?.code === 'denominator') ?? [],
  );
  expect(due.map((it) => it.count)).toEqual([19, 19, 19]);
});

test.each(REPORT_LANGUAGES)(
  'a blind report in %s of which nothing has been due says just that of each visit',
  (language) => {
    const data = goldenCohort('balanced');
    const flow = { patient: 'not-due', therapist: 'not-due' } as const;
    const patients = data.patients.map((it) => ({ ...it, visits: it.visits.map((visit) => ({ ...visit, flow })) }));
    const [, answer = ''] =
      /<div class="answer">(.*?)<\/div>/s.exec(
        cohortPage(reportOn({ ...data, patients, rows: [] }, RUNNING), language),
      ) ?? [];
    const nothing = { en: 'no rating has been due yet', es: 'aún no ha tocado ninguna', ca: 'encara no ha tocat cap' };
    expect(answer.split(nothing[language])).toHaveLength(4);
    expect(answer).not.toMatch(/;|%/);
  },
);

test('where deletions could not be looked for, the page says so beside what did not change', () => {
  const report = reportOf('balanced');
  const seen = (deletions: 'read' | 'not-read') => {
    const checks = { ...report.manifest.checks, deletions };
    return plain(cohortPage({ ...report, manifest: { ...report.manifest, checks } }, 'en'));
  };
  expect(seen('not-read')).toContain('no (deletions could not be looked for)');
  expect(seen('read')).not.toContain('deletions could not be looked for');
});
