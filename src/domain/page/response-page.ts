import type {
  Coding,
  Observation,
  Questionnaire,
  QuestionnaireItem,
  QuestionnaireResponse,
  QuestionnaireResponseItem,
  QuestionnaireResponseItemAnswer,
} from 'fhir/r4.js';
import { codeSystem } from '../canonicals.ts';
import type { Instrument } from '../instrument.ts';
import { wordsIn } from '../overview.ts';
import type { Words } from '../protocol.ts';
import type { AnswerView, ResponseView, ScoreView } from '../view/response-view.ts';
import { withoutAbsent } from './alliance-page.ts';
import { isUnconfirmed, named, type PageInput, partOf, visitOf } from './page-input.ts';

/** One response with all that its page shows. */
export interface ResponseInput {
  readonly response: QuestionnaireResponse;
  readonly instrument: Instrument;
  /** The form’s own structure, where content has it. */
  readonly questionnaire: Questionnaire | undefined;
  /** Raw answers by the instrument’s linkId. */
  readonly raw: ReadonlyMap<string, number>;
  /** What was computed from it. */
  readonly scores: readonly Observation[];
  readonly name: string;
  readonly isNeutral: boolean;
}

const same = (text: string): Words => ({ en: text, es: text, ca: text });
const HIDDEN = 'http://hl7.org/fhir/StructureDefinition/questionnaire-hidden';

/** The answers, how they were scored, and where they came from. */
export function responsePage(it: ResponseInput, input: PageInput): ResponseView {
  const { response, instrument, questionnaire } = it;
  const answers = answersOf(it);
  const score = it.scores[0];
  const visit = score === undefined ? undefined : visitOf(score);
  const rater = named(response.source ?? response.author, input);
  return {
    id: response.id ?? '',
    patient: { id: input.look.record.patient?.id ?? '', name: it.name },
    form: {
      title: questionnaire === undefined ? same(instrument.id) : titleOf(questionnaire),
      canonical: response.questionnaire ?? '',
      wording: it.isNeutral ? 'neutral' : 'free',
    },
    rater: { kind: instrument.rater, ...(rater === undefined ? {} : { person: rater }) },
    authored: response.authored ?? '',
    status: response.status,
    answers,
    answered: it.raw.size,
    scores: scoresOf(it, input),
    ...withoutAbsent({
      visit: visit === undefined ? undefined : input.say(codeSystem('visit'), visit),
      language: response.language,
      notCounted: score?.meta?.tag?.some((one) => one.code === 'not-counted') ? true : undefined,
      keyUnconfirmed: score !== undefined && isUnconfirmed(score) ? true : undefined,
    }),
    origin: withoutAbsent({
      enteredBy: response.author?.reference === response.source?.reference ? undefined : named(response.author, input),
      source: response.meta?.source,
      receivedAt: response.meta?.lastUpdated,
      scoredAt: score?.issued ?? score?.meta?.lastUpdated,
      method: score?.method?.text ?? score?.method?.coding?.[0]?.display,
    }),
  };
}

/** What a form is called. */
export const titleOf = (questionnaire: Questionnaire): Words =>
  wordsIn(questionnaire.title, questionnaire._title) ?? same(questionnaire.id ?? '');

const isHidden = (item: QuestionnaireItem): boolean =>
  item.extension?.some((one) => one.url === HIDDEN && one.valueBoolean === true) ?? false;

/** Every question in the order of the form; one that was not answered is there without an answer. */
function answersOf(it: ResponseInput): readonly AnswerView[] {
  const given = new Map<string, readonly QuestionnaireResponseItemAnswer[]>();
  const collect = (items: readonly QuestionnaireResponseItem[] | undefined): void => {
    for (const item of items ?? []) {
      given.set(item.linkId, item.answer ?? []);
      collect(item.item);
      for (const answer of item.answer ?? []) collect(answer.item);
    }
  };
  collect(it.response.item);
  const questions: QuestionnaireItem[] = [];
  const walk = (items: readonly QuestionnaireItem[] | undefined): void => {
    for (const item of items ?? []) {
      if (item.type !== 'group' && item.type !== 'display' && !isHidden(item)) questions.push(item);
      walk(item.item);
    }
  };
  walk(it.questionnaire?.item);
  return questions.map((item) => answerView(item, given.get(item.linkId) ?? [], it));
}

function answerView(
  item: QuestionnaireItem,
  answers: readonly QuestionnaireResponseItemAnswer[],
  { instrument, raw }: ResponseInput,
): AnswerView {
  const keyed = instrument.keys.flatMap((key) => key.items);
  const scored = instrument.items.find((one) => one.linkId === item.linkId);
  const value = raw.get(item.linkId);
  // A total may be put together from parts: what is reversed in any of them counts so.
  const reversed = keyed.some((one) => one.linkId === item.linkId && one.reversed);
  const weight =
    value === undefined || scored === undefined ? undefined : reversed ? scored.low + scored.high - value : value;
  return {
    linkId: item.linkId,
    question: wordsIn(item.text, item._text) ?? same(item.linkId),
    ...withoutAbsent({
      answer: answers.length === 0 ? undefined : answerWords(answers, item),
      weight,
      reversed: reversed ? true : undefined,
    }),
  };
}

function answerWords(answers: readonly QuestionnaireResponseItemAnswer[], item: QuestionnaireItem): Words {
  const all = answers.map((answer): Words => {
    if (answer.valueCoding !== undefined) return optionWords(answer.valueCoding, item);
    const value =
      answer.valueInteger ??
      answer.valueDecimal ??
      answer.valueQuantity?.value ??
      answer.valueString ??
      answer.valueDate ??
      answer.valueDateTime ??
      answer.valueBoolean;
    return same(value === undefined ? '' : String(value));
  });
  const join = (language: keyof Words) => all.map((it) => it[language]).join(', ');
  return { en: join('en'), es: join('es'), ca: join('ca') };
}

function optionWords(coding: Coding, item: QuestionnaireItem): Words {
  const option = item.answerOption?.find(
    (one) => one.valueCoding?.code === coding.code && one.valueCoding?.system === coding.system,
  )?.valueCoding;
  return wordsIn(option?.display, option?._display) ?? same(coding.display ?? coding.code ?? '');
}

function scoresOf({ scores, instrument }: ResponseInput, input: PageInput): readonly ScoreView[] {
  const [score] = scores;
  if (score === undefined) return [];
  return instrument.keys.map((key): ScoreView => {
    const isTotal = key.measure === 'total';
    const value = isTotal ? score.valueQuantity?.value : partOf(score, key.measure)?.valueQuantity?.value;
    return {
      measure: key.measure,
      title: input.say(codeSystem('measure'), isTotal ? instrument.id : key.measure),
      score:
        value === undefined
          ? { state: 'missing', why: 'no-score' }
          : { state: 'shown', value, low: key.low, high: key.high },
    };
  });
}
