import type { CohortReport } from '../cohort-report.ts';
import { html, type Markup, type Part } from '../markup.ts';
import type { Speech } from '../speech.ts';
import type { ReportWords } from '../words/en.ts';

export type SectionId = keyof ReportWords['page']['sections'];

/** One part of the page. */
export interface Section {
  readonly id: SectionId;
  of(report: CohortReport, speech: Speech): Part;
}

/** A figure with its caption and the tables that hold its numbers. */
export const figure = (title: string, speech: Speech, drawing: Markup, tables: Part): Markup => html`
<figure>
<figcaption><span>${speech.words.page.figure}</span>${title}</figcaption>
${drawing}
</figure>
${tables}`;

/** How the arms of the planned comparison are called; absent where they cannot be compared. */
export function comparedArms(
  { plan, arms }: CohortReport,
  speech: Speech,
): { of: string; against: string } | undefined {
  const { comparison } = plan;
  if (comparison === undefined) return undefined;
  const known = new Set(arms.map((it) => it.arm));
  if (!known.has(comparison.of) || !known.has(comparison.against)) return undefined;
  return { of: speech.armIn(comparison.of), against: speech.armIn(comparison.against) };
}
