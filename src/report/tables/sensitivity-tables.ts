import type { Findings, Imputed, SensitivityRun } from '../../analysis/result.ts';
import { html, type Markup } from '../markup.ts';
import type { Speech } from '../speech.ts';
import { numeric, tableOf, wordy } from './table.ts';

const SIGNED = { signed: true } as const;

/** "Complete cases", "Answered in es". */
export function runName(run: string, { words: { page } }: Speech): string {
  const [, language] = /^language:(.+)$/.exec(run) ?? [];
  return language === undefined ? (page.runs[run] ?? run) : page.language(language);
}

/** The runs and the shifted imputations. @param arms names of the compared arms; absent where there are none */
export const sensitivityTables = (
  { sensitivity, imputation }: Findings,
  arms: { readonly of: string; readonly against: string } | undefined,
  speech: Speech,
): Markup => html`
${
  sensitivity.length === 0
    ? html`<p>${speech.words.tables.sensitivity.none}</p>`
    : html`${runsTable(sensitivity, speech)}${agreementTable(sensitivity, speech)}`
}
${imputation.map((it) => imputationTable(it, arms, speech))}
${tippingTable(imputation, arms, speech)}`;

function runsTable(runs: readonly SensitivityRun[], speech: Speech): Markup {
  const { heads, sensitivity, contrasts } = speech.words.tables;
  return tableOf({
    caption: sensitivity.table,
    heads: [
      wordy(heads.run),
      wordy(heads.rater),
      numeric(heads.dropped),
      numeric(heads.n),
      numeric(`${heads.difference}: ${speech.words.page.average}`),
      wordy(contrasts.interaction),
    ],
    rows: runs.flatMap(({ run, dropped, development }) =>
      development.map((it) => {
        const average = it.contrasts.find(({ at }) => at === 'average')?.difference;
        return [
          runName(run, speech),
          speech.rater(it.rater),
          dropped,
          it.patients,
          average === undefined ? '–' : speech.withInterval(average, SIGNED),
          speech.test(it.interaction),
        ];
      }),
    ),
  });
}

function agreementTable(runs: readonly SensitivityRun[], speech: Speech): Markup {
  const { heads, sensitivity } = speech.words.tables;
  return tableOf({
    caption: sensitivity.agreement,
    heads: [wordy(heads.run), wordy(heads.visit), numeric(heads.dyads), numeric('ICC(A,1)'), numeric(heads.difference)],
    rows: runs.flatMap(({ run, agreement }) =>
      agreement
        .filter((it) => it.arm === 'all')
        .map((it) => [
          runName(run, speech),
          speech.visit(it.visit),
          it.dyads,
          speech.withInterval(it.iccA1),
          speech.withInterval(it.meanDifference, { signed: true, decimals: 1 }),
        ]),
    ),
  });
}

type Arms = { readonly of: string; readonly against: string } | undefined;

const shiftName = (shifted: 'of' | 'against' | 'both', arms: Arms, { words: { page } }: Speech): string =>
  shifted === 'both' ? page.shifted.both : page.shifted[shifted](arms?.[shifted] ?? shifted);

function imputationTable(found: Imputed, arms: Arms, speech: Speech): Markup {
  const { rater, imputations, imputed, notDue, reason, shifts } = found;
  const { heads, sensitivity } = speech.words.tables;
  const name = `${sensitivity.imputation}: ${speech.rater(rater)}`;
  if (shifts.length === 0)
    return html`<p class="note">${name}: ${reason === undefined ? '–' : speech.reason(reason)}.</p>`;
  const deltas = [...new Set(shifts.map((it) => it.delta))];
  const which = [...new Set(shifts.map((it) => it.shifted))];
  return tableOf({
    caption: name,
    heads: [wordy(heads.shift), ...which.map((it) => numeric(shiftName(it, arms, speech)))],
    rows: deltas.map((delta) => [
      speech.format.number(delta, 0),
      ...which.map((shifted) => {
        const found = shifts.find((it) => it.delta === delta && it.shifted === shifted)?.difference;
        return found === undefined ? '–' : speech.withInterval(found, SIGNED);
      }),
    ]),
    note: `${sensitivity.imputationNote(imputations, imputed)}${notDue > 0 ? ` ${sensitivity.notDue(notDue)}` : ''}`,
  });
}

function tippingTable(imputation: readonly Imputed[], arms: Arms, speech: Speech): Markup | undefined {
  const { heads, sensitivity } = speech.words.tables;
  const rows = imputation.flatMap(({ rater, tipping }) =>
    tipping.map(({ shifted, delta }) => [
      speech.rater(rater),
      shiftName(shifted, arms, speech),
      speech.value(delta, { decimals: 0 }),
    ]),
  );
  if (rows.length === 0) return undefined;
  return tableOf({
    caption: sensitivity.tipping,
    heads: [wordy(heads.rater), wordy(heads.shift), numeric(heads.tipping)],
    rows,
  });
}
