import type { QuestionnaireItem, QuestionnaireResponseItem, QuestionnaireResponseItemAnswer } from 'fhir/r4.js';
import { hasValue, isEnabled, type Scopes } from '../../domain/enable-when.ts';
import { isHidden } from './render-form.ts';

type Given = readonly QuestionnaireResponseItem[];

/**
 * What is taken of the answers that came from a browser: in the form’s order, only what is asked, switched on and not
 * hidden. A score or whose work is rated is never taken from there. An unknown linkId is kept at its end, so that the
 * form’s own check refuses it in words.
 */
export function takenItems(form: readonly QuestionnaireItem[], given: Given): QuestionnaireResponseItem[] {
  let now = [...given];
  for (let before = ''; before !== JSON.stringify(now); ) {
    before = JSON.stringify(now);
    now = taken(form, now, [now]);
  }
  return now;
}

function taken(form: readonly QuestionnaireItem[], given: Given, scopes: Scopes): QuestionnaireResponseItem[] {
  const known = new Set(form.map((it) => it.linkId));
  const asked = form.flatMap((item): QuestionnaireResponseItem[] => {
    if (isHidden(item) || item.readOnly === true || item.type === 'display' || !isEnabled(item, scopes)) return [];
    const own = given.filter((it) => it.linkId === item.linkId);
    if (item.type === 'group')
      return own.flatMap((it) => {
        const inside = taken(item.item ?? [], it.item ?? [], [it.item ?? [], ...scopes]);
        return inside.length === 0 ? [] : [{ linkId: item.linkId, item: inside }];
      });
    const answer = own.flatMap((it) => it.answer ?? []).flatMap((it) => answerOf(item, it, scopes));
    return answer.length === 0 ? [] : [{ linkId: item.linkId, answer }];
  });
  return [...asked, ...given.filter((it) => !known.has(it.linkId))];
}

function answerOf(
  item: QuestionnaireItem,
  { item: below, ...value }: QuestionnaireResponseItemAnswer,
  scopes: Scopes,
): QuestionnaireResponseItemAnswer[] {
  if (!hasValue(value) || value.valueString === '') return [];
  const inside = taken(item.item ?? [], below ?? [], [below ?? [], ...scopes]);
  return [inside.length === 0 ? value : { ...value, item: inside }];
}
