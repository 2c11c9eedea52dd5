import type { CohortReport } from '../cohort-report.ts';
import { dueOf } from '../figures/participant-flow.ts';
import { html, type Markup, type Part } from '../markup.ts';
import type { Speech } from '../speech.ts';
import { numeric, tableOf, wordy } from './table.ts';

const PERCENT = { percent: true } as const;
const STATES = ['answered', 'without-total', 'not-answered', 'not-asked', 'not-due', 'left'] as const;

/** Ratings asked and answered: holds no score, and no arm where arms are masked. */
export function flowTables({ analysis: { flow } }: CohortReport, speech: Speech): Markup {
  const { heads, flow: words } = speech.words.tables;
  const { states } = speech.words.page;
  return html`
${tableOf({
  caption: words.table,
  heads: [
    wordy(heads.arm),
    wordy(heads.visit),
    wordy(heads.rater),
    ...STATES.map((it) => numeric(states[it])),
    numeric(heads.due),
    numeric(heads.response),
    numeric(intervalHead(speech)),
  ],
  rows: flow.cells.map((it) => [
    speech.arm(it.arm),
    speech.visit(it.visit),
    speech.rater(it.rater),
    ...STATES.map((state) => it.states[state]),
    dueOf(it),
    speech.value(it.response, PERCENT),
    speech.interval(it.response, PERCENT),
  ]),
  note: words.note,
})}
${tableOf({
  caption: words.both2,
  heads: [wordy(heads.arm), wordy(heads.visit), numeric(heads.due), numeric(heads.both), numeric(intervalHead(speech))],
  rows: flow.both.map(({ arm, visit, share }) => [
    speech.arm(arm),
    speech.visit(visit),
    share.n,
    speech.value(share, PERCENT),
    speech.interval(share, PERCENT),
  ]),
})}
${tableOf({
  caption: words.patterns,
  heads: [wordy(heads.arm), wordy(heads.rater), wordy(heads.patterns), numeric(heads.n)],
  rows: flow.patterns.map(({ arm, rater, visits, n }) => [
    speech.arm(arm),
    speech.rater(rater),
    visits.length === 0 ? speech.words.page.none : visits.map(speech.visit).join(' + '),
    n,
  ]),
})}
${leavers(flow.left, speech)}`;
}

function leavers(left: CohortReport['analysis']['flow']['left'], speech: Speech): Part {
  const { heads, flow: words } = speech.words.tables;
  if (left.length === 0) return undefined;
  return tableOf({
    caption: words.leftTable,
    heads: [wordy(heads.arm), wordy(heads.reason), numeric(heads.n)],
    rows: left.map(({ arm, reason, n }) => [speech.arm(arm), speech.words.page.left[reason] ?? reason, n]),
  });
}

/** "95 % interval" */
export const intervalHead = ({ level, words }: Speech): string => `${level} ${words.tables.heads.interval}`;
