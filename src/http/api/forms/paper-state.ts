import type { FormItem } from '../../../domain/view/form-item.ts';
import type { PaperDifference, PaperState } from '../../../domain/view/paper-view.ts';
import type { OpenedForm } from '../../../pipeline/forms/open-form.ts';
import { AUTHORED, differencesOf, type PaperEntries } from '../../../pipeline/forms/paper-entry.ts';
import { answersIn } from '../../../pipeline/forms/patient-copy.ts';

/** How far the entry of a form has come, for whoever looks. */
export function stateOf(
  { form, by }: { readonly form: OpenedForm; readonly by: string },
  items: readonly FormItem[],
  entries: PaperEntries,
): PaperState {
  const { first, second } = entries;
  if (first === undefined) return { state: 'first' };
  const firstBy = first.author?.reference ?? '';
  if (second === undefined) return { state: 'second', firstBy, mayEnter: firstBy !== by };
  return { state: 'differs', differences: differencesIn(form, items, entries) };
}

/** Each difference in words, for whoever decides. */
export function differencesIn(
  form: OpenedForm,
  items: readonly FormItem[],
  entries: PaperEntries,
): readonly PaperDifference[] {
  const { first, second } = entries;
  const said = (which: typeof first) =>
    new Map(answersIn(items, which?.item ?? []).map((it) => [it.linkId, it] as const));
  const [a, b] = [said(first), said(second)];
  const differ = differencesOf(form, entries).map((linkId): PaperDifference => {
    const [one, two] = [a.get(linkId), b.get(linkId)];
    return {
      linkId,
      question: one?.question ?? two?.question ?? linkId,
      ...(one?.answer === undefined ? {} : { first: one.answer }),
      ...(two?.answer === undefined ? {} : { second: two.answer }),
    };
  });
  if (first?.authored === second?.authored) return differ;
  const dates = {
    ...(first?.authored === undefined ? {} : { first: first.authored }),
    ...(second?.authored === undefined ? {} : { second: second.authored }),
  };
  return [...differ, { linkId: AUTHORED, question: AUTHORED, ...dates }];
}
