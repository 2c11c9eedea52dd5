import { blandAltmanOf, isBinned } from '../figures/bland-altman.ts';
import { html } from '../markup.ts';
import { agreementTables, changeTable } from '../tables/agreement-tables.ts';
import { figure, type Section } from './section.ts';

/** Bland–Altman at each visit, and the coefficients. */
export const agreementSection: Section = {
  id: 'agreement',
  of: ({ analysis, arms, plan }, speech) => {
    const { findings } = analysis;
    if (findings === undefined) return undefined;
    const given = {
      cells: findings.agreement,
      arms: arms.length === 0 ? ['all'] : arms.map((it) => it.arm),
      visits: plan.visits.filter((visit) => findings.agreement.some((it) => it.visit === visit)),
    };
    const { altman } = speech.words.tables;
    return figure(altman.title, speech, blandAltmanOf(given, speech), [
      isBinned(given) && html`<p class="note">${altman.binned}</p>`,
      agreementTables(findings, speech),
    ]);
  },
};

/** Change between visits, with verdicts. */
export const changeSection: Section = {
  id: 'change',
  of: ({ analysis: { findings } }, speech) => findings && changeTable(findings, speech),
};
