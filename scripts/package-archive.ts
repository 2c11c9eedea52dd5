import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FhirResource, ImplementationGuide, StructureDefinition } from 'fhir/r4.js';
import { create } from 'tar';

const ROOT = join(import.meta.dirname, '..');
const CONTENT = ['profiles', 'questionnaires'];
const RESOURCE_FILE = /^[A-Z][A-Za-z]+-[A-Za-z0-9.-]+\.json$/;

/** Completes profiles that are stored as differentials. */
export type SnapshotMaker = (profiles: readonly StructureDefinition[]) => Promise<StructureDefinition[]>;

/**
 * Writes `vincle-fhir-<version>.tgz`, an npm-style FHIR package of all profiles, terminology and Questionnaires, into a
 * folder. The same content gives the same bytes: entries are sorted, and carry the date of the ImplementationGuide.
 *
 * @see https://confluence.hl7.org/display/FHIR/NPM+Package+Specification
 * @param makeSnapshots where it is given, profiles are packed with their snapshots
 * @returns the path of the archive
 */
export async function writePackage(folder: string, makeSnapshots?: SnapshotMaker): Promise<string> {
  const resources = await completed(readResources(), makeSnapshots);
  const guide = resources.find((it): it is ImplementationGuide => it.resourceType === 'ImplementationGuide');
  if (guide?.version === undefined || guide.date === undefined) {
    throw new Error('profiles/ has no ImplementationGuide with version and date: it names the package');
  }
  const archive = join(folder, `vincle-fhir-${guide.version}.tgz`);
  const staging = mkdtempSync(join(tmpdir(), 'vincle-package-'));
  try {
    const names = stage(join(staging, 'package'), resources, guide);
    await create(
      { file: archive, cwd: staging, gzip: { level: 9 }, portable: true, mtime: new Date(guide.date) },
      names.map((name) => `package/${name}`),
    );
  } finally {
    rmSync(staging, { recursive: true });
  }
  return archive;
}

function readResources(): FhirResource[] {
  return CONTENT.flatMap((folder) =>
    readdirSync(join(ROOT, folder))
      .filter((name) => RESOURCE_FILE.test(name))
      .map((name): FhirResource => JSON.parse(readFileSync(join(ROOT, folder, name), 'utf8'))),
  ).sort((a, b) => (fileName(a) < fileName(b) ? -1 : 1));
}

async function completed(resources: FhirResource[], makeSnapshots: SnapshotMaker | undefined): Promise<FhirResource[]> {
  if (makeSnapshots === undefined) return resources;
  const profiles = resources.filter((it): it is StructureDefinition => it.resourceType === 'StructureDefinition');
  const whole = new Map((await makeSnapshots(profiles)).map((it) => [it.url, it]));
  return resources.map((it) => (it.resourceType === 'StructureDefinition' ? (whole.get(it.url) ?? it) : it));
}

/** Writes what goes into the package; its files in the order they are packed. */
function stage(folder: string, resources: readonly FhirResource[], guide: ImplementationGuide): string[] {
  mkdirSync(folder);
  const write = (name: string, value: unknown): string => {
    writeFileSync(join(folder, name), `${JSON.stringify(value, undefined, 2)}\n`);
    return name;
  };
  return [
    write('package.json', manifest(guide)),
    write('.index.json', { 'index-version': 2, files: resources.map(indexEntry) }),
    ...resources.map((resource) => write(fileName(resource), resource)),
  ];
}

function manifest(guide: ImplementationGuide): Record<string, unknown> {
  return {
    name: guide.packageId,
    version: guide.version,
    'tools-version': 3,
    type: 'IG',
    date: `${guide.date?.replaceAll('-', '')}000000`,
    license: guide.license,
    canonical: guide.url.split('/ImplementationGuide/')[0],
    url: guide.url,
    title: guide.title,
    description: guide.description,
    author: guide.publisher,
    fhirVersions: guide.fhirVersion,
    dependencies: Object.fromEntries((guide.dependsOn ?? []).map((it) => [it.packageId, it.version])),
    directories: { lib: 'package' },
  };
}

const INDEXED = ['resourceType', 'id', 'url', 'version', 'kind', 'type', 'supplements', 'content'] as const;

function indexEntry(resource: FhirResource): Record<string, unknown> {
  const fields = new Map<string, unknown>(Object.entries(resource));
  const known = INDEXED.flatMap((name) => (typeof fields.get(name) === 'string' ? [[name, fields.get(name)]] : []));
  return { filename: fileName(resource), ...Object.fromEntries(known) };
}

const fileName = (resource: FhirResource): string => `${resource.resourceType}-${resource.id}.json`;
