import type { ArmContrast, Development, Findings } from '../../analysis/result.ts';
import { html, type Markup, type Part } from '../markup.ts';
import type { Speech } from '../speech.ts';
import { intervalHead } from './flow-tables.ts';
import { numeric, prose, tableOf, wordy } from './table.ts';

const ONE = { decimals: 1 } as const;
const SIGNED = { signed: true } as const;

/** Totals as they were given, and as the model adjusts them. */
export function meansTable({ descriptives, development }: Findings, speech: Speech): Markup {
  const { heads, trajectories } = speech.words.tables;
  const adjusted = (rater: string, arm: string, visit: string) =>
    development.find((it) => it.rater === rater)?.means.find((it) => it.arm === arm && it.visit === visit)?.mean;
  return tableOf({
    caption: trajectories.table,
    heads: [
      wordy(heads.rater),
      wordy(heads.visit),
      wordy(heads.arm),
      numeric(heads.n),
      numeric(heads.mean),
      numeric(heads.sd),
      numeric(heads.adjusted),
      numeric(intervalHead(speech)),
      numeric(heads.atMaximum),
    ],
    rows: descriptives.map((it) => {
      const mean = adjusted(it.rater, it.arm, it.visit);
      return [
        speech.rater(it.rater),
        speech.visit(it.visit),
        speech.arm(it.arm),
        it.mean.n,
        speech.value(it.mean, ONE),
        speech.value(it.sd, ONE),
        mean === undefined ? '–' : speech.value(mean, ONE),
        mean === undefined ? '–' : speech.interval(mean, ONE),
        speech.value(it.atMaximum, { percent: true }),
      ];
    }),
    note: trajectories.note,
  });
}

/** Median, quartiles, range and reliability of the totals. */
export function descriptiveTable({ descriptives }: Findings, speech: Speech): Markup {
  const { heads, descriptives: words } = speech.words.tables;
  const whole = { decimals: 0 } as const;
  return tableOf({
    caption: words.table,
    heads: [
      wordy(heads.rater),
      wordy(heads.visit),
      wordy(heads.arm),
      numeric(heads.n),
      numeric(heads.missing),
      numeric(heads.mean),
      numeric(intervalHead(speech)),
      numeric(heads.median),
      numeric(heads.quartiles),
      numeric(heads.range),
      numeric(heads.reliability),
    ],
    rows: descriptives.map((it) => [
      speech.rater(it.rater),
      speech.visit(it.visit),
      speech.arm(it.arm),
      it.mean.n,
      it.missing,
      speech.value(it.mean, ONE),
      speech.interval(it.mean, ONE),
      speech.value(it.median, ONE),
      `${speech.value(it.q1, ONE)}–${speech.value(it.q3, ONE)}`,
      `${speech.value(it.min, whole)}–${speech.value(it.max, whole)}`,
      speech.withInterval(it.reliability),
    ]),
  });
}

/** Differences of the arms, joint tests and covariances, of each rater and of both. */
export function developmentTables({ development, joint }: Findings, speech: Speech): Markup {
  const { contrasts: words } = speech.words.tables;
  const rows = development.flatMap((it) => contrastRows(it, it.contrasts, speech));
  const nested = development.flatMap((it) =>
    it.therapistModel === undefined ? [] : contrastRows(it, it.therapistModel.contrasts, speech),
  );
  return html`
${rows.length > 0 && contrastTable(words.table, rows, speech)}
${testsTable(development, joint, speech)}
${nested.length > 0 && contrastTable(words.therapistModel, nested, speech)}
${development.map((it) => covarianceTable(it, speech))}`;
}

const contrastTable = (caption: string, rows: readonly (readonly Part[])[], speech: Speech): Markup => {
  const { heads } = speech.words.tables;
  return tableOf({
    caption,
    heads: [
      wordy(heads.rater),
      wordy(heads.visit),
      numeric(heads.n),
      numeric(heads.difference),
      numeric(intervalHead(speech)),
      numeric(heads.df),
      numeric(heads.p),
      numeric(heads.standardised),
      numeric(intervalHead(speech)),
    ],
    rows,
  });
};

/** The visits that a model holds: an average or a test is over these alone. */
const held = ({ visitsIn }: Development, speech: Speech): string =>
  speech.format.list(visitsIn.map((it) => speech.visit(it)));

const contrastRows = (of: Development, contrasts: readonly ArmContrast[], speech: Speech): Part[][] =>
  contrasts.map(({ at, difference, standardised }) => [
    speech.rater(of.rater),
    at === 'average' ? `${speech.words.page.averagedOver}: ${held(of, speech)}` : speech.visit(at),
    difference.n,
    speech.value(difference, SIGNED),
    speech.interval(difference, SIGNED),
    'df' in difference && difference.df !== undefined ? speech.format.number(difference.df, 1) : '–',
    speech.p(difference),
    speech.value(standardised, SIGNED),
    speech.interval(standardised, SIGNED),
  ]);

function testsTable(development: Findings['development'], joint: Findings['joint'], speech: Speech): Markup {
  const { heads, contrasts: words } = speech.words.tables;
  const { rater, test, withInterval } = speech;
  const separate = joint.residualByRater;
  return tableOf({
    caption: words.tests,
    heads: [prose(heads.what), wordy(heads.test)],
    rows: [
      ...development.flatMap((it) => [
        [`${rater(it.rater)}: ${words.interaction} (${held(it, speech)})`, test(it.interaction)],
        [`${rater(it.rater)}: ${words.visits} (${held(it, speech)})`, test(it.visits)],
        ...(it.therapistModel === undefined
          ? []
          : [
              [
                `${rater(it.rater)}: ${words.interaction} (${words.therapistModel})`,
                test(it.therapistModel.interaction),
              ],
            ]),
      ]),
      [`${words.joint}: ${words.threeWay}`, test(joint.threeWay)],
      [`${words.joint}: ${words.raterByVisit}`, test(joint.raterByVisit)],
      [`${words.joint}: ${words.raterByArm}`, withInterval(joint.raterByArm, SIGNED)],
      [`${words.joint}: ${words.raterDifference}`, withInterval(joint.rater, SIGNED)],
      ...(separate === undefined
        ? []
        : [
            [`${words.separate}: ${words.threeWay}`, test(separate.threeWay)],
            [`${words.separate}: ${words.raterByArm}`, withInterval(separate.raterByArm, SIGNED)],
          ]),
    ],
  });
}

function covarianceTable({ rater, covariance }: Development, speech: Speech): Part {
  if (covariance.length === 0) return undefined;
  const visits = [...new Set(covariance.flatMap((it) => [it.a, it.b]))];
  const entry = (a: string, b: string) =>
    covariance.find((it) => (it.a === a && it.b === b) || (it.a === b && it.b === a));
  return tableOf({
    caption: `${speech.words.tables.contrasts.covariance}: ${speech.rater(rater)}`,
    heads: [wordy(speech.words.tables.heads.visit), ...visits.map((it) => numeric(speech.visit(it)))],
    rows: visits.map((a, i) => [
      speech.visit(a),
      ...visits.map((b, j) => {
        const found = entry(a, b);
        return found === undefined ? '–' : speech.format.number(j > i ? found.correlation : found.covariance);
      }),
    ]),
  });
}
