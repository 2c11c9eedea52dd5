import type { CommunicationRequest, FhirResource, Reference } from 'fhir/r4.js';
import {
  changedDeciding,
  changedResponses,
  DECIDING_TYPES,
  episodesOfType,
  participants,
  type Query,
  steppedCarePlans,
} from '../../domain/queries.ts';
import { literal, typeOf } from '../../domain/reference.ts';
import { isOwnRequest } from '../../domain/reminder.ts';
import {
  activeReminders,
  changedQuestionnaireTasks,
  openQuestionnaireTasks,
  questionnaireTasksOwnedBy,
} from '../../domain/schedule-queries.ts';
import { changedMeasures, changedStaff } from '../../domain/step-queries.ts';
import { triggerMeasures } from '../../domain/triggered.ts';
import type { FhirServer, Page, ResourceType, Search } from '../../fhir/port.ts';
import { ask, resourcesOf } from '../by-subject.ts';
import { type PipelineContext, searchedCanonicals } from '../context.ts';
import type { Since } from '../find-changed.ts';
import { subjectOf } from '../gathering.ts';

/** Whom a run has to look at, which reminders were begun and not finished, and how far the server had come. */
export interface ScheduleChanges {
  /** `Patient/…` */
  readonly patients: ReadonlySet<string>;
  /** `Practitioner/…` who answered about the platform, whose Task was changed, or who changed themselves. */
  readonly staff: ReadonlySet<string>;
  readonly begun: readonly CommunicationRequest[];
  readonly watermark: string | undefined;
  readonly seen: readonly string[];
}

export const versionOf = (it: FhirResource): string =>
  `${it.resourceType}/${it.id}|${it.meta?.versionId ?? it.meta?.lastUpdated ?? ''}`;

/** Who changed since an earlier run: one batch of searches, however many patients there are. */
export async function findScheduleChanges(
  server: FhirServer,
  since: Since,
  overlapMs: number,
  context: PipelineContext,
): Promise<ScheduleChanges> {
  const { baseUrl } = context.settings;
  const from = new Date(Date.parse(since.watermark) - overlapMs).toISOString();
  const triggers = triggerMeasures(context.content.protocol);
  const queries: Query<ResourceType>[] = [
    changedResponses(searchedCanonicals(context.content), from),
    ...DECIDING_TYPES.map((it) => changedDeciding(it, from)),
    changedQuestionnaireTasks(from),
    // The answer may be scored after this job has seen it.
    ...(triggers.length === 0 ? [] : [changedMeasures(triggers, from)]),
    changedStaff('Practitioner', from),
    changedStaff('PractitionerRole', from),
  ];
  const [begun, ...pages] = await ask(server, [activeReminders(), ...queries]);
  const watermark = pages[0]?.serverTime;
  const patients = new Set<string>();
  const staff = new Set<string>();
  const seen: string[] = [];
  for (const it of pages.flatMap((page) => fresh(page, { since, from, watermark, overlapMs }, seen))) {
    if (it.resourceType === 'Practitioner') staff.add(`Practitioner/${it.id}`);
    else if (it.resourceType === 'PractitionerRole') add(staff, literal(it.practitioner, baseUrl), 'Practitioner');
    else {
      add(patients, literal(aboutWhom(it), baseUrl), 'Patient');
      add(staff, literal(aboutWhom(it), baseUrl), 'Practitioner');
    }
  }
  if (staff.size > 0) {
    const [tasks] = await ask(server, [questionnaireTasksOwnedBy([...staff])]);
    for (const it of resourcesOf(tasks, 'Task')) add(patients, literal(it.for, baseUrl), 'Patient');
  }
  return { patients, staff, begun: resourcesOf(begun, 'CommunicationRequest').filter(isOwnRequest), watermark, seen };
}

const aboutWhom = (it: FhirResource): Reference | undefined => {
  if (it.resourceType === 'QuestionnaireResponse' || it.resourceType === 'Observation') return it.subject;
  return it.resourceType === 'Task' ? it.for : subjectOf(it);
};

function add(to: Set<string>, reference: string | undefined, type: string): void {
  if (reference !== undefined && typeOf(reference) === type) to.add(reference);
}

interface Asked {
  readonly since: Since;
  readonly from: string;
  readonly watermark: string | undefined;
  readonly overlapMs: number;
}

/** What no earlier run has seen; what the next one will ask for again is remembered. */
function fresh(page: Page, { since, from, watermark, overlapMs }: Asked, seen: string[]): FhirResource[] {
  return page.resources.filter((it) => {
    const version = versionOf(it);
    const updated = Date.parse(it.meta?.lastUpdated ?? '');
    if (Number.isNaN(updated) || watermark === undefined || updated >= Date.parse(watermark) - overlapMs)
      seen.push(version);
    return !(updated < Date.parse(from)) && !since.seen.has(version);
  });
}

/** Everybody in the programme, and whoever still has an open questionnaire Task; a page at a time. */
export async function findAllScheduled(server: FhirServer, context: PipelineContext): Promise<ScheduleChanges> {
  const { study, episodeType, baseUrl } = context.settings;
  const patients = new Set<string>();
  const staff = new Set<string>();
  let watermark: string | undefined;
  const queries: Query<ResourceType>[] = [
    ...(study === undefined ? [] : [participants(study)]),
    ...(episodeType === undefined ? [] : [episodesOfType(episodeType)]),
    steppedCarePlans(),
    openQuestionnaireTasks(),
  ];
  for (const query of queries)
    for await (const page of server.search(query as Search)) {
      watermark ??= page.serverTime;
      for (const it of page.resources) {
        add(patients, literal(aboutWhom(it), baseUrl), 'Patient');
        add(staff, literal(aboutWhom(it), baseUrl), 'Practitioner');
      }
    }
  const [begun] = await ask(server, [activeReminders()]);
  return {
    patients,
    staff,
    begun: resourcesOf(begun, 'CommunicationRequest').filter(isOwnRequest),
    watermark,
    seen: [],
  };
}
