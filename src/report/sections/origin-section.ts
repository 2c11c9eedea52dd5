import type { CohortReport } from '../cohort-report.ts';
import { html, type Part } from '../markup.ts';
import type { Speech } from '../speech.ts';
import { prose, tableOf, wordy } from '../tables/table.ts';
import type { Section } from './section.ts';

/** Versions, digests, queries and the whole manifest: what somebody needs who wants the same numbers. */
export const originSection: Section = {
  id: 'origin',
  of: (report, speech) => {
    const { origin } = speech.words.methods;
    const { manifest } = report;
    return html`
${tableOf({
  caption: speech.words.page.sections.origin,
  isCaptionHidden: true,
  heads: [wordy(speech.words.tables.heads.what), prose(speech.words.tables.heads.value)],
  rows: rowsOf(report, speech),
})}
${inputsTable(report, speech)}
<h3>${origin.queries}</h3>
<ul>${manifest.queries.map((it) => html`<li><code>${it}</code></li>`)}</ul>
<details><summary>${origin.manifest}</summary><pre>${JSON.stringify(manifest, null, 2)}</pre></details>`;
  },
};

/** Each export of a pooled analysis, with what it was approved for. */
function inputsTable({ manifest: { inputs } }: CohortReport, speech: Speech): Part {
  const { origin } = speech.words.methods;
  if (inputs === undefined) return undefined;
  return tableOf({
    caption: origin.inputs,
    heads: [wordy(origin.inputs), wordy(origin.read), wordy(origin.approval), prose(origin.data)],
    rows: inputs.map(({ name, at, approval, dataDigest }) => [
      name,
      speech.format.instant(at),
      approval,
      html`<code>${dataDigest}</code>`,
    ]),
  });
}

function rowsOf({ manifest, analysis }: CohortReport, speech: Speech): Part[][] {
  const { origin, because } = speech.words.methods;
  const { page } = speech.words;
  const { checks, plan, blinding } = manifest;
  const changed = { true: page.yes, false: page.no, unknown: page.unknown };
  const unseen = checks.changedWhileRead !== true && checks.deletions === 'not-read' ? ` (${origin.noDeletions})` : '';
  const code = (it: string): Part => html`<code>${it}</code>`;
  return [
    [origin.software, manifest.software],
    [origin.read, speech.format.instant(manifest.at)],
    [origin.study, manifest.study === undefined ? page.none : code(manifest.study)],
    [origin.arms, because[blinding.because]],
    [origin.plan, `${plan.version} · ${plan.date}`],
    [origin.planDigest, code(plan.digest)],
    [origin.content, code(manifest.content)],
    [origin.windows, manifest.visitWindows],
    [origin.data, code(manifest.dataDigest)],
    [origin.participants, checks.participants],
    [origin.included, analysis.patients],
    [origin.ratings, checks.ratings],
    [origin.beside, checks.ratingsBeside],
    [origin.contacts, checks.contactsTold.join(', ') || page.none],
    [origin.changed, changed[`${checks.changedWhileRead}`] + unseen],
    [origin.exposures, origin.exposure[checks.exposures]],
  ];
}
