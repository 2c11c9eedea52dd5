import type { Extension, Questionnaire, QuestionnaireItem } from 'fhir/r4.js';
import { isUnvalidated, type Wording } from '../../content/wording.ts';
import type { FormItem, FormItemType } from '../../domain/view/form-item.ts';
import type { FormLanguage, FormView } from '../../domain/view/form-view.ts';
import { formOptions, type OptionSource } from './form-options.ts';
import { wordedIn } from './form-words.ts';

/** A Questionnaire as it is shown in one language. */
export type Rendered = Pick<
  FormView,
  'title' | 'language' | 'asked' | 'isFallback' | 'wording' | 'rights' | 'isUnvalidated' | 'items'
>;

export interface RenderParts {
  readonly questionnaire: Questionnaire;
  readonly asked: FormLanguage;
  /** Words of the instrument as they were found for that language. */
  readonly wording: Wording | undefined;
  /** ValueSets and CodeSystems at hand. */
  readonly resources: OptionSource['resources'];
}

const FHIR = 'http://hl7.org/fhir/StructureDefinition/';
/** The item that says on a form’s face that its licensed words are missing. */
const NOTICE = 'wording-notice';
const TYPES: ReadonlySet<string> = new Set<FormItemType>([
  'group',
  'display',
  'choice',
  'open-choice',
  'boolean',
  'integer',
  'decimal',
  'quantity',
  'string',
  'text',
  'url',
  'date',
  'dateTime',
  'time',
]);

const extension = (item: QuestionnaireItem, name: string): Extension | undefined =>
  item.extension?.find((it) => it.url === `${FHIR}${name}`);

/** Scores, and whose work is rated: never shown, and never taken from a browser. */
export const isHidden = (item: QuestionnaireItem): boolean =>
  extension(item, 'questionnaire-hidden')?.valueBoolean === true;

const controlOf = (item: QuestionnaireItem): string | undefined =>
  extension(item, 'questionnaire-itemControl')?.valueCodeableConcept?.coding?.[0]?.code;

/** linkIds of what no page of Vincle can show, of items that are not hidden. */
export function unsupportedItems(items: readonly QuestionnaireItem[] | undefined): readonly string[] {
  return (items ?? []).flatMap((it) =>
    isHidden(it) ? [] : [...(TYPES.has(it.type) ? [] : [it.linkId]), ...unsupportedItems(it.item)],
  );
}

const isFormItemType = (type: string): type is FormItemType => TYPES.has(type);

interface Rendering extends OptionSource {
  readonly texts: Readonly<Record<string, unknown>>;
  /** Set where any text is not in the language asked for. */
  missed: boolean;
}

const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const languageOf = (tag: string | undefined): FormLanguage =>
  (['en', 'es', 'ca'] as const).find((it) => it === tag?.toLowerCase().split('-')[0]) ?? 'en';

/** The form from the Questionnaire alone, worded as well as the site can. Licensed wording is in it: an authorized form. */
export function renderForm({ questionnaire, asked, wording, resources }: RenderParts): Rendered {
  const { json } = wording ?? {};
  const language = wording === undefined ? asked : languageOf(wording.language);
  const at: Rendering = {
    questionnaire,
    resources,
    language,
    words: record(json?.options),
    texts: record(json?.items),
    missed: false,
  };
  const items = itemsOf(questionnaire.item, at);
  const neutral = wording === undefined && (questionnaire.item ?? []).some((it) => it.linkId === NOTICE);
  const shown = wording === undefined && at.missed ? languageOf(questionnaire.language) : language;
  const title = text(json?.title) ?? say(questionnaire.title, questionnaire._title, at) ?? '';
  const rights = text(wording?.rights) ?? questionnaire.copyright;
  return {
    title,
    language: shown,
    asked,
    isFallback: shown !== asked,
    wording: wording?.licensed === true ? 'licensed' : neutral ? 'neutral' : 'own',
    ...(rights === undefined ? {} : { rights }),
    ...(wording !== undefined && isUnvalidated(wording) ? { isUnvalidated: true } : {}),
    items: withInstructions(items, text(json?.instructions)),
  };
}

function withInstructions(items: readonly FormItem[], said: string | undefined): readonly FormItem[] {
  if (said === undefined) return items;
  if (items.some((it) => it.linkId === 'instructions'))
    return items.map((it) => (it.linkId === 'instructions' ? { ...it, text: said } : it));
  return [{ linkId: 'instructions', type: 'display', text: said }, ...items];
}

function say(value: string | undefined, element: Parameters<typeof wordedIn>[1], at: Rendering): string | undefined {
  const worded = wordedIn(value, element, at.questionnaire.language, at.language);
  if (worded !== undefined && !worded.isAsked) at.missed = true;
  return worded?.text;
}

const itemsOf = (items: readonly QuestionnaireItem[] | undefined, at: Rendering): readonly FormItem[] =>
  (items ?? []).flatMap((it) => itemOf(it, at));

const HELP: ReadonlySet<string> = new Set(['help', 'flyover', 'prompt', 'unit']);
const END: ReadonlySet<string> = new Set(['lower', 'upper']);
const labels = (it: QuestionnaireItem): boolean =>
  it.type === 'display' && (HELP.has(controlOf(it) ?? '') || END.has(controlOf(it) ?? ''));

function itemOf(item: QuestionnaireItem, at: Rendering): FormItem[] {
  if (isHidden(item) || item.linkId === NOTICE || !isFormItemType(item.type)) return [];
  const below = item.item ?? [];
  const help = below.filter((it) => labels(it) && HELP.has(controlOf(it) ?? '')).flatMap((it) => textOf(it, at) ?? []);
  const inside = itemsOf(
    below.filter((it) => !labels(it)),
    at,
  );
  const said = textOf(item, at);
  const options = item.type === 'choice' || item.type === 'open-choice' ? formOptions(item, at) : undefined;
  return [
    {
      linkId: item.linkId,
      type: item.type,
      ...(item.prefix === undefined ? {} : { prefix: item.prefix }),
      ...(said === undefined ? {} : { text: said }),
      ...(help.length === 0 ? {} : { help: help.join('\n') }),
      ...(item.repeats === true ? { repeats: true } : {}),
      ...(item.required === true ? { required: true } : {}),
      ...(item.readOnly === true ? { readOnly: true } : {}),
      ...(item.maxLength === undefined ? {} : { maxLength: item.maxLength }),
      ...boundsOf(item, below, at),
      ...(options === undefined ? {} : { options }),
      ...(item.enableWhen === undefined ? {} : { enableWhen: item.enableWhen }),
      ...(item.enableBehavior === undefined ? {} : { enableBehavior: item.enableBehavior }),
      ...(inside.length === 0 ? {} : { items: inside }),
    },
  ];
}

const textOf = (item: QuestionnaireItem, at: Rendering): string | undefined =>
  text(at.texts[item.linkId]) ?? say(item.text, item._text, at);

function bound(it: Extension | undefined): number | string | undefined {
  return it?.valueInteger ?? it?.valueDecimal ?? it?.valueDate ?? it?.valueDateTime ?? it?.valueTime;
}

/** A line with its ends, or the bounds of a number or a date. */
function boundsOf(
  item: QuestionnaireItem,
  below: readonly QuestionnaireItem[],
  at: Rendering,
): Pick<FormItem, 'slider' | 'min' | 'max' | 'unit'> {
  const [min, max] = [bound(extension(item, 'minValue')), bound(extension(item, 'maxValue'))];
  const unit = extension(item, 'questionnaire-unit')?.valueCoding;
  const bounds = {
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(unit === undefined ? {} : { unit }),
  };
  if (controlOf(item) !== 'slider' || typeof min !== 'number' || typeof max !== 'number') return bounds;
  const end = (which: string): string | undefined => {
    const found = below.find((it) => controlOf(it) === which);
    return found === undefined ? undefined : textOf(found, at);
  };
  const [lowLabel, highLabel] = [end('lower'), end('upper')];
  return {
    slider: {
      low: min,
      high: max,
      step: extension(item, 'questionnaire-sliderStepValue')?.valueInteger ?? 1,
      ...(lowLabel === undefined ? {} : { lowLabel }),
      ...(highLabel === undefined ? {} : { highLabel }),
    },
  };
}
