import { createHash } from 'node:crypto';
import { analyseCohort } from '../../analysis/analyse-cohort.ts';
import type { CohortData, CohortPatient, CohortRow } from '../../analysis/cohort-data.ts';
import type { LoadedContent } from '../../content/port.ts';
import type { ReliableChangeParameters } from '../../domain/programme.ts';
import { manifestOf } from '../../pipeline/cohort/manifest.ts';
import { ALLIANCE } from '../../pipeline/cohort/observed.ts';
import { VERSION } from '../compose.ts';
import { CommandError, EXIT } from '../exit.ts';
import { output } from '../print.ts';
import type { Reporting } from './reporting.ts';

/** Bounds of the total of the WAI-S (contract, Questionnaires). */
const SCALE = { min: 12, max: 84 } as const;

/** Reads the whole cohort and prints its analysis with its manifest, one JSON object. */
export async function writeAnalysis({ content, blinding, arms, reading, at, config }: Reporting): Promise<void> {
  const plan = content.analysisPlan;
  if (plan === undefined) throw new CommandError('Content holds no analysis plan.', EXIT.usage);
  const [patients, rows]: [CohortPatient[], CohortRow[]] = [[], []];
  for await (const it of reading.patients) {
    patients.push(it.patient);
    rows.push(...it.rows);
  }
  const { tally } = reading;
  const data: CohortData = {
    arms: armsOf(arms, patients),
    visits: plan.visits,
    scale: SCALE,
    patients,
    rows,
    therapists: tally.therapists,
  };
  const analysis = analyseCohort(data, plan, { masked: blinding.masked, reliableChange: parametersOf(content, rows) });
  const manifest = manifestOf(tally, {
    software: VERSION,
    at,
    study: config.STUDY,
    blinding,
    content,
    deviations: analysis.deviations,
    included: patients.length,
    ratings: rows.length,
    dataDigest: createHash('sha256').update(JSON.stringify(data)).digest('hex'),
  });
  output(true, { manifest, analysis }, () => '');
}

/** The study’s arms that somebody is in, in its order, then those it does not name. */
function armsOf(named: Reporting['arms'], patients: readonly CohortPatient[]): CohortData['arms'] {
  const found = new Set(patients.flatMap((it) => it.arm ?? []));
  const known = new Set(named.map((it) => it.arm));
  const others = [...found].filter((it) => !known.has(it)).sort();
  return [...named.filter((it) => found.has(it.arm)), ...others.map((arm) => ({ arm, label: arm }))];
}

/** The site’s parameters of reliable change for the raters and languages of this cohort. */
function parametersOf(content: LoadedContent, rows: readonly CohortRow[]): readonly ReliableChangeParameters[] {
  const languages = new Set(rows.map((it) => it.language));
  const found = Object.keys(ALLIANCE).flatMap((id) =>
    [...languages].flatMap((language) => content.reliableChange(id, language) ?? []),
  );
  return [...new Set(found)];
}
