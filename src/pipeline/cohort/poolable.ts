import type { CohortArm } from '../../analysis/cohort-data.ts';
import type { InCohort } from './cohort-patient.ts';
import type { ExportManifest, PooledInput } from './manifest.ts';
import type { CohortReading, CohortTally } from './read-cohort.ts';
import { ExportError, type ExportedPatient } from './read-export.ts';

/** What two exports must have in common before their patients are analysed together. */
export interface ExportOrigin {
  /** Name of the export as given by who pools, for the refusal. */
  readonly name: string;
  /** Digest of the whole export: the same one twice would count its patients twice. */
  readonly digest: string;
  /** Digest of instruments and scoring keys. */
  readonly content: string;
  /** Digest of the analysis plan. */
  readonly plan: string;
  /** Version of the visit windows. */
  readonly windows: string;
}

/** Why an export cannot be pooled with the first one. */
export interface PoolingRefusal {
  readonly name: string;
  readonly differs: 'content' | 'plan' | 'windows' | 'given-twice';
}

/** Every reason why these exports cannot be pooled; none means that they can. The first export is what others are held to. */
export function poolingRefusals(exports: readonly ExportOrigin[]): PoolingRefusal[] {
  const [first, ...others] = exports;
  if (first === undefined) return [];
  const seen = new Set([first.digest]);
  return others.flatMap((it): PoolingRefusal[] => {
    const { name } = it;
    if (seen.has(it.digest)) return [{ name, differs: 'given-twice' }];
    seen.add(it.digest);
    return (['content', 'plan', 'windows'] as const).flatMap((differs) =>
      it[differs] === first[differs] ? [] : [{ name, differs }],
    );
  });
}

/** An export with its manifest, ready to be read. */
export interface OpenedExport {
  readonly name: string;
  readonly manifest: ExportManifest;
  readonly patients: AsyncIterable<ExportedPatient>;
}

/** What a pool is held to, and an export holds. */
export const originOf = ({ name, manifest }: Pick<OpenedExport, 'name' | 'manifest'>): ExportOrigin => ({
  name,
  digest: manifest.dataDigest,
  content: manifest.content,
  plan: manifest.plan.digest,
  windows: manifest.visitWindows,
});

/** What the manifest of a pool says of one export. */
export const inputOf = ({ name, manifest }: OpenedExport): PooledInput => {
  const { software, at, blinding, dataDigest, study, purpose, approval, smallCells } = manifest;
  return { name, software, at, blinding, dataDigest, study, purpose, approval, smallCells };
};

/** Arms of all exports, each once, in the order of the first that has it; which that is does not hang on the order given. */
export const armsOfAll = (exports: readonly Pick<OpenedExport, 'manifest'>[]): readonly CohortArm[] => {
  const ordered = exports
    .map((it) => it.manifest)
    .toSorted((a, b) => b.arms.length - a.arms.length || (a.dataDigest < b.dataDigest ? -1 : 1));
  return [...new Map(ordered.flatMap((it) => it.arms).map((it) => [it.arm, it] as const)).values()];
};

/**
 * The exports as one cohort, in the order given.
 * @throws ExportError where a patient stands in two of them: two sites that share a key, or one export inside another
 */
export function pooledReading(exports: readonly OpenedExport[]): CohortReading {
  const checks = exports.map((it) => it.manifest.checks);
  const sum = (of: (it: (typeof checks)[number]) => unknown): number =>
    checks.reduce((total, it) => total + (Number(of(it)) || 0), 0);
  const reasons = new Set(checks.flatMap((it) => Object.keys(it.leftOut)));
  const changed = checks.map((it) => it.changedWhileRead);
  const tally: CohortTally = {
    read: sum((it) => it.participants),
    leftOut: new Map([...reasons].map((reason) => [reason, sum((it) => it.leftOut[reason])])),
    ratingsBeside: sum((it) => it.ratingsBeside),
    queries: [],
    fed: [...new Set(checks.flatMap((it) => it.contactsTold))],
    changed: changed.includes(true) ? true : changed.includes('unknown') ? undefined : false,
    deletions: checks.every((it) => it.deletions === 'read') ? 'read' : 'not-read',
    therapists: [],
    platform: new Map(),
    exposures: checks.every((it) => it.exposures === 'read') ? 'read' : 'not-read',
  };
  return { tally, patients: patientsOf(exports, tally) };
}

async function* patientsOf(exports: readonly OpenedExport[], tally: CohortTally): AsyncGenerator<InCohort> {
  const of = new Map<string, string>();
  const therapists = new Map<string, { readonly site: string; readonly vasPlatform: readonly number[] }>();
  for (const { name, patients } of exports)
    for await (const { patient, rows, platform } of patients) {
      const other = of.get(patient.patient);
      if (other !== undefined)
        throw new ExportError(`${name}: a patient of it is in ${other} too; sites that pool hold different keys.`);
      of.set(patient.patient, name);
      for (const { therapist } of rows)
        if (therapist !== undefined && !therapists.has(therapist)) {
          const value = platform.get(therapist);
          therapists.set(therapist, { site: patient.site, vasPlatform: value === undefined ? [] : [value] });
        }
      yield { patient, rows, others: 0, assigned: [] };
    }
  tally.therapists.push(...[...therapists].map(([therapist, it]) => ({ therapist, ...it })));
}
