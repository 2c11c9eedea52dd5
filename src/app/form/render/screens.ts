import type { FormItem } from '../../../domain/view/form-item.ts';
import { type Answer, answersTo, type Items, itemsAt, type Place, placeKey } from './answers.ts';
import { type Asked, askedNow, groupsOf, isGiven, isShown } from './enabled.ts';

/** One screen of a form asked a question at a time: the question, and what was said above it for all that follow. */
export interface Screen extends Asked {
  /** Instructions and headings of the groups that it stands in, outermost first. */
  readonly above: readonly FormItem[];
}

/** The screens of a form as the answers have it now. */
export function screensOf(
  form: readonly FormItem[],
  items: Items,
  place: Place = [],
  above: readonly FormItem[] = [],
): readonly Screen[] {
  let said = above;
  return form.flatMap((item): readonly Screen[] => {
    if (!isShown(item, items, place)) return [];
    if (item.type === 'display') {
      said = [...said, item];
      return [];
    }
    if (item.type === 'group')
      return Array.from({ length: groupsOf(item, items, place) }, (_, index) =>
        screensOf(item.items ?? [], items, [...place, { linkId: item.linkId, kind: 'group', index }], [...said, item]),
      ).flat();
    const below = answersTo(itemsAt(items, place), item.linkId).flatMap((_, index) =>
      screensOf(item.items ?? [], items, [...place, { linkId: item.linkId, kind: 'question', index }], said),
    );
    return [{ item, place, above: said }, ...below];
  });
}

/** A screen's own name, the same as long as the question is asked: it stands in the page's address. */
export const screenKey = ({ item, place }: Asked): string =>
  place.length === 0 ? item.linkId : `${placeKey(place)}~${item.linkId}`;

/** The answers to a question that say something. */
export const givenTo = (items: Items, { item, place }: Asked): readonly Answer[] =>
  answersTo(itemsAt(items, place), item.linkId).filter(isGiven);

/** How many questions are asked now, and how many of them are answered. */
export function countOf(
  form: readonly FormItem[],
  items: Items,
): { readonly asked: number; readonly answered: number } {
  const asked = askedNow(form, items);
  const answered = asked.filter(({ item, place }) => givenTo(items, { item, place }).length > 0);
  return { asked: asked.length, answered: answered.length };
}
