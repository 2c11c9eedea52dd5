import type { QuestionnaireItem, QuestionnaireResponseItem } from 'fhir/r4.js';
import { hasValue, isEnabled } from '../../../domain/enable-when.ts';
import type { FormItem } from '../../../domain/view/form-item.ts';
import { type Answer, answersTo, type Items, itemsAt, type Place, scopesAt, timesOf } from './answers.ts';

/** False for an answer that was begun and says nothing yet. */
export const isGiven = (answer: Answer): boolean => hasValue(answer) && answer.valueString !== '';

/** Whether the answers given so far switch an item on. The same rule as the server's. */
export function isShown(item: FormItem, items: Items, place: Place): boolean {
  if (item.enableWhen === undefined || item.enableWhen.length === 0) return true;
  const asked: QuestionnaireItem = {
    linkId: item.linkId,
    type: 'string',
    enableWhen: [...item.enableWhen],
    ...(item.enableBehavior === undefined ? {} : { enableBehavior: item.enableBehavior }),
  };
  return isEnabled(asked, scopesAt(items, place));
}

/** A question where it stands: below which groups and answers. */
export interface Asked {
  readonly item: FormItem;
  readonly place: Place;
}

/** How often a group is asked: once at least. */
export const groupsOf = (item: FormItem, items: Items, place: Place): number =>
  item.repeats === true ? Math.max(1, timesOf(itemsAt(items, place), item.linkId)) : 1;

/** Every question that is asked now, in order, however nested: what is switched off is not in it. */
export function askedNow(form: readonly FormItem[], items: Items, place: Place = []): readonly Asked[] {
  return form.flatMap((item): readonly Asked[] => {
    if (item.type === 'display' || !isShown(item, items, place)) return [];
    if (item.type === 'group')
      return Array.from({ length: groupsOf(item, items, place) }, (_, index) =>
        askedNow(item.items ?? [], items, [...place, { linkId: item.linkId, kind: 'group', index }]),
      ).flat();
    const below = answersTo(itemsAt(items, place), item.linkId).flatMap((_, index) =>
      askedNow(item.items ?? [], items, [...place, { linkId: item.linkId, kind: 'question', index }]),
    );
    return [{ item, place }, ...below];
  });
}

/**
 * What is handed in: the form's order, only what is switched on and answered. Switching off one question can switch off
 * another that depends on it, so it is done until nothing changes.
 */
export function handedIn(form: readonly FormItem[], items: Items): QuestionnaireResponseItem[] {
  let now = pruned(form, items, items, []);
  for (let before = ''; before !== JSON.stringify(now); ) {
    before = JSON.stringify(now);
    now = pruned(form, now, now, []);
  }
  return now;
}

function pruned(form: readonly FormItem[], here: Items, all: Items, place: Place): QuestionnaireResponseItem[] {
  return form.flatMap((item): QuestionnaireResponseItem[] => {
    if (item.type === 'display' || !isShown(item, all, place)) return [];
    const own = here.filter((it) => it.linkId === item.linkId);
    if (item.type === 'group')
      return own.flatMap((it, index) => {
        const inside = pruned(item.items ?? [], it.item ?? [], all, [
          ...place,
          { linkId: item.linkId, kind: 'group', index },
        ]);
        return inside.length === 0 ? [] : [{ linkId: item.linkId, item: inside }];
      });
    const answer = own
      .flatMap((it) => it.answer ?? [])
      .map((it, index) => withBelow(item, it, all, [...place, { linkId: item.linkId, kind: 'question', index }]))
      .filter(isGiven);
    return answer.length === 0 ? [] : [{ linkId: item.linkId, answer }];
  });
}

function withBelow(item: FormItem, { item: below, ...value }: Answer, all: Items, place: Place): Answer {
  const inside = pruned(item.items ?? [], below ?? [], all, place);
  return inside.length === 0 ? value : { ...value, item: inside };
}
