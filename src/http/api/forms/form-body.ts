import type { QuestionnaireResponseItem } from 'fhir/r4.js';
import type { FormLanguage } from '../../../domain/view/form-view.ts';
import { refusal } from '../../refusal.ts';

/** What the pages send, read as far as it is not checked by the form itself. */
export interface SentAnswers {
  readonly items: readonly QuestionnaireResponseItem[];
  readonly language: FormLanguage;
  readonly version: string | undefined;
  readonly key: string;
}

const LANGUAGES: readonly FormLanguage[] = ['en', 'es', 'ca'];
const KEY = /^[A-Za-z0-9-]{8,64}$/;
const VERSION = /^[A-Za-z0-9\-.]{1,64}$/;

/** The language that a query names; English where it names none of the programme. */
export const languageAsked = (value: unknown): FormLanguage => LANGUAGES.find((it) => it === value) ?? 'en';

const valueIn = (body: unknown, name: string): unknown =>
  typeof body === 'object' && body !== null ? Object.getOwnPropertyDescriptor(body, name)?.value : undefined;

const DEEPEST = 24;
const MOST = 5_000;

/** As far as the form’s own check relies on it: lists of items with a linkId and of answers, not too deep. */
function areItems(it: unknown, depth: number): it is readonly QuestionnaireResponseItem[] {
  if (!Array.isArray(it) || depth > DEEPEST || it.length > MOST) return false;
  return it.every((item: unknown) => {
    const [below, answer] = [valueIn(item, 'item'), valueIn(item, 'answer')];
    return (
      typeof valueIn(item, 'linkId') === 'string' &&
      (below === undefined || areItems(below, depth + 1)) &&
      (answer === undefined || areAnswers(answer, depth))
    );
  });
}

const areAnswers = (it: unknown, depth: number): boolean =>
  Array.isArray(it) &&
  it.length <= MOST &&
  it.every((answer: unknown) => {
    if (typeof answer !== 'object' || answer === null) return false;
    const below = valueIn(answer, 'item');
    return below === undefined || areItems(below, depth + 1);
  });

/** @throws Refusal 400 where it is no list of answers, 422 where one of them is no item */
export function readAnswers(body: unknown, needsKey: boolean): SentAnswers {
  const language = LANGUAGES.find((it) => it === valueIn(body, 'language'));
  const [items, version, key] = [valueIn(body, 'items'), valueIn(body, 'version'), valueIn(body, 'key')];
  if (!Array.isArray(items) || language === undefined)
    throw refusal(400, 'structure', 'malformed-request', 'The body has items, and a language of the programme.');
  if (version !== undefined && !(typeof version === 'string' && VERSION.test(version)))
    throw refusal(400, 'value', 'malformed-request', 'The version is as it was read.');
  if (needsKey && !(typeof key === 'string' && KEY.test(key)))
    throw refusal(400, 'required', 'key-missing', 'A response is sent with a key, so that twice is once.');
  if (!areItems(items, 0)) throw refusal(422, 'structure', 'malformed-items', 'The items are no answers.');
  return { items: items, language, version, key: typeof key === 'string' ? key : '' };
}
