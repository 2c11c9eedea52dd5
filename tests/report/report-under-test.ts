import { analyseCohort } from '../../src/analysis/analyse-cohort.ts';
import type { CohortData } from '../../src/analysis/cohort-data.ts';
import { protectFew } from '../../src/analysis/protect-few.ts';
import type { Blinding } from '../../src/pipeline/cohort/blinding.ts';
import type { CohortReport } from '../../src/report/cohort-report.ts';
import { GOLDEN_PLAN } from '../statistics/golden-cohort.ts';

const FINISHED: Blinding = { masked: false, because: 'study-finished' };
export const RUNNING: Blinding = { masked: true, because: 'study-not-finished' };
/** What is drawn is drawn less often: these tests are about what is said of it. */
const PLAN = {
  ...GOLDEN_PLAN,
  agreement: { ...GOLDEN_PLAN.agreement, bootstrap: 60 },
  missing: { ...GOLDEN_PLAN.missing, imputations: 5 },
};

/** A cohort with everything that its report is written from, as the command puts it together. */
export function reportOn(data: CohortData, blinding: Blinding = FINISHED, keepsFew = true): CohortReport {
  const whole = analyseCohort(data, PLAN, { masked: blinding.masked, reliableChange: [] });
  const analysis = keepsFew ? whole : protectFew(whole);
  return {
    analysis,
    plan: PLAN,
    arms: blinding.masked ? [] : data.arms,
    scale: data.scale,
    unconfirmed: ['wai-s-p'],
    study: { title: 'A study' },
    manifest: {
      software: '0.1.0',
      at: '2026-11-23T09:00:00.000Z',
      study: 'ResearchStudy/alliance',
      blinding,
      content: 'a'.repeat(64),
      visitWindows: '1.0.0',
      plan: { version: PLAN.version, date: PLAN.date, digest: 'b'.repeat(64) },
      smallCells: { threshold: 5, suppressed: !keepsFew },
      deviations: analysis.deviations,
      queries: ['ResearchSubject?study=ResearchStudy/alliance&_count=500'],
      checks: {
        participants: data.patients.length + 3,
        included: data.patients.length,
        leftOut: { 'no-research-consent': 2, 'several-arms': 1 },
        ratings: data.rows.length,
        ratingsBeside: 0,
        contactsTold: ['message', 'call'],
        changedWhileRead: false,
        exposures: 'read',
      },
      dataDigest: 'c'.repeat(64),
    },
  };
}
