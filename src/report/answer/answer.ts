import { RATERS } from '../../analysis/cohort-data.ts';
import { type Estimate, isEstimated, isTested, type Test } from '../../analysis/estimate.ts';
import type { Development, Findings } from '../../analysis/result.ts';
import type { CohortReport } from '../cohort-report.ts';
import type { Speech } from '../speech.ts';
import { agreementSentences, associationSentences } from './answer-relations.ts';
import { doubts } from './doubts.ts';
import { spanOf } from './span.ts';

/** One heading and what is said under it. */
export interface Answer {
  readonly title: string;
  readonly sentences: readonly string[];
}

/** The answer in plain words, each sentence with its uncertainty; of a blind study, recruitment and completeness alone. */
export function answersOf(report: CohortReport, speech: Speech): readonly Answer[] {
  const { findings } = report.analysis;
  const { heads, reach } = speech.words.answer;
  if (findings === undefined) return [];
  const { comparison } = report.plan;
  const compared = comparison !== undefined && findings.development.some((it) => it.contrasts.length > 0);
  return [
    ...(compared
      ? [
          {
            title: heads.level,
            sentences: RATERS.flatMap((it) => levelOf(report, developmentOf(findings, it), speech)),
          },
          { title: heads.development, sentences: developmentSentences(report, findings, speech) },
        ]
      : [{ title: heads.one, sentences: alone(report, findings, speech) }]),
    { title: heads.agreement, sentences: agreementSentences(findings, speech) },
    { title: heads.associations, sentences: associationSentences(findings, speech) },
    { title: heads.doubt, sentences: doubts(report, findings, speech) },
    { title: speech.words.answer.heads.reach, sentences: [reach] },
  ];
}

const developmentOf = (findings: Findings, rater: Development['rater']): Development | undefined =>
  findings.development.find((it) => it.rater === rater);

function levelOf(report: CohortReport, development: Development | undefined, speech: Speech): string[] {
  const { comparison, primary } = report.plan;
  if (development === undefined || comparison === undefined) return [];
  const seen = speech.words.page.seenBy[development.rater];
  const difference = development.contrasts.find((it) => it.at === 'average')?.difference;
  if (difference === undefined) return [];
  const isPrimary = primary.outcome === development.rater && primary.contrast === 'average';
  const at = speech.words.answer.over(visitsOf(development.visitsIn, speech), development.visitsIn.length);
  return [
    levelSentence({ seen, at }, difference, comparison, speech),
    ...(isPrimary ? [primarySentence(report, development, speech)] : []),
  ];
}

const visitsOf = (visits: readonly string[], speech: Speech): string =>
  speech.format.list(visits.map((it) => speech.visit(it)));

/** What the plan named as primary, or that it could only be had in part. */
function primarySentence({ plan }: CohortReport, { visitsIn, structure }: Development, speech: Speech): string {
  const { answer } = speech.words;
  const inFull = plan.visits.every((it) => visitsIn.includes(it));
  if (inFull && structure === 'random-intercept') return answer.primaryOtherwise;
  return inFull ? answer.primary : answer.primaryInPart(visitsOf(plan.visits, speech), visitsOf(visitsIn, speech));
}

/** Lower, higher, or open: told by the interval alone. */
function levelSentence(
  { seen, at }: { readonly seen: string; readonly at: string },
  difference: Estimate,
  comparison: { readonly of: string; readonly against: string },
  speech: Speech,
): string {
  const { answer } = speech.words;
  if (!isEstimated(difference)) return answer.noDifference(seen, speech.reason(difference.reason));
  const { interval, estimate } = difference;
  if (interval === undefined) return answer.noDifference(seen, speech.reason(difference.noInterval ?? 'no-data'));
  const [of, against] = [speech.armIn(comparison.of), speech.armIn(comparison.against)];
  const size = speech.format.number(Math.abs(estimate), 1);
  const range = spanOf(difference, speech);
  if (interval.high < 0) return answer.lower(seen, at, of, against, size, range);
  if (interval.low > 0) return answer.higher(seen, at, of, against, size, range);
  return answer.open(seen, at, of, against, speech.format.signed(estimate, 1), range);
}

function developmentSentences(report: CohortReport, { development, joint }: Findings, speech: Speech): string[] {
  const { answer, page } = speech.words;
  const { primary } = report.plan;
  const own = development.flatMap((of) => [
    tested(
      of.interaction,
      report,
      {
        shown: (it) => answer.differs(page.seenBy[of.rater], answer.between(visitsOf(of.visitsIn, speech)), it),
        notShown: (it) => answer.notShown(page.seenBy[of.rater], answer.between(visitsOf(of.visitsIn, speech)), it),
        none: (it) => answer.noTest(page.seenBy[of.rater], it),
      },
      speech,
    ),
    ...(primary.contrast === 'interaction' && primary.outcome === of.rater
      ? [primarySentence(report, of, speech)]
      : []),
  ]);
  const both = isTested(joint.threeWay)
    ? [
        tested(
          joint.threeWay,
          report,
          { shown: answer.ratersDiffer, notShown: answer.ratersNotShown, none: answer.ratersNotShown },
          speech,
        ),
      ]
    : [];
  return [...own, ...both];
}

interface Saying {
  readonly shown: (test: string) => string;
  readonly notShown: (test: string) => string;
  readonly none: (reason: string) => string;
}

function tested(test: Test, { analysis }: CohortReport, say: Saying, speech: Speech): string {
  if (!isTested(test)) return say.none(speech.reason(test.reason));
  return test.p < 1 - analysis.level ? say.shown(speech.test(test)) : say.notShown(speech.test(test));
}

function alone({ analysis, arms, plan }: CohortReport, { development }: Findings, speech: Speech): string[] {
  const { answer, page } = speech.words;
  const { comparison } = plan;
  return [
    arms.length > 1 && comparison !== undefined
      ? answer.otherArms(
          speech.armIn(comparison.of),
          speech.armIn(comparison.against),
          speech.format.list(arms.map((it) => it.label)),
        )
      : answer.oneArm,
    ...development.flatMap(({ rater, visits }) => {
      if (!isTested(visits)) return [answer.noTest(page.seenBy[rater], speech.reason(visits.reason))];
      const said = visits.p < 1 - analysis.level ? answer.changes : answer.changeNotShown;
      return [said(page.seenBy[rater], speech.test(visits))];
    }),
  ];
}
