import { answerKey } from '../../../domain/view/answer-key.ts';
import type { CrisisView, DangerAnswers } from '../../../domain/view/form-view.ts';
import type { Items } from '../render/answers.ts';

/** The crisis text where one of these answers asks for it: known here, so that nobody waits for a server to see it. */
export function dangerIn(danger: DangerAnswers | undefined, items: Items): CrisisView | undefined {
  if (danger === undefined) return undefined;
  const keys = new Map(danger.answers.map((it) => [it.linkId, new Set(it.keys)]));
  const isIn = (some: Items): boolean =>
    some.some(
      ({ linkId, answer = [], item = [] }) =>
        answer.some((it) => keys.get(linkId)?.has(answerKey(it)) === true || isIn(it.item ?? [])) || isIn(item),
    );
  return isIn(items) ? { text: danger.text, contacts: [] } : undefined;
}
