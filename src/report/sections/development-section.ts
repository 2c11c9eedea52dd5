import type { Findings } from '../../analysis/result.ts';
import type { CohortReport } from '../cohort-report.ts';
import { type ForestRow, forestOf } from '../figures/forest.ts';
import { type TrajectoryPoint, trajectoriesOf, trajectoryScale } from '../figures/trajectories.ts';
import { html, type Markup, type Part } from '../markup.ts';
import type { Speech } from '../speech.ts';
import { descriptiveTable, developmentTables, meansTable } from '../tables/development-tables.ts';
import { comparedArms, figure, type Section } from './section.ts';

/** Trajectories, differences of the arms, joint tests. */
export const developmentSection: Section = {
  id: 'development',
  of: (report, speech) => {
    const { findings } = report.analysis;
    return (
      findings &&
      html`${trajectories(report, findings, speech)}${contrasts(report, findings, speech)}${descriptiveTable(findings, speech)}`
    );
  },
};

/** Adjusted means where a model could be had, else what was observed. */
export function pointsOf({ development, descriptives }: Findings, arms: readonly string[]): TrajectoryPoint[] {
  return development.flatMap(({ rater, means }): TrajectoryPoint[] =>
    means.length > 0
      ? means.map((it) => ({ ...it, rater }))
      : descriptives.filter((it) => it.rater === rater && arms.includes(it.arm)),
  );
}

function trajectories(report: CohortReport, findings: Findings, speech: Speech): Markup {
  const { trajectories: words } = speech.words.tables;
  const named = report.arms.map((it) => it.arm);
  const points = pointsOf(findings, named.length === 0 ? ['all'] : named);
  const found = new Set(points.map((it) => it.arm));
  const arms = [...named.filter((it) => found.has(it)), ...[...found].filter((it) => !named.includes(it))];
  const { min, max } = report.scale;
  const given = { points, arms, visits: report.plan.visits, top: max };
  const scale = trajectoryScale(given);
  const whole = speech.format.whole;
  return figure(words.title, speech, trajectoriesOf(given, speech), [
    html`<p class="note">${words.cut(whole(scale.from), whole(Math.min(scale.to, max)), whole(min), whole(max))}</p>`,
    meansTable(findings, speech),
  ]);
}

function contrasts(report: CohortReport, findings: Findings, speech: Speech): Part {
  const { contrasts: words } = speech.words.tables;
  const arms = comparedArms(report, speech);
  const rows = findings.development.flatMap(({ rater, contrasts: found }) =>
    found.map(
      ({ at, difference }, i): ForestRow => ({
        label: at === 'average' ? speech.words.page.average : speech.visit(at),
        estimate: difference,
        said: speech.withInterval(difference, { signed: true, decimals: 1 }),
        filled: at === 'average',
        ...(i === 0 ? { group: speech.rater(rater) } : {}),
      }),
    ),
  );
  const tables = developmentTables(findings, speech);
  if (arms === undefined || rows.length === 0) return tables;
  const title = words.title(arms.of, arms.against);
  const drawing = forestOf({
    id: 'contrasts',
    title,
    desc: words.desc(speech.level),
    axis: words.axis,
    rows,
    tick: speech.format.signed,
  });
  return figure(title, speech, drawing, tables);
}
