import { isEstimated } from '../../analysis/estimate.ts';
import type { CohortReport } from '../cohort-report.ts';
import type { Speech } from '../speech.ts';

/** What a blind study may know of itself: how many, asked and answered; or why nobody is in it. */
export function blindSentences(report: CohortReport, speech: Speech): string[] {
  const { answer } = speech.words;
  const { analysis, manifest } = report;
  if (analysis.patients === 0) return nobody(report, speech);
  const visits = [...new Set(analysis.flow.cells.map((it) => it.visit))];
  return [
    answer.blindCounts(analysis.patients, manifest.checks.participants),
    ...visits.map((visit) => visitSentence(analysis.flow, visit, speech)),
  ];
}

function nobody({ manifest: { checks, study } }: CohortReport, speech: Speech): string[] {
  const { answer, page } = speech.words;
  if (checks.participants === 0) return [answer.nobodyFound];
  const reasons = Object.entries(checks.leftOut).map(([reason, n]) => `${page.leftOut[reason] ?? reason} (${n})`);
  return [
    answer.nobody(speech.format.list(reasons)),
    ...(study === undefined && 'no-research-consent' in checks.leftOut ? [answer.ownConsent] : []),
  ];
}

function visitSentence(flow: CohortReport['analysis']['flow'], visit: string, speech: Speech): string {
  const { answer } = speech.words;
  const of = (rater: 'patient' | 'therapist') =>
    flow.cells.find((it) => it.visit === visit && it.rater === rater)?.response;
  const shares = {
    patient: of('patient'),
    therapist: of('therapist'),
    both: flow.both.find((it) => it.visit === visit)?.share,
  };
  const said = (['patient', 'therapist', 'both'] as const).flatMap((key) => {
    const share = shares[key];
    return share !== undefined && isEstimated(share)
      ? [answer.blindShare[key](speech.value(share, { percent: true }))]
      : [];
  });
  if (said.length === 0) return answer.nothingDue(speech.visit(visit));
  return answer.blindVisit(speech.visit(visit), said.join('; '));
}
