import type { Patient, QuestionnaireItem, QuestionnaireResponse, Task } from 'fhir/r4.js';
import { withoutAbsent } from '../../domain/page/alliance-page.ts';
import { recordNumberOf } from '../../domain/page/patient-page.ts';
import type { Words } from '../../domain/protocol.ts';
import { byIds, escaped } from '../../domain/queries.ts';
import { idOf, literal, typeOf } from '../../domain/reference.ts';
import type { DueForm, FormsView } from '../../domain/view/form-view.ts';
import { ask, resourcesOf } from '../by-subject.ts';
import { nameOf } from '../person-of-launch.ts';
import { type Answerer, canonicalOfTask, isPast, tasksWaiting } from './form-tasks.ts';
import { wordedIn } from './form-words.ts';
import type { FormsPorts } from './forms-ports.ts';
import { identifierOf, type OpenedForm, questionnaireOf } from './open-form.ts';
import { isHidden } from './render-form.ts';
import { readingOf, untilOf } from './view-form.ts';

/** Questions to a minute, for a person who is tired. */
const A_MINUTE = 5;

/** Every form that waits with a person: a patient’s own, or a therapist’s round over all patients. Never a score. */
export async function dueForms(ports: FormsPorts, who: Answerer, nowMs: number): Promise<FormsView> {
  const { baseUrl } = ports.context.settings;
  const tasks = await tasksWaiting(ports.asPerson, who, nowMs, baseUrl);
  const isTherapist = typeOf(who.user) !== 'Patient';
  const subjects = [...new Set(tasks.flatMap((it) => literal(it.for, baseUrl) ?? []))];
  const patients = isTherapist ? subjects.filter((it) => typeOf(it) === 'Patient') : [];
  const identifiers = tasks.map((it) => identifierOf(it.id ?? '', who));
  const [drafted, named] = await ask(ports.asPerson, [
    ...(tasks.length === 0
      ? []
      : [
          {
            type: 'QuestionnaireResponse' as const,
            params: [
              ...(isTherapist && who.patient === undefined
                ? []
                : [['subject', escaped(who.patient ?? who.user)] as const]),
              ['identifier', identifiers.map((it) => `${escaped(it.system)}|${it.value}`).join(',')] as const,
              ['status', 'in-progress'] as const,
              ['_count', '1000'] as const,
            ],
          },
        ]),
    ...(patients.length === 0 ? [] : [byIds('Patient', patients.map(idOf))]),
  ]);
  const drafts = new Map(resourcesOf(drafted, 'QuestionnaireResponse').map((it) => [it.identifier?.value ?? '', it]));
  const people = new Map(resourcesOf(named, 'Patient').map((it) => [`Patient/${it.id}`, it]));
  const forms: DueForm[] = [];
  for (const task of tasks) {
    const found = await questionnaireOf(ports, canonicalOfTask(task) ?? '');
    if (!('questionnaire' in found)) continue;
    const subject = literal(task.for, baseUrl) ?? '';
    const opened: OpenedForm = {
      ...found,
      task,
      taskId: task.id ?? '',
      subject,
      owner: who.user,
      identifier: identifierOf(task.id ?? '', who),
    };
    const person = people.get(subject);
    forms.push({
      ...dueForm(ports, opened, drafts.get(opened.identifier.value), nowMs),
      ...(person === undefined ? {} : { about: aboutOf(person) }),
    });
  }
  const { contact } = ports.context.content.reading;
  return {
    rater: isTherapist ? 'therapist' : 'patient',
    forms,
    ...(contact === undefined ? {} : { contact }),
    asOf: new Date(nowMs).toISOString(),
  };
}

const aboutOf = (patient: Patient): NonNullable<DueForm['about']> =>
  withoutAbsent({
    patientId: patient.id ?? '',
    name: nameOf(patient.name) ?? '',
    recordNumber: recordNumberOf(patient.identifier),
  });

function dueForm(
  ports: FormsPorts,
  form: OpenedForm,
  draft: QuestionnaireResponse | undefined,
  nowMs: number,
): DueForm {
  const { questionnaire, instrument, task } = form;
  const questions = countOf(questionnaire.item);
  const until = untilOf(form, ports.context.settings.timeZone);
  const hidden = new Set((questionnaire.item ?? []).filter(isHidden).map((it) => it.linkId));
  return {
    taskId: form.taskId,
    title: titleOf(form),
    ...(instrument === undefined ? {} : { instrument: instrument.id }),
    questions,
    minutes: Math.max(1, Math.ceil(questions / A_MINUTE)),
    ...(until === undefined ? {} : { until }),
    isOverdue: isOverdue(task, nowMs),
    answered: answeredIn((draft?.item ?? []).filter((it) => !hidden.has(it.linkId))),
    reading: readingOf(ports.context, form),
  };
}

const isOverdue = (task: Task, nowMs: number): boolean => isPast(task, nowMs);

/** The form’s name in three languages; its own language stands in where a translation is missing. */
export function titleOf({ questionnaire }: Pick<OpenedForm, 'questionnaire'>): Words {
  const { title, _title, name, language } = questionnaire;
  const said = (one: 'en' | 'es' | 'ca'): string => wordedIn(title ?? name ?? '', _title, language, one)?.text ?? '';
  return { en: said('en'), es: said('es'), ca: said('ca') };
}

const countOf = (items: readonly QuestionnaireItem[] | undefined): number =>
  (items ?? []).reduce(
    (sum, it) => (isHidden(it) || it.type === 'display' ? sum : sum + (it.type === 'group' ? 0 : 1) + countOf(it.item)),
    0,
  );

const answeredIn = (items: QuestionnaireResponse['item']): number =>
  (items ?? []).reduce(
    (sum, it) =>
      sum +
      ((it.answer?.length ?? 0) > 0 ? 1 : 0) +
      answeredIn(it.item) +
      (it.answer ?? []).reduce((inner, one) => inner + answeredIn(one.item), 0),
    0,
  );
