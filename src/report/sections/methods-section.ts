import type { Method } from '../../analysis/estimate.ts';
import type { CohortAnalysis, Development } from '../../analysis/result.ts';
import type { CohortReport } from '../cohort-report.ts';
import { html, type Markup, type Part } from '../markup.ts';
import type { Speech } from '../speech.ts';
import { numeric, prose, tableOf, wordy } from '../tables/table.ts';
import type { Section } from './section.ts';

/** How every number was had, and what was done otherwise than planned. */
export const methodsSection: Section = {
  id: 'methods',
  of: (report, speech) => {
    const { analysis, plan } = report;
    const { methods, page } = speech.words;
    const { findings } = analysis;
    return html`
<p>${methods.intro(analysis.planVersion, plan.date, speech.level, analysis.seed)}</p>
${
  findings !== undefined &&
  html`
<p>${methods.primary(page.ratersMany[plan.primary.outcome], methods.primaries[plan.primary.contrast])}</p>
<ul>${findings.development.map((it) => html`<li>${modelOf(it, speech)}</li>`)}</ul>
<p>${methods.family(findings.associations.single.filter((it) => it.family).length)} ${methods.agreement} ${methods.suppressed(plan.minimum)} ${methods.missing} ${methods.ceilingRule}</p>`
}
<p>${report.manifest.smallCells.suppressed ? methods.protectedFew : methods.keptFew}</p>
${methodsUsed(analysis, speech)}
<h3>${methods.deviationsTitle}</h3>
${deviationsOf(report, speech)}`;
  },
};

function modelOf({ rater, structure, reason, covariates, patients, ratings }: Development, speech: Speech): string {
  const { methods, page } = speech.words;
  const said = structure === undefined ? speech.reason(reason ?? 'no-data') : methods.structures[structure];
  const named = covariates.map((it) => methods.covariates[it] ?? it);
  return methods.model(
    speech.rater(rater),
    said,
    named.length === 0 ? page.none : speech.format.list(named),
    patients,
    ratings,
  );
}

/** Every method that a number of this analysis carries, in words. */
function methodsUsed(analysis: CohortAnalysis, speech: Speech): Markup {
  const { names, used, method, meaning } = speech.words.methods;
  const found = new Set<string>();
  collect(analysis, found);
  const codes = (Object.keys(names) as Method[]).filter((it) => found.has(it));
  return tableOf({
    caption: used,
    heads: [wordy(method), prose(meaning)],
    rows: codes.map((it) => [html`<code>${it}</code>`, names[it]]),
  });
}

function collect(value: unknown, found: Set<string>): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, it] of Object.entries(value))
    if (key === 'method' && typeof it === 'string') found.add(it);
    else collect(it, found);
}

function deviationsOf({ analysis: { deviations } }: CohortReport, speech: Speech): Part {
  const { methods, tables } = speech.words;
  if (deviations.length === 0) return html`<p>${methods.noDeviation}</p>`;
  return tableOf({
    caption: methods.deviationsTitle,
    isCaptionHidden: true,
    heads: [prose(tables.heads.what), wordy(tables.heads.part), numeric(tables.heads.n)],
    rows: deviations.map(({ code, about = '–', n = '–' }) => [
      methods.deviations[code],
      code === 'arm-outside-plan' ? speech.arm(about) : about,
      n,
    ]),
  });
}
