import type { QuestionnaireResponse, Task } from 'fhir/r4.js';
import { TASK_CODE } from '../domain/review-task.ts';
import { answersAt, type InstrumentId, itemsOf } from '../embedded/cohort/answers.ts';
import { identifierOf, SYNTHETIC } from '../embedded/cohort/marks.ts';
import { randomOf } from '../embedded/cohort/random.ts';
import { ratedTherapist } from '../embedded/cohort/response.ts';
import type { FhirServer } from '../fhir/port.ts';
import { CHANCES } from './options.ts';
import type { SimulatedPatient, World } from './world.ts';

const FORMS: ReadonlySet<string> = new Set([
  'wai-s-p',
  'wai-s-t',
  'sus',
  'vas-app',
  'distress-thermometer',
  'phq-4',
  'phq-9',
  'gad-7',
  'hads',
]);
const isForm = (id: string): id is InstrumentId => FORMS.has(id);

/** The questionnaire Tasks that can be answered now. */
export async function openTasks(server: FhirServer, world: World): Promise<Task[]> {
  const found: Task[] = [];
  const params = [
    ['code', `${TASK_CODE}|questionnaire`],
    ['status', 'ready,in-progress'],
    ['_count', '500'],
  ] as const;
  for await (const page of server.search({ type: 'Task', params })) found.push(...page.resources);
  return found.filter((it) => world.people.has(it.for?.reference ?? ''));
}

export interface Answering {
  readonly seed: number;
  readonly tick: number;
  readonly nowMs: number;
  /** Start of the simulation: chance goes by the days since, whatever the date. */
  readonly startMs: number;
}

const DAY_MS = 86_400_000;
/** Whole days since the start of the simulation. */
export const daysSince = (startMs: number, atMs: number): number => Math.round((atMs - startMs) / DAY_MS);

/** Who answers which of the Tasks at this tick, and what: patients from how they are, therapists from how it goes. */
export function answersTo(tasks: readonly Task[], world: World, at: Answering): QuestionnaireResponse[] {
  return tasks.flatMap((task) => {
    const person = world.people.get(task.for?.reference ?? '');
    return person === undefined || person.gone !== undefined ? [] : (answered(task, person, at) ?? []);
  });
}

const MINUTE = 60_000;

function answered(
  task: Task,
  person: SimulatedPatient,
  { seed, tick, nowMs, startMs }: Answering,
): QuestionnaireResponse | undefined {
  const form = task.input?.[0]?.valueCanonical?.split('|')[0]?.split('/').at(-1) ?? '';
  const opened = Date.parse(task.restriction?.period?.start ?? '');
  // By who and when, never by id: the same seed gives the same course on every server.
  const random = randomOf(seed, 'answer', person.who.index, form, daysSince(startMs, opened), tick);
  const byTherapist = form === 'wai-s-t';
  if (!isForm(form) || !random.chance(byTherapist ? CHANCES.therapistAnswers : CHANCES.answers)) return undefined;
  const id = `a${task.id}`.slice(0, 64);
  const authored = Math.max(opened + MINUTE, nowMs - random.integer(5, 600) * MINUTE);
  const therapist = task.focus?.reference ?? person.therapist;
  const visit = ['m3', 'm6', 'm12'].find((it) => task.groupIdentifier?.value?.includes(it)) ?? 'baseline';
  // What the cohort lets fade by visit is told here by the simulated course.
  const now = { ...person.who, distress: person.distress };
  return {
    resourceType: 'QuestionnaireResponse',
    id,
    meta: SYNTHETIC,
    language: person.who.language,
    identifier: identifierOf(id),
    questionnaire: task.input?.[0]?.valueCanonical ?? '',
    status: 'completed',
    subject: { reference: person.reference },
    authored: new Date(authored).toISOString(),
    source: { reference: byTherapist ? therapist : person.reference },
    item: [
      ...(form === 'wai-s-p' ? [ratedTherapist(therapist)] : []),
      ...itemsOf(form, answersAt(random, now, form, form.startsWith('wai') ? visit : 'baseline')),
    ],
  };
}

/** An answer given again: the patient had misread the form. */
export function amended(
  response: QuestionnaireResponse,
  person: SimulatedPatient,
  at: Answering,
): QuestionnaireResponse {
  const form = response.questionnaire?.split('|')[0]?.split('/').at(-1) ?? '';
  if (!isForm(form)) return response;
  const random = randomOf(at.seed, 'amend', person.who.index, form, at.tick);
  const kept = (response.item ?? []).filter((it) => it.linkId === 'rated-therapist');
  const items = itemsOf(form, answersAt(random, { ...person.who, distress: person.distress }, form, 'm3'));
  return { ...response, status: 'amended', item: [...kept, ...items] };
}
