import type { QuestionnaireResponse, QuestionnaireResponseItem } from 'fhir/r4.js';
import { localDate } from '../../domain/instant.ts';
import { escaped } from '../../domain/queries.ts';
import type { DraftView, FormLanguage, FormView, ReadingView } from '../../domain/view/form-view.ts';
import { ask, resourcesOf } from '../by-subject.ts';
import type { PipelineContext } from '../context.ts';
import { dangerAnswers } from './danger-answers.ts';
import type { FormsPorts } from './forms-ports.ts';
import type { OpenedForm } from './open-form.ts';
import { isHidden, renderForm } from './render-form.ts';
import { crisisView } from './save-answers.ts';

/** Who reads it, by when, and whom to call, as the site says. */
export function readingOf({ content }: PipelineContext, form: Pick<OpenedForm, 'instrument' | 'owner'>): ReadingView {
  const { patient, alliance, therapist, byWhen, contact } = content.reading;
  const who = form.owner.startsWith('Patient/') ? (form.instrument?.alliance === true ? alliance : patient) : therapist;
  return { who, ...(byWhen === undefined ? {} : { byWhen }), ...(contact === undefined ? {} : { contact }) };
}

/** The local day on which its window ends. */
export function untilOf({ task }: Pick<OpenedForm, 'task'>, zone: string): string | undefined {
  const end = Date.parse(task.restriction?.period?.end ?? '');
  return Number.isNaN(end) ? undefined : localDate(end, zone);
}

/** What stands as a draft under the form’s identifier, asked with the person’s own token. */
export async function draftOf(ports: FormsPorts, form: OpenedForm): Promise<QuestionnaireResponse | undefined> {
  const { system, value } = form.identifier;
  const [page] = await ask(ports.asPerson, [
    {
      type: 'QuestionnaireResponse',
      params: [
        ...(form.subject.startsWith('Patient/') ? [['subject', escaped(form.subject)] as const] : []),
        ['identifier', `${escaped(system)}|${value}`],
      ],
    },
  ]);
  return resourcesOf(page, 'QuestionnaireResponse').find(
    (it) => it.status === 'in-progress' && it.identifier?.system === system && it.identifier.value === value,
  );
}

/** The form as it is shown, with the draft so far. */
export async function viewForm(
  ports: FormsPorts,
  form: OpenedForm,
  asked: FormLanguage,
  nowMs: number,
): Promise<FormView> {
  const { content, settings } = ports.context;
  const { questionnaire, instrument, resources } = form;
  const isOwn = instrument === undefined || instrument.url !== questionnaire.url;
  const wording = isOwn ? undefined : content.wording?.(instrument.id, asked);
  const rendered = renderForm({ questionnaire, asked, wording, resources });
  const standing = await draftOf(ports, form);
  const until = untilOf(form, settings.timeZone);
  const crisis = standing === undefined ? undefined : await crisisView(ports, standing, nowMs);
  const danger = await dangerAnswers(ports, form, rendered.items, nowMs);
  return {
    taskId: form.taskId,
    ...rendered,
    ...(standing === undefined ? {} : { draft: draftView(form, standing) }),
    ...(until === undefined ? {} : { until }),
    reading: readingOf(ports.context, form),
    ...(crisis === undefined ? {} : { crisis }),
    ...(danger === undefined ? {} : { danger }),
  };
}

function draftView({ questionnaire }: OpenedForm, it: QuestionnaireResponse): DraftView {
  const hidden = new Set((questionnaire.item ?? []).filter(isHidden).map((one) => one.linkId));
  const items: readonly QuestionnaireResponseItem[] = (it.item ?? []).filter((one) => !hidden.has(one.linkId));
  return { version: it.meta?.versionId ?? '', items, savedAt: it.meta?.lastUpdated ?? it.authored ?? '' };
}
