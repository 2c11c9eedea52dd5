import type { Questionnaire, QuestionnaireItem, QuestionnaireResponse, QuestionnaireResponseItem } from 'fhir/r4.js';
import { hasValue, isEnabled, type Scopes } from '../domain/enable-when.ts';
import type { Issue } from '../domain/outcome.ts';
import { whereLinkId } from './questionnaire-tree.ts';
import { issueAt, MAX_ISSUES } from './response-issues.ts';

const MIN_OCCURS = 'http://hl7.org/fhir/StructureDefinition/questionnaire-minOccurs';

/** True where a schema alone cannot say all: some item depends on another answer, or must be answered. */
export const hasLogic = (items: readonly QuestionnaireItem[]): boolean =>
  items.some((it) => (it.enableWhen?.length ?? 0) > 0 || least(it) > 0 || hasLogic(it.item ?? []));

/** How many answers or groups the publisher asks for at least. */
function least(item: QuestionnaireItem): number {
  const minimum = item.extension?.find((it) => it.url === MIN_OCCURS)?.valueInteger ?? 1;
  return item.required === true ? Math.max(1, minimum) : 0;
}

/**
 * What depends on more than one place: an answer to an item that is not enabled is an error (SDC: "only enabled items
 * SHALL be present"); a required item that is enabled and unanswered is a warning, because a missing answer never refuses.
 */
export function logicIssues(questionnaire: Questionnaire, response: QuestionnaireResponse): readonly Issue[] {
  const issues: Issue[] = [];
  check(questionnaire.item ?? [], { items: response.item ?? [], scopes: [], path: 'QuestionnaireResponse', issues });
  return issues;
}

interface Place {
  readonly items: readonly QuestionnaireResponseItem[];
  readonly scopes: Scopes;
  readonly path: string;
  readonly issues: Issue[];
}

function check(asked: readonly QuestionnaireItem[], { items, scopes, path, issues }: Place): void {
  const byLinkId = new Map<string, QuestionnaireResponseItem[]>();
  for (const item of items) {
    const same = byLinkId.get(item.linkId);
    if (same === undefined) byLinkId.set(item.linkId, [item]);
    else same.push(item);
  }
  const around: Scopes = [items, ...scopes];
  for (const question of asked) {
    if (issues.length >= MAX_ISSUES) return;
    const given = byLinkId.get(question.linkId) ?? [];
    const here = `${path}.item.where(${whereLinkId(question.linkId)})`;
    if (!isEnabled(question, around)) {
      if (given.some((it) => isAnswered(it))) issues.push(issueAt('not-enabled', here, 'error', DISABLED));
      continue;
    }
    const count =
      question.type === 'group'
        ? given.length
        : given.reduce((sum, it) => sum + (it.answer?.filter(hasValue).length ?? 0), 0);
    if (count < least(question)) issues.push(issueAt('required-missing', here, 'warning', REQUIRED));
    given.forEach((it, index) => {
      below(question, it, { scopes: around, path: index === 0 ? here : `${here}[${index}]`, issues });
    });
  }
}

const DISABLED = 'The question is answered although the other answers switch it off.';
const REQUIRED = 'The publisher of the questionnaire requires an answer here, and there is none.';

function below(question: QuestionnaireItem, item: QuestionnaireResponseItem, place: Omit<Place, 'items'>): void {
  const asked = question.item;
  if (asked === undefined || asked.length === 0) return;
  if (question.type === 'group') {
    check(asked, { ...place, items: item.item ?? [] });
    return;
  }
  item.answer?.forEach((answer, index) => {
    check(asked, { ...place, items: answer.item ?? [], path: `${place.path}.answer[${index}]` });
  });
}

/** Whether anything was answered in or under an item. */
function isAnswered(item: QuestionnaireResponseItem, depth = 0): boolean {
  if (depth > 64) return true;
  const nested = [...(item.item ?? []), ...(item.answer ?? []).flatMap((it) => it.item ?? [])];
  return (item.answer ?? []).some(hasValue) || nested.some((it) => isAnswered(it, depth + 1));
}
