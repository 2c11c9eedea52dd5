import { byIds, responsesOf } from '../../domain/queries.ts';
import { idOf, literal } from '../../domain/reference.ts';
import { questionnaireTasksOf } from '../../domain/schedule-queries.ts';
import { triggerMeasures } from '../../domain/triggered.ts';
import type { FhirServer } from '../../fhir/port.ts';
import { ask, resourcesOf } from '../by-subject.ts';
import { type PipelineContext, searchedCanonicals } from '../context.ts';
import { loadPractitioners } from '../load-records.ts';
import { loadStepRecords } from '../steps/load-step-records.ts';
import type { PersonStanding } from './plan-person.ts';
import type { TherapistStanding } from './plan-therapist.ts';

/** The persons behind these patients with what they answered and what they are asked: a constant number of requests a chunk. */
export async function loadScheduled(
  server: FhirServer,
  patients: readonly string[],
  context: PipelineContext,
): Promise<PersonStanding[]> {
  const { content, settings } = context;
  const { baseUrl } = settings;
  const records = await loadStepRecords(server, patients, {
    baseUrl,
    measures: [...new Set([content.protocol.screening.measure, ...triggerMeasures(content.protocol)])],
  });
  const aliases = [...new Set(records.flatMap((it) => it.aliases))];
  if (aliases.length === 0) return [];
  const [answered, asked] = await ask(server, [
    responsesOf(aliases, searchedCanonicals(content)),
    questionnaireTasksOf(aliases),
  ]);
  const responses = resourcesOf(answered, 'QuestionnaireResponse');
  const tasks = resourcesOf(asked, 'Task');
  return records.map((record) => {
    const own = new Set(record.aliases);
    return {
      record,
      responses: responses.filter((it) => own.has(literal(it.subject, baseUrl) ?? '')),
      tasks: tasks.filter((it) => own.has(literal(it.for, baseUrl) ?? '')),
    };
  });
}

/** These therapists with what they answered and are asked about the platform, and whether they still treat anybody in the programme. */
export async function loadTherapists(
  server: FhirServer,
  therapists: readonly string[],
  context: PipelineContext,
): Promise<TherapistStanding[]> {
  if (therapists.length === 0) return [];
  const { records, roles } = await loadPractitioners(server, therapists, context);
  const [asked, people] = await ask(server, [
    questionnaireTasksOf(therapists),
    byIds('Practitioner', therapists.map(idOf)),
  ]);
  const tasks = resourcesOf(asked, 'Task');
  const active = new Set(
    resourcesOf(people, 'Practitioner').flatMap((it) => (it.active === false ? [] : [`Practitioner/${it.id}`])),
  );
  return records.map((record) => ({
    record,
    roles,
    tasks: tasks.filter((it) => literal(it.for, context.settings.baseUrl) === record.subject),
    active: active.has(record.subject),
  }));
}
