import { responsesOf } from '../../domain/queries.ts';
import { literal } from '../../domain/reference.ts';
import { questionnaireTasksOf } from '../../domain/schedule-queries.ts';
import type { FhirServer } from '../../fhir/port.ts';
import { ask, resourcesOf } from '../by-subject.ts';
import { type PipelineContext, searchedCanonicals } from '../context.ts';
import { loadStepRecords } from '../steps/load-step-records.ts';
import type { PersonStanding } from './plan-person.ts';

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
    measures: [content.protocol.screening.measure],
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
