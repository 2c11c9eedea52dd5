import { isTold } from '../answer/answer-relations.ts';
import { type ForestRow, forestOf } from '../figures/forest.ts';
import { html } from '../markup.ts';
import { associationTables } from '../tables/association-tables.ts';
import { runName, sensitivityTables } from '../tables/sensitivity-tables.ts';
import { comparedArms, figure, type Section } from './section.ts';

/** The forest of planned relations, and every number behind it. */
export const associationSection: Section = {
  id: 'associations',
  of: ({ analysis: { findings }, manifest }, speech) => {
    if (findings === undefined) return undefined;
    const { forest } = speech.words.tables;
    let last = '';
    const rows = findings.associations.single.map((it): ForestRow => {
      const group = it.outcome === last ? {} : { group: speech.rater(it.outcome) };
      last = it.outcome;
      const declared = it[it.declared];
      return {
        label: speech.words.page.variables[it.variable],
        estimate: declared,
        said: speech.withInterval(declared, { signed: true }),
        filled: isTold(it),
        ...group,
      };
    });
    const drawing = forestOf({
      id: 'associations-forest',
      title: forest.title,
      desc: forest.desc(speech.level),
      axis: forest.axis,
      rows,
      legend: { filled: forest.filled, hollow: forest.hollow },
      tick: speech.format.signed,
    });
    return figure(forest.title, speech, drawing, associationTables(findings, manifest.checks.contactsTold, speech));
  },
};

/** Whether the averaged difference stands when rows are left out, or what is missing is shifted. */
export const sensitivitySection: Section = {
  id: 'sensitivity',
  of: (report, speech) => {
    const { findings } = report.analysis;
    if (findings === undefined) return undefined;
    const arms = comparedArms(report, speech);
    const tables = sensitivityTables(findings, arms, speech);
    const runs = [{ run: 'main', development: findings.development }, ...findings.sensitivity];
    const rows = findings.development.flatMap(({ rater }) =>
      runs.flatMap(({ run, development }, i): ForestRow[] => {
        const own = development.find((it) => it.rater === rater);
        const average = own?.contrasts.find((it) => it.at === 'average')?.difference;
        if (average === undefined) return [];
        return [
          {
            label: runName(run, speech),
            estimate: average,
            said: speech.withInterval(average, { signed: true, decimals: 1 }),
            filled: i === 0,
            ...(i === 0 ? { group: speech.rater(rater) } : {}),
          },
        ];
      }),
    );
    if (arms === undefined || rows.length === 0) return html`${tables}`;
    const { sensitivity, contrasts } = speech.words.tables;
    const title = sensitivity.title(arms.of, arms.against);
    const drawing = forestOf({
      id: 'sensitivity-forest',
      title,
      desc: sensitivity.desc(speech.level),
      axis: contrasts.axis,
      rows,
      tick: speech.format.signed,
    });
    return figure(title, speech, drawing, tables);
  },
};
