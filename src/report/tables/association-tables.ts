import { COMMUNICATION_KINDS } from '../../analysis/cohort-data.ts';
import type { Findings, MeasuredIn } from '../../analysis/result.ts';
import { html, type Markup } from '../markup.ts';
import type { Speech } from '../speech.ts';
import { intervalHead } from './flow-tables.ts';
import { numeric, tableOf, wordy } from './table.ts';

const SIGNED = { signed: true } as const;
const FINE = { signed: true, decimals: 3 } as const;

/** Every planned relation, the two satisfactions together, between and within, and the platform; `told`: kinds of contact that the server tells of. */
export const associationTables = ({ associations }: Findings, told: readonly string[], speech: Speech): Markup => html`
${singleTable(associations.single, told, speech)}
${togetherTable(associations.together, speech)}
${betweenWithinTable(associations.betweenWithin, speech)}
${platformTable(associations.platform, speech)}`;

function singleTable(single: Findings['associations']['single'], told: readonly string[], speech: Speech): Markup {
  const { heads, forest } = speech.words.tables;
  const { variables, coefficients, yes, no } = speech.words.page;
  const arms = new Set(single.flatMap((it) => it.arms)).size;
  return tableOf({
    caption: forest.table,
    heads: [
      wordy(heads.what),
      wordy(heads.rater),
      numeric(heads.n),
      wordy(forest.axis),
      numeric(heads.value),
      numeric(intervalHead(speech)),
      numeric(heads.p),
      numeric(heads.pHolm),
      wordy(heads.family),
      wordy(forest.arms),
      numeric(forest.other),
    ],
    rows: single.map((it) => {
      const declared = it[it.declared];
      return [
        variables[it.variable],
        speech.rater(it.outcome),
        declared.n,
        coefficients[it.declared],
        speech.value(declared, SIGNED),
        speech.interval(declared, SIGNED),
        speech.p(declared),
        it.adjustedP === undefined ? '–' : speech.format.p(it.adjustedP),
        it.family ? yes : no,
        measuredIn(it.arms, arms, speech),
        otherOf(it, speech),
      ];
    }),
    note: noteOf([
      forest.single,
      kindsNote(told, speech),
      leftOutNote(
        single.map((it) => [whatOf(it, speech), it]),
        speech,
      ),
    ]),
  });
}

const whatOf = (it: Pick<Findings['associations']['single'][number], 'variable' | 'outcome'>, speech: Speech): string =>
  `${speech.words.page.variables[it.variable]} (${speech.rater(it.outcome)})`;

/** Which kinds make up all contacts, where not every kind has a source. */
function kindsNote(told: readonly string[], speech: Speech): string | undefined {
  const kinds = COMMUNICATION_KINDS.filter((it) => told.includes(it));
  if (kinds.length === 0 || kinds.length === COMMUNICATION_KINDS.length) return undefined;
  const { variables } = speech.words.page;
  return speech.words.tables.forest.sumOfKinds(speech.format.list(kinds.map((it) => variables[`communication:${it}`])));
}

/** Which arms are left out of what, and how many were measured there. */
function leftOutNote(
  found: readonly (readonly [string, Pick<MeasuredIn, 'armsLeftOut'>])[],
  speech: Speech,
): string | undefined {
  const said = found.flatMap(([what, { armsLeftOut }]) =>
    armsLeftOut.map(({ arm, n }) => `${what}: ${speech.arm(arm)}, ${speech.format.whole(n)}`),
  );
  return said.length === 0 ? undefined : speech.words.tables.forest.leftOut(said.join('; '));
}

const noteOf = (notes: readonly (string | undefined)[]): string | undefined => {
  const said = notes.filter((it) => it !== undefined);
  return said.length === 0 ? undefined : said.join(' ');
};

const measuredIn = (found: readonly string[], arms: number, speech: Speech): string => {
  const { arms: names, none } = speech.words.page;
  if (found.length === 0) return none;
  return found.length === arms ? (names.all ?? '') : found.map(speech.arm).join(', ');
};

/** The coefficient that was not declared. */
const otherOf = (it: Findings['associations']['single'][number], speech: Speech): string => {
  const other = it.declared === 'pearson' ? 'spearman' : 'pearson';
  return `${speech.words.page.coefficients[other]} ${speech.value(it[other], SIGNED)}`;
};

function togetherTable(together: Findings['associations']['together'], speech: Speech): Markup {
  const { heads, forest } = speech.words.tables;
  const { variables } = speech.words.page;
  const { format } = speech;
  const notes = together.flatMap(({ outcome, unique }) =>
    unique === undefined
      ? []
      : [
          `${speech.rater(outcome)}: ${forest.unique(format.number(unique.sus), format.number(unique.vasApp), format.number(unique.common))}`,
        ],
  );
  return tableOf({
    caption: forest.together,
    heads: [
      wordy(heads.rater),
      numeric(heads.n),
      numeric(variables.sus),
      numeric(variables['vas-app']),
      numeric(forest.overlap),
      numeric(forest.inflation),
    ],
    rows: together.map((it) => [
      speech.rater(it.outcome),
      it.n,
      speech.withInterval(it.sus, SIGNED),
      speech.withInterval(it.vasApp, SIGNED),
      speech.withInterval(it.overlap, SIGNED),
      it.varianceInflation === undefined ? '–' : format.number(it.varianceInflation),
    ]),
    note: noteOf([
      ...notes,
      leftOutNote(
        together.map((it) => [speech.rater(it.outcome), it]),
        speech,
      ),
    ]),
  });
}

function betweenWithinTable(found: Findings['associations']['betweenWithin'], speech: Speech): Markup {
  const { heads, forest } = speech.words.tables;
  return tableOf({
    caption: forest.betweenWithin,
    heads: [
      wordy(heads.what),
      wordy(heads.rater),
      numeric(heads.n),
      numeric(forest.between),
      numeric(heads.p),
      numeric(forest.within),
      numeric(heads.p),
    ],
    rows: found.map((it) => [
      speech.words.page.variables[it.variable],
      speech.rater(it.outcome),
      it.patients,
      speech.withInterval(it.between, FINE),
      speech.p(it.between),
      speech.withInterval(it.within, FINE),
      speech.p(it.within),
    ]),
    note: noteOf([
      leftOutNote(
        found.map((it) => [whatOf(it, speech), it]),
        speech,
      ),
    ]),
  });
}

function platformTable(platform: Findings['associations']['platform'], speech: Speech): Markup {
  const { heads, forest } = speech.words.tables;
  return tableOf({
    caption: forest.platform,
    heads: [
      wordy(heads.what),
      numeric(heads.therapists),
      numeric(heads.value),
      numeric(intervalHead(speech)),
      numeric(heads.df),
      numeric(heads.p),
    ],
    rows: (['slope', 'spearman'] as const).map((which) => {
      const it = platform[which];
      const what = which === 'slope' ? forest.platformSlope : speech.words.page.coefficients.spearman;
      const df = 'df' in it && it.df !== undefined ? speech.format.number(it.df, 1) : '–';
      return [what, platform.therapists, speech.value(it, FINE), speech.interval(it, FINE), df, speech.p(it)];
    }),
    note: noteOf([
      platform.singular === true ? forest.platformSingular : undefined,
      leftOutNote([[forest.platform, platform]], speech),
    ]),
  });
}
