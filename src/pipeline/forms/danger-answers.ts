import { answerKey } from '../../domain/view/answer-key.ts';
import type { FormItem } from '../../domain/view/form-item.ts';
import type { DangerAnswers } from '../../domain/view/form-view.ts';
import { crisisOn } from '../safety/advice.ts';
import { instrumentsOf } from '../safety/detect-signs.ts';
import type { FormsPorts } from './forms-ports.ts';
import type { OpenedForm } from './open-form.ts';

const withOptions = (items: readonly FormItem[]): readonly FormItem[] =>
  items.flatMap((it) => [...(it.options === undefined ? [] : [it]), ...withOptions(it.items ?? [])]);

/**
 * The answers of a shipped form to which the crisis text belongs, each asked of the safety path itself, so that the page
 * shows the text at once, whatever has become of the network and of the hospital’s server. `undefined` where there are none.
 */
export async function dangerAnswers(
  ports: FormsPorts,
  { instrument, questionnaire, canonical }: OpenedForm,
  items: readonly FormItem[],
  nowMs: number,
): Promise<DangerAnswers | undefined> {
  const text = ports.safety?.crisis?.words;
  const asks = instrument !== undefined && instrumentsOf(ports.context.content.protocol.safety).has(instrument.id);
  if (text === undefined || !asks || instrument.url !== questionnaire.url) return undefined;
  const answers: { linkId: string; keys: string[] }[] = [];
  for (const { linkId, options = [] } of withOptions(items)) {
    const keys: string[] = [];
    for (const { value } of options) {
      const item = [{ linkId, answer: [value] }];
      const response = {
        resourceType: 'QuestionnaireResponse',
        status: 'in-progress',
        questionnaire: canonical,
        item,
      } as const;
      const said = await crisisOn(ports, { ...response, item }, nowMs);
      if (said !== undefined) keys.push(answerKey(value));
    }
    if (keys.length > 0) answers.push({ linkId, keys });
  }
  return answers.length === 0 ? undefined : { text, answers };
}
