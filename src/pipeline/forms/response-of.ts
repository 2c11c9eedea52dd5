import type { Questionnaire, QuestionnaireResponse, QuestionnaireResponseItem, Reference } from 'fhir/r4.js';
import type { FormLanguage } from '../../domain/view/form-view.ts';
import type { OpenedForm } from './open-form.ts';
import { takenItems } from './taken-items.ts';

/** What is answered, as it came. */
export interface Answers {
  readonly items: readonly QuestionnaireResponseItem[];
  readonly language: FormLanguage;
}

export interface Answering {
  readonly status: 'in-progress' | 'completed';
  /** Instant. */
  readonly authored: string;
  /** Who wrote it down, where that is somebody else than who answered. */
  readonly author?: string;
}

/** The hidden item that says whose work is rated. */
const RATED = 'rated-therapist';

const asksWhom = ({ item }: Questionnaire): boolean => (item ?? []).some((it) => it.linkId === RATED);

/** The response of a Task: about whom, by whom, whose work is rated and when come from the Task, never from a browser. */
export function responseOf(
  form: OpenedForm,
  { items, language }: Answers,
  answering: Answering,
): QuestionnaireResponse {
  const { questionnaire, task } = form;
  const rated: Reference | undefined =
    task.focus?.reference?.startsWith('Practitioner') === true ? task.focus : undefined;
  const hidden: QuestionnaireResponseItem[] =
    rated?.reference !== undefined && asksWhom(questionnaire)
      ? [{ linkId: RATED, answer: [{ valueReference: { reference: rated.reference } }] }]
      : [];
  const taken = takenItems(questionnaire.item ?? [], items);
  const all = inOrder(questionnaire, [...hidden, ...taken]);
  return {
    resourceType: 'QuestionnaireResponse',
    identifier: form.identifier,
    questionnaire: form.canonical,
    status: answering.status,
    language,
    subject: { reference: form.subject },
    authored: answering.authored,
    ...(answering.author === undefined ? {} : { author: { reference: answering.author } }),
    source: { reference: form.owner },
    ...(all.length === 0 ? {} : { item: all }),
  };
}

/** Items stand in the order of the Questionnaire (R4, sdcqr-2). */
function inOrder({ item }: Questionnaire, items: readonly QuestionnaireResponseItem[]): QuestionnaireResponseItem[] {
  const place = new Map((item ?? []).map((it, index) => [it.linkId, index]));
  const at = (it: QuestionnaireResponseItem): number => place.get(it.linkId) ?? Number.MAX_SAFE_INTEGER;
  return items.toSorted((a, b) => at(a) - at(b));
}
