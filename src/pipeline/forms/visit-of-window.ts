import type { Task } from 'fhir/r4.js';
import { wordsOf } from '../../content/words.ts';
import { codeSystem } from '../../domain/canonicals.ts';
import { groupNamed, urlOf } from '../../domain/occasion.ts';
import type { Words } from '../../domain/protocol.ts';
import { TASK_GROUP } from '../../domain/questionnaire-task.ts';
import { literal } from '../../domain/reference.ts';
import type { PipelineContext } from '../context.ts';

/** The visit that a Task asks for, told by the identity of its window; `undefined` of an interval. */
export function visitOfWindow({ content, settings }: PipelineContext, task: Task): string | undefined {
  const group = task.groupIdentifier?.system === TASK_GROUP ? task.groupIdentifier.value : undefined;
  const patient = literal(task.for, settings.baseUrl);
  const url = urlOf(task.instantiatesUri ?? '');
  if (group === undefined || patient === undefined) return undefined;
  for (const schedule of content.protocol.schedules.filter((it) => urlOf(it.canonical) === url))
    for (const { timing, instrument, rater } of schedule.forms) {
      if (timing.kind !== 'visit') continue;
      const named = { patient, schedule: url, course: '', instrument, rater, key: timing.visit };
      if (groupNamed(named) === group) return timing.visit;
    }
  return undefined;
}

/** Names of visits as content has them. */
export const visitLabels = ({ content }: PipelineContext): ((visit: string) => Words | undefined) => {
  const words = wordsOf(content.resources);
  return (visit) => {
    const said = (language: 'en' | 'es' | 'ca') => words(codeSystem('visit'), visit, language);
    const en = said('en');
    return en === undefined ? undefined : { en, es: said('es') ?? en, ca: said('ca') ?? en };
  };
};
