import type { Findings } from '../../analysis/result.ts';
import { html, type Markup } from '../markup.ts';
import type { Speech } from '../speech.ts';
import { intervalHead } from './flow-tables.ts';
import { numeric, prose, tableOf, wordy } from './table.ts';

const POINTS = { signed: true, decimals: 1 } as const;

/** Agreement by visit and arm: coefficients, bias, limits, and where the ratings vary. */
export function agreementTables({ agreement, decomposition }: Findings, speech: Speech): Markup {
  const { heads, altman } = speech.words.tables;
  const place = (it: Findings['agreement'][number]) => [speech.visit(it.visit), speech.arm(it.arm), it.dyads];
  const placeHeads = [wordy(heads.visit), wordy(heads.arm), numeric(heads.dyads)];
  return html`
${tableOf({
  caption: altman.table,
  heads: [
    ...placeHeads,
    numeric('ICC(A,1)'),
    numeric(intervalHead(speech)),
    numeric(altman.bootstrap),
    numeric('ICC(C,1)'),
    numeric(intervalHead(speech)),
    wordy(heads.lack),
  ],
  rows: agreement.map((it) => [
    ...place(it),
    speech.value(it.iccA1),
    speech.interval(it.iccA1),
    html`${speech.interval(it.iccA1Bootstrap)}${it.bootstrapUnreliable && 'interval' in it.iccA1Bootstrap && html` <span class="doubt">${altman.unreliable}</span>`}`,
    speech.value(it.iccC1),
    speech.interval(it.iccC1),
    speech.words.answer.lackShort[it.lack],
  ]),
  note: `${altman.interval} ${speech.words.methods.agreement}`,
})}
${tableOf({
  caption: altman.bias,
  heads: [
    ...placeHeads,
    numeric(heads.difference),
    numeric(intervalHead(speech)),
    numeric(heads.lowerLimit),
    numeric(heads.upperLimit),
  ],
  rows: agreement.map((it) => [
    ...place(it),
    speech.value(it.meanDifference, POINTS),
    speech.interval(it.meanDifference, POINTS),
    speech.withInterval(it.lowerLimit, POINTS),
    speech.withInterval(it.upperLimit, POINTS),
  ]),
})}
${tableOf({
  caption: altman.more,
  heads: [...placeHeads, numeric(heads.therapists), numeric(heads.slope), numeric('Lin'), numeric('Pearson')],
  rows: agreement.map((it) => [
    ...place(it),
    it.therapists,
    speech.withInterval(it.proportionalBias, { signed: true }),
    speech.withInterval(it.lin),
    speech.withInterval(it.pearson),
  ]),
})}
${decompositionTable(decomposition, speech)}`;
}

function decompositionTable({ parts, reason }: Findings['decomposition'], speech: Speech): Markup {
  const { heads, altman } = speech.words.tables;
  if (parts.length === 0)
    return html`<p class="note">${altman.decomposition}: ${reason === undefined ? '–' : speech.reason(reason)}.</p>`;
  return tableOf({
    caption: altman.decomposition,
    heads: [prose(heads.part), numeric(heads.variance), numeric(intervalHead(speech)), numeric(heads.share)],
    rows: parts.map(({ part, variance, share }) => [
      speech.words.page.parts[part],
      speech.value(variance),
      speech.interval(variance),
      speech.format.percent(share),
    ]),
  });
}

/** Change between visits with the verdicts of reliable change. */
export function changeTable({ change }: Findings, speech: Speech): Markup {
  const { heads, change: words } = speech.words.tables;
  const percent = { percent: true } as const;
  const said = change.map(({ rater, parameters, reason }) => {
    const name = speech.words.page.ratersMany[rater];
    if (parameters.length === 0) return `${name}: ${reason === undefined ? '–' : speech.reason(reason)}`;
    return speech.format.list(
      parameters.map((it) =>
        words.parameter(
          it.language === undefined ? name : `${name} (${it.language})`,
          speech.format.number(it.critical),
          speech.format.number(it.sd),
          speech.format.number(it.reliability),
          words.from[it.from],
        ),
      ),
    );
  });
  return tableOf({
    caption: words.table,
    heads: [
      wordy(heads.rater),
      numeric(heads.from),
      numeric(heads.to),
      wordy(heads.arm),
      numeric(heads.n),
      numeric(heads.mean),
      numeric(intervalHead(speech)),
      numeric(heads.increased),
      numeric(heads.unchanged),
      numeric(heads.decreased),
      prose(heads.unjudged),
    ],
    rows: change.flatMap(({ cells }) =>
      cells.map((it) => [
        speech.rater(it.rater),
        speech.visit(it.from),
        speech.visit(it.to),
        speech.arm(it.arm),
        it.mean.n,
        speech.value(it.mean, POINTS),
        speech.interval(it.mean, POINTS),
        speech.withInterval(it.increased, percent),
        speech.withInterval(it.unchanged, percent),
        speech.withInterval(it.decreased, percent),
        unjudged(it.unjudged, speech),
      ]),
    ),
    note: `${words.note(speech.format.list(said))} ${words.ceiling}`,
  });
}

const unjudged = (counts: Findings['change'][number]['cells'][number]['unjudged'], speech: Speech): string =>
  Object.entries(speech.words.methods.unjudged)
    .map(([why, said]) => [said, counts[why as keyof typeof counts]] as const)
    .filter(([, n]) => n > 0)
    .map(([said, n]) => `${said}: ${n}`)
    .join(', ') || '–';
