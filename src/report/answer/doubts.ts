import { type Estimate, isEstimated } from '../../analysis/estimate.ts';
import type { Findings } from '../../analysis/result.ts';
import type { CohortReport } from '../cohort-report.ts';
import type { Speech } from '../speech.ts';

/** Share at the maximum from which a ceiling is named (Terwee et al. 2007). */
export const CEILING = 0.15;

const shareIn = (it: Estimate): number => (isEstimated(it) ? it.estimate : -1);

/** What stands against the answer: the ceiling, who did not answer, imputation, keys, deviations, a moving cohort. */
export function doubts(report: CohortReport, findings: Findings, speech: Speech): string[] {
  const { answer } = speech.words;
  const { analysis, manifest, unconfirmed } = report;
  return [
    ...ceiling(report, findings, speech),
    ...leastAnswered(report, speech),
    ...tipping(report, findings, speech),
    ...(unconfirmed.length > 0 ? [answer.unconfirmed(speech.format.list(unconfirmed))] : []),
    ...(analysis.deviations.length > 0 ? [answer.deviated(analysis.deviations.length)] : []),
    ...(manifest.checks.changedWhileRead === true ? [answer.changed] : []),
  ];
}

/** Every rater and visit at the ceiling, the whole cohort taken together; else how near the nearest comes. */
function ceiling({ scale }: CohortReport, { descriptives }: Findings, speech: Speech): string[] {
  const { answer, page } = speech.words;
  const whole = descriptives.filter((it) => it.arm === 'all' && isEstimated(it.atMaximum));
  const high = whole.filter((it) => shareIn(it.atMaximum) >= CEILING);
  if (high.length > 0)
    return high.map((it) =>
      answer.ceiling(
        speech.value(it.atMaximum, { percent: true }),
        page.ratersMany[it.rater],
        speech.visit(it.visit),
        scale.max,
      ),
    );
  if (whole.length === 0) return [];
  const most = Math.max(...whole.map((it) => shareIn(it.atMaximum)));
  if (most === 0) return [answer.noCeiling(scale.max)];
  // Upwards: “no more than” must stay true.
  return [answer.nearCeiling(speech.format.percent(Math.ceil(100 * most) / 100), scale.max)];
}

/** The visit and rater with the lowest response, arms taken together. */
function leastAnswered({ analysis: { flow } }: CohortReport, speech: Speech): string[] {
  const totals = new Map<string, { rater: 'patient' | 'therapist'; visit: string; answered: number; due: number }>();
  for (const { rater, visit, states, response } of flow.cells) {
    const own = totals.get(`${rater}/${visit}`) ?? { rater, visit, answered: 0, due: 0 };
    totals.set(`${rater}/${visit}`, own);
    own.answered += states.answered;
    own.due += response.n;
  }
  const [least] = [...totals.values()]
    .filter((it) => it.due > 0)
    .sort((a, b) => a.answered / a.due - b.answered / b.due);
  if (least === undefined) return [];
  const { answer, page } = speech.words;
  const share = speech.format.percent(least.answered / least.due);
  return [answer.response(share, page.ratersMany[least.rater], speech.visit(least.visit))];
}

/** The least shift, of each rater, that would change how the averaged difference is judged. */
function tipping({ plan }: CohortReport, { imputation }: Findings, speech: Speech): string[] {
  const { answer, page } = speech.words;
  const { comparison } = plan;
  const furthest = plan.missing.deltas.at(-1) ?? 0;
  if (comparison === undefined) return [];
  return imputation.flatMap(({ rater, tipping: found }) => {
    if (found.length === 0) return [];
    const raters = page.ratersMany[rater];
    const tips = found.flatMap(({ shifted, delta }) =>
      isEstimated(delta) ? [{ shifted, delta: delta.estimate }] : [],
    );
    const [nearest] = tips.sort((a, b) => Math.abs(a.delta) - Math.abs(b.delta));
    if (nearest === undefined) return [answer.neverTips(raters, speech.format.number(Math.abs(furthest), 0))];
    const where =
      nearest.shifted === 'both'
        ? page.shifted.both
        : page.shifted[nearest.shifted](speech.armIn(comparison[nearest.shifted]));
    return [answer.tips(raters, speech.format.number(Math.abs(nearest.delta), 0), where)];
  });
}
