import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { FhirResource, OperationOutcome, OperationOutcomeIssue, StructureDefinition } from 'fhir/r4.js';
import { buildMavenProject } from '../hapi/rig/maven.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const PROJECT = join(ROOT, 'tests', 'java', 'judge');
const SHIPPED = [join(ROOT, 'profiles'), join(ROOT, 'questionnaires')];

export type Issue = OperationOutcomeIssue;

/** What the judge is told besides the resources. */
export interface Asked {
  /** Folders or files with profiles, terminology, Questionnaires or packages, beside what Vincle ships. */
  readonly content?: readonly string[];
  /** False: only `content` is known, nothing of what the tree ships. */
  readonly shipped?: false;
  /** Canonicals that every resource is held to, beside its own `meta.profile`. */
  readonly profiles?: readonly string[];
}

/**
 * What the HL7 validator says of each resource, in the order given, with Vincle's own content known to it. One start
 * of Java for all of them (some 6 s), so hand over many at once. Builds the Java program where it is missing or older
 * than its sources.
 *
 * @returns for each resource its issues; none where it is in order
 * @throws where Java or Maven is missing, with how to get it
 */
export async function judge(resources: readonly FhirResource[], asked: Asked = {}): Promise<Issue[][]> {
  const profiles = (asked.profiles ?? []).flatMap((canonical) => ['--profile', canonical]);
  const lines = await run([...profiles, ...contentOptions(asked)], resources);
  return lines.map((line) => {
    const outcome: OperationOutcome = JSON.parse(line);
    return outcome.issue.filter((issue) => issue.diagnostics !== 'No issues detected during validation');
  });
}

/** The same profiles with the snapshots that HAPI generates for them. */
export async function withSnapshots(definitions: readonly StructureDefinition[]): Promise<StructureDefinition[]> {
  const lines = await run(['--snapshots', ...contentOptions({})], definitions);
  return lines.map((line) => JSON.parse(line));
}

/** The issues that refuse a resource, as lines that name the resource and the element. */
export function errorLines(resources: readonly FhirResource[], verdicts: readonly Issue[][]): string[] {
  return resources.flatMap((resource, index) =>
    (verdicts[index] ?? [])
      .filter((issue) => issue.severity === 'error' || issue.severity === 'fatal')
      .map(
        (issue) => `${nameOf(resource)} ${issue.expression?.[0] ?? issue.location?.[0] ?? ''}: ${issue.diagnostics}`,
      ),
  );
}

const nameOf = (resource: FhirResource): string => `${resource.resourceType}/${resource.id ?? '(no id)'}`;

const contentOptions = (asked: Asked): string[] =>
  [...(asked.shipped === false ? [] : SHIPPED), ...(asked.content ?? [])].flatMap((place) => ['--content', place]);

async function run(options: readonly string[], resources: readonly FhirResource[]): Promise<string[]> {
  if (resources.length === 0) return [];
  const classPath = await build();
  const java = spawn('java', ['-Xmx1200m', '-XX:+UseSerialGC', '-cp', classPath, 'vincle.judge.Judge', ...options]);
  const failed = new Promise<never>((_, reject) => java.once('error', (cause) => reject(explained(cause))));
  const input = resources.map((resource) => `${JSON.stringify(resource)}\n`).join('');
  // A judge that ends early closes its stdin: what it said on stderr is the reason, not the broken pipe.
  java.stdin.on('error', () => {});
  java.stdin.end(input);
  const [out, err] = await Promise.race([Promise.all([text(java.stdout), text(java.stderr)]), failed]);
  const lines = out.split('\n').filter((line) => line !== '');
  if (lines.length !== resources.length) {
    throw new Error(`the judge answered ${lines.length} of ${resources.length} resources:\n${err}`);
  }
  return lines;
}

async function build(): Promise<string> {
  try {
    return await buildMavenProject(PROJECT);
  } catch (cause) {
    throw explained(cause);
  }
}

/** Says which program is missing and how to get it; any other failure stays what it is. */
function explained(cause: unknown): Error {
  if (!(cause instanceof Error)) return new Error(String(cause));
  const { code, path } = cause as NodeJS.ErrnoException;
  if (code !== 'ENOENT') return cause;
  const packages = path === 'mvn' ? 'maven' : 'default-jdk-headless';
  return new Error(
    `The judge (the HL7 validator) needs ${path}, which this machine does not have. ` +
      `Debian or Ubuntu: sudo apt-get update && sudo apt-get install -y ${packages}`,
    { cause },
  );
}
