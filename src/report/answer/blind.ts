import { isEstimated } from '../../analysis/estimate.ts';
import type { CohortReport } from '../cohort-report.ts';
import type { Speech } from '../speech.ts';

/** What a blind study may know of itself: how many, asked and answered. */
export function blindSentences({ analysis, manifest }: CohortReport, speech: Speech): string[] {
  const { answer } = speech.words;
  const { flow, patients } = analysis;
  const visits = [...new Set(flow.cells.map((it) => it.visit))];
  return [
    answer.blindCounts(patients, manifest.checks.participants),
    ...visits.map((visit) => {
      const of = (rater: 'patient' | 'therapist') =>
        flow.cells.find((it) => it.visit === visit && it.rater === rater)?.response;
      const both = flow.both.find((it) => it.visit === visit)?.share;
      const share = (it: typeof both): string =>
        it !== undefined && isEstimated(it) ? speech.value(it, { percent: true }) : answer.nothingDue;
      return answer.blindVisit(speech.visit(visit), share(of('patient')), share(of('therapist')), share(both));
    }),
  ];
}
