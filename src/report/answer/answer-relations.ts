import { isEstimated } from '../../analysis/estimate.ts';
import type { Association, Findings } from '../../analysis/result.ts';
import type { Speech } from '../speech.ts';
import { spanOf } from './span.ts';

/** Each visit of the whole cohort: the coefficient, the bias, and which part is missing as the intervals tell it. */
export function agreementSentences({ agreement }: Findings, speech: Speech): string[] {
  const { answer } = speech.words;
  return agreement
    .filter((it) => it.arm === 'all')
    .map(({ visit, iccA1, iccC1, meanDifference, lack }) => {
      if (!isEstimated(iccA1)) return answer.agreementNone(speech.visit(visit), speech.reason(iccA1.reason));
      const difference = isEstimated(meanDifference)
        ? answer.points(speech.value(meanDifference, { signed: true, decimals: 1 }), spanOf(meanDifference, speech))
        : speech.value(meanDifference);
      const [icc, order] = [iccA1, iccC1].map((it) =>
        isEstimated(it) ? `${speech.value(it)} (${spanOf(it, speech, 2, false)})` : speech.value(it),
      );
      return answer.agreementAt(speech.visit(visit), icc ?? '', order ?? '', difference, answer.lack[lack]);
    });
}

/** What could be told from zero in the family, how many could not, and what was not measured. Never "not associated". */
export function associationSentences({ associations }: Findings, speech: Speech): string[] {
  const { answer, page } = speech.words;
  const family = associations.single.filter((it) => it.family);
  const told = family.filter(isTold);
  const judged = family.filter((it) => it.adjustedP !== undefined);
  const others = judged.length - told.length;
  const unmeasured = family.filter((it) => it.adjustedP === undefined);
  return [
    ...told.map((it) => related(it, speech)),
    ...(told.length === 0 && judged.length > 0 ? [answer.noneRelated(judged.length)] : []),
    ...(told.length > 0 && others > 0 ? [answer.othersRelated(others)] : []),
    ...(unmeasured.length > 0
      ? [
          answer.notMeasured(
            speech.format.list(
              unmeasured.map((it) => `${page.variables[it.variable]} (${page.ratersMany[it.outcome]})`),
            ),
          ),
        ]
      : []),
    ...(told.length > 0 ? [answer.noCause] : []),
  ];
}

/** After Holm, at 5 %: the level at which a family is judged whatever the level of the intervals. */
export const isTold = (it: Association): boolean => it.adjustedP !== undefined && it.adjustedP < 0.05;

function related(it: Association, speech: Speech): string {
  const { answer, page } = speech.words;
  const declared = it[it.declared];
  return answer.related(
    page.ratersMany[it.outcome],
    page.variables[it.variable],
    `${page.coefficients[it.declared]} ${speech.value(declared, { signed: true })}`,
    spanOf(declared, speech, 2),
    speech.format.p(it.adjustedP ?? 1),
  );
}
