import type { QuestionnaireResponseItem, QuestionnaireResponseItemAnswer } from 'fhir/r4.js';

export type Answer = QuestionnaireResponseItemAnswer;
/** The answers of a form as a QuestionnaireResponse holds them; what is not answered is not there. */
export type Items = readonly QuestionnaireResponseItem[];

/** One step down: into the nth group of a linkId, or below the nth answer to a question. */
export interface Step {
  readonly linkId: string;
  readonly kind: 'group' | 'question';
  readonly index: number;
}
/** From the top of the form to the list of items a question stands in. */
export type Place = readonly Step[];

/** A place as a name: no two places of a form have the same. */
export const placeKey = (place: Place): string => place.map(({ linkId, index }) => `${linkId}.${index}`).join('~');

/** The items at a place; none where nothing was answered there. */
export function itemsAt(items: Items, place: Place): Items {
  return place.reduce<Items>((here, step) => below(here, step), items);
}

/** The lists of items around a place, innermost first: where the question of an `enableWhen` is looked for. */
export function scopesAt(items: Items, place: Place): readonly Items[] {
  const scopes: Items[] = [items];
  for (const step of place) scopes.unshift(below(scopes[0] ?? [], step));
  return scopes;
}

function below(items: Items, { linkId, kind, index }: Step): Items {
  if (kind === 'group') return items.filter((it) => it.linkId === linkId)[index]?.item ?? [];
  return answersTo(items, linkId)[index]?.item ?? [];
}

/** The answers to a question of a list of items, in their order. */
export const answersTo = (items: Items, linkId: string): readonly Answer[] =>
  items.find((it) => it.linkId === linkId)?.answer ?? [];

/** How often a group stands in a list of items. */
export const timesOf = (items: Items, linkId: string): number => items.filter((it) => it.linkId === linkId).length;

/** The same form with other answers to one question; none takes the question out. */
export function withAnswers(items: Items, place: Place, linkId: string, answers: readonly Answer[]): Items {
  return changedAt(items, place, (here) => {
    const others = here.filter((it) => it.linkId !== linkId);
    if (answers.length === 0) return others;
    const before = here.find((it) => it.linkId === linkId);
    return inPlace(here, { ...before, linkId, answer: [...answers] });
  });
}

/** The same form with one group more, empty, after those of its kind. */
export function withGroup(items: Items, place: Place, linkId: string): Items {
  return changedAt(items, place, (here) => {
    const last = here.findLastIndex((it) => it.linkId === linkId);
    // The first empty group is shown before anything is answered in it: the one that is asked for is the second.
    const more = last < 0 ? [{ linkId }, { linkId }] : [{ linkId }];
    const at = last < 0 ? here.length : last + 1;
    return [...here.slice(0, at), ...more, ...here.slice(at)];
  });
}

/** The same form without the nth group of a linkId. */
export function withoutGroup(items: Items, place: Place, linkId: string, index: number): Items {
  return changedAt(items, place, (here) => {
    let seen = -1;
    return here.filter((it) => {
      if (it.linkId === linkId) seen += 1;
      return it.linkId !== linkId || seen !== index;
    });
  });
}

function inPlace(here: Items, item: QuestionnaireResponseItem): Items {
  const at = here.findIndex((it) => it.linkId === item.linkId);
  return at < 0 ? [...here, item] : here.map((it, index) => (index === at ? item : it));
}

function changedAt(items: Items, place: Place, change: (here: Items) => Items): Items {
  const [step, ...rest] = place;
  if (step === undefined) return change(items);
  return step.kind === 'group' ? changedGroup(items, step, rest, change) : changedBelow(items, step, rest, change);
}

function changedGroup(items: Items, { linkId, index }: Step, rest: Place, change: (here: Items) => Items): Items {
  const own = items.flatMap((it, at) => (it.linkId === linkId ? [at] : []));
  const at = own[index];
  const changed = (it: QuestionnaireResponseItem): QuestionnaireResponseItem => ({
    ...it,
    item: [...changedAt(it.item ?? [], rest, change)],
  });
  if (at === undefined) return [...items, changed({ linkId })];
  return items.map((it, here) => (here === at ? changed(it) : it));
}

/** Below an answer that is not there, there is nothing to answer. */
function changedBelow(items: Items, { linkId, index }: Step, rest: Place, change: (here: Items) => Items): Items {
  return items.map((it) =>
    it.linkId !== linkId
      ? it
      : {
          ...it,
          answer: (it.answer ?? []).map((answer, at) =>
            at === index ? { ...answer, item: [...changedAt(answer.item ?? [], rest, change)] } : answer,
          ),
        },
  );
}
