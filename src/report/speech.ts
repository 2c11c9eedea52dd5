import type { Rater } from '../analysis/cohort-data.ts';
import { type Estimate, isEstimated, isTested, type Reason, type Test } from '../analysis/estimate.ts';
import type { CohortReport, ReportLanguage } from './cohort-report.ts';
import { type Format, formatOf } from './format.ts';
import { ca } from './words/ca.ts';
import { en, type ReportWords } from './words/en.ts';
import { es } from './words/es.ts';

const WORDS: Readonly<Record<ReportLanguage, ReportWords>> = { en, es, ca };

/** How a value is written: points unless it is said otherwise. */
export interface Writing {
  readonly decimals?: number;
  readonly signed?: boolean;
  readonly percent?: boolean;
}

/** All that the report says, in one language, about one cohort. */
export interface Speech {
  readonly language: ReportLanguage;
  readonly words: ReportWords;
  readonly format: Format;
  /** "95 %" */
  readonly level: string;
  /** As a heading; the hospital’s own name stands as it is. */
  arm(code: string): string;
  /** The same within a sentence. */
  armIn(code: string): string;
  visit(code: string): string;
  rater(code: Rater): string;
  reason(code: Reason): string;
  /** A value alone; where there is none, why. */
  value(estimate: Estimate, how?: Writing): string;
  /** "2.1 to 6.3"; where there is none, why. */
  interval(estimate: Estimate, how?: Writing): string;
  /** "4.2 (2.1 to 6.3)"; where there is none, why. */
  withInterval(estimate: Estimate, how?: Writing): string;
  /** p of an estimate, or a dash where it has none. */
  p(estimate: Estimate): string;
  /** "F(2, 150.3) = 4.12, p = 0.018"; where there is none, why. */
  test(test: Test): string;
}

const NOTHING = '–';

/** @param report names arms and the level of confidence */
export function speechOf(report: CohortReport, language: ReportLanguage): Speech {
  const words = WORDS[language];
  const format = formatOf(language);
  const labels = new Map(report.arms.map((it) => [it.arm, it.label]));
  const nameOf = (code: string): string => labels.get(code) ?? code;
  const reason = (code: Reason): string => words.methods.reasons[code];
  const number = (it: number, { decimals = 2, signed = false, percent = false }: Writing = {}): string => {
    if (percent) return format.percent(it);
    return signed ? format.signed(it, decimals) : format.number(it, decimals);
  };
  const interval: Speech['interval'] = (it, how) => {
    if (!isEstimated(it)) return NOTHING;
    if (it.interval === undefined) return it.noInterval === undefined ? NOTHING : reason(it.noInterval);
    return words.tables.to(number(it.interval.low, how), number(it.interval.high, how));
  };
  const value: Speech['value'] = (it, how) => (isEstimated(it) ? number(it.estimate, how) : reason(it.reason));
  return {
    language,
    words,
    format,
    level: format.percent(report.analysis.level),
    arm: (code) => words.page.arms[nameOf(code)] ?? nameOf(code),
    armIn: (code) => words.page.armsIn[nameOf(code)] ?? nameOf(code),
    visit: (code) => {
      const [, months] = /^m(\d+)$/.exec(code) ?? [];
      return months === undefined ? code : words.page.months(Number(months));
    },
    rater: (code) => words.page.raters[code],
    reason,
    value,
    interval,
    withInterval: (it, how) =>
      isEstimated(it) && (it.interval !== undefined || it.noInterval !== undefined)
        ? `${value(it, how)} (${interval(it, how)})`
        : value(it, how),
    p: (it) => (isEstimated(it) && it.p !== undefined ? format.p(it.p) : NOTHING),
    test: (it) => {
      if (!isTested(it)) return reason(it.reason);
      const df = `${format.whole(it.numeratorDf)}; ${format.number(it.denominatorDf, 1)}`;
      return `F(${df}) = ${format.number(it.f, 2)}, p ${equals(format.p(it.p))}`;
    },
  };
}

/** "= 0.034", or "< 0.001" as it stands. */
const equals = (p: string): string => (p.startsWith('<') ? p : `= ${p}`);
