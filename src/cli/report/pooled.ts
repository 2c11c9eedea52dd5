import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { analyseCohort } from '../../analysis/analyse-cohort.ts';
import { readConfig } from '../../config.ts';
import { analyseReading } from '../../pipeline/cohort/analyse-reading.ts';
import type { ExportManifest } from '../../pipeline/cohort/manifest.ts';
import {
  armsOfAll,
  inputOf,
  type OpenedExport,
  originOf,
  pooledReading,
  poolingRefusals,
} from '../../pipeline/cohort/poolable.ts';
import { ExportError, patientsOfExport } from '../../pipeline/cohort/read-export.ts';
import { cohortPage } from '../../report/cohort-page.ts';
import { contentOf, VERSION } from '../compose.ts';
import { CommandError, EXIT } from '../exit.ts';
import { jsonOf, planOf, written } from './analysis.ts';
import { linesOf } from './export.ts';
import type { ReportOptions } from './reporting.ts';

const DIFFERS = {
  content: 'was made by other instruments or scoring keys',
  plan: 'was made by another analysis plan',
  windows: 'was made by another version of the visit windows',
  'given-twice': 'is given twice',
} as const;

/**
 * Analyses the exports of several sites as one cohort; no server is asked. All must have been made by this content, plan
 * and windows, and be as their manifests say.
 * @throws CommandError where one is not, naming it and all that differs
 */
export async function reportPooled(options: ReportOptions): Promise<void> {
  if (options.format !== 'json' && options.format !== 'html')
    throw new CommandError('Exports are pooled as json or html.', EXIT.usage);
  const content = await contentOf(readConfig(process.env));
  const plan = planOf(content);
  const exports = await Promise.all((options.input ?? []).map(opened));
  const here = {
    name: 'this installation',
    digest: '',
    content: content.digest,
    plan: content.analysisPlanDigest,
    windows: content.visits.version,
  };
  const refusals = poolingRefusals([here, ...exports.map(originOf)]);
  if (refusals.length > 0)
    throw new CommandError(refusals.map((it) => `${it.name} ${DIFFERS[it.differs]}.`).join(' '), EXIT.refused);
  const cohort = await analyseReading(
    {
      content,
      plan,
      reading: pooledReading(exports),
      blinding: blindingOf(exports),
      arms: armsOfAll(exports),
      at: new Date().toISOString(),
      software: VERSION,
      study: undefined,
      inputs: exports.map(inputOf),
      keepsFew: options.keepSmallCells ?? false,
    },
    analyseCohort,
  ).catch((error: unknown) => {
    throw error instanceof ExportError ? new CommandError(error.message, EXIT.refused) : error;
  });
  await written(options, options.format === 'html' ? cohortPage(cohort, options.language) : jsonOf(cohort));
}

/** Only what could be unblinded was exported: the pool says so as the most exceptional of its exports does. */
const blindingOf = (exports: readonly OpenedExport[]): ExportManifest['blinding'] => {
  const all = exports.map((it) => it.manifest.blinding);
  const found = all.find((it) => it.masked) ?? all.find((it) => it.because === 'unlocked') ?? all[0];
  return found ?? { masked: true, because: 'study-unreadable' };
};

/** @throws CommandError where the file or its manifest cannot be read, or the one is not what the other says */
async function opened(file: string): Promise<OpenedExport> {
  const name = basename(file);
  const refuse = (why: string): never => {
    throw new CommandError(`${name} ${why}.`, EXIT.refused);
  };
  const text = await readFile(`${file}.manifest.json`, 'utf8').catch(() => refuse('has no manifest beside it'));
  const manifest = manifestFrom(text) ?? refuse('has a manifest that is none of an export');
  const hash = createHash('sha256');
  try {
    for await (const piece of createReadStream(file)) hash.update(piece);
  } catch {
    refuse('cannot be read');
  }
  if (hash.digest('hex') !== manifest.dataDigest) refuse('is not the file that its manifest was written for');
  return { name, manifest, patients: patientsOfExport(linesOf(file), name) };
}

const isObject = (it: unknown): it is Readonly<Record<string, unknown>> =>
  typeof it === 'object' && it !== null && !Array.isArray(it);

function manifestFrom(text: string): ExportManifest | undefined {
  const isManifest = (it: unknown): it is ExportManifest =>
    isObject(it) &&
    ['content', 'visitWindows', 'dataDigest', 'software', 'at'].every((key) => typeof it[key] === 'string') &&
    isObject(it.plan) &&
    isObject(it.checks) &&
    isObject(it.checks.leftOut) &&
    Array.isArray(it.checks.contactsTold) &&
    isObject(it.blinding) &&
    Array.isArray(it.arms);
  try {
    const json: unknown = JSON.parse(text);
    return isManifest(json) ? json : undefined;
  } catch {
    return undefined;
  }
}
