import type { FhirResource } from 'fhir/r4.js';
import type { Protocol } from '../../domain/protocol.ts';
import { changedDeciding, DECIDING_TYPES, type Query, steppedCarePlans } from '../../domain/queries.ts';
import { literal, typeOf } from '../../domain/reference.ts';
import { changedMeasures, changedStaff, decideTasksOwnedBy } from '../../domain/step-queries.ts';
import type { FhirServer, Page, ResourceType, Search } from '../../fhir/port.ts';
import { ask, resourcesOf } from '../by-subject.ts';
import type { Since } from '../find-changed.ts';
import { subjectOf } from '../gathering.ts';

/** Whom a run has to look at, and how far the server had come when it was asked. */
export interface StepChanges {
  /** `Patient/…` */
  readonly subjects: ReadonlySet<string>;
  readonly watermark: string | undefined;
  readonly seen: readonly string[];
}

/** Codes of the derived Observations that the protocol reads. */
export const measuresRead = ({ rules, screening }: Protocol): string[] => [
  ...new Set([screening.measure, ...rules.flatMap((it) => it.when.map((one) => one.measure))]),
];

const OVERLAP_KEPT = (it: FhirResource): string =>
  `${it.resourceType}/${it.id}|${it.meta?.versionId ?? it.meta?.lastUpdated ?? ''}`;

/** Who changed since an earlier run: one batch of searches, however many patients there are. */
export async function findStepChanges(
  server: FhirServer,
  since: Since,
  overlapMs: number,
  protocol: Protocol,
  baseUrl: string,
): Promise<StepChanges> {
  const from = new Date(Date.parse(since.watermark) - overlapMs).toISOString();
  const queries: Query<ResourceType>[] = [
    changedMeasures(measuresRead(protocol), from),
    ...DECIDING_TYPES.map((it) => changedDeciding(it, from)),
    changedStaff('Practitioner', from),
    changedStaff('PractitionerRole', from),
  ];
  const pages = await ask(server, queries);
  const watermark = pages[0]?.serverTime;
  const subjects = new Set<string>();
  const staff = new Set<string>();
  const seen: string[] = [];
  for (const it of pages.flatMap((page) => fresh(page, { since, from, watermark, overlapMs }, seen))) {
    if (it.resourceType === 'Practitioner') staff.add(`Practitioner/${it.id}`);
    else if (it.resourceType === 'PractitionerRole') add(staff, literal(it.practitioner, baseUrl), 'Practitioner');
    else add(subjects, literal(it.resourceType === 'Observation' ? it.subject : subjectOf(it), baseUrl), 'Patient');
  }
  if (staff.size > 0) {
    const [tasks] = await ask(server, [decideTasksOwnedBy([...staff])]);
    for (const it of resourcesOf(tasks, 'Task')) add(subjects, literal(it.for, baseUrl), 'Patient');
  }
  return { subjects, watermark, seen };
}

function add(to: Set<string>, reference: string | undefined, type: string): void {
  if (reference !== undefined && typeOf(reference) === type) to.add(reference);
}

interface Window {
  readonly since: Since;
  readonly from: string;
  readonly watermark: string | undefined;
  readonly overlapMs: number;
}

/** What no earlier run has seen; what the next one will ask for again is remembered. */
function fresh(page: Page, { since, from, watermark, overlapMs }: Window, seen: string[]): FhirResource[] {
  return page.resources.filter((it) => {
    const version = OVERLAP_KEPT(it);
    const updated = Date.parse(it.meta?.lastUpdated ?? '');
    if (Number.isNaN(updated) || watermark === undefined || updated >= Date.parse(watermark) - overlapMs)
      seen.push(version);
    return !(updated < Date.parse(from)) && !since.seen.has(version);
  });
}

/** Everybody who ever had a stepped-care CarePlan, a page at a time. */
export async function findAllStepped(server: FhirServer, baseUrl: string): Promise<StepChanges> {
  const subjects = new Set<string>();
  let watermark: string | undefined;
  for await (const page of server.search(steppedCarePlans() as Search<'CarePlan'>)) {
    watermark ??= page.serverTime;
    for (const it of page.resources) add(subjects, literal(it.subject, baseUrl), 'Patient');
  }
  return { subjects, watermark, seen: [] };
}
