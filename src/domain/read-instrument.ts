import type { Extension, Questionnaire, QuestionnaireItem } from 'fhir/r4.js';
import { codeSystem, structureDefinition } from './canonicals.ts';
import type { Instrument, Rater, RatingUse, ScoredItem, ScoringKey } from './instrument.ts';

const INSTRUMENT = structureDefinition('instrument');
const SCORING_KEY = structureDefinition('scoring-key');
const WEIGHTS: ReadonlySet<string> = new Set([
  'http://hl7.org/fhir/StructureDefinition/itemWeight',
  'http://hl7.org/fhir/StructureDefinition/ordinalValue',
]);
const MIN = 'http://hl7.org/fhir/StructureDefinition/minValue';
const MAX = 'http://hl7.org/fhir/StructureDefinition/maxValue';

type Extended = { readonly extension?: readonly Extension[] | undefined };

const extensionOf = (it: Extended, url: string): Extension | undefined => it.extension?.find((ext) => ext.url === url);
const parts = (it: Extended, url: string): Extension[] => (it.extension ?? []).filter((ext) => ext.url === url);

function one(it: Extension, url: string, place: string): Extension {
  const found = extensionOf(it, url);
  if (found === undefined) throw new TypeError(`${place} lacks ${url}.`);
  return found;
}

const numberOf = (it: Extension, url: string, place: string): number => {
  const { valueInteger, valueDecimal } = one(it, url, place);
  const value = valueInteger ?? valueDecimal;
  if (value === undefined) throw new TypeError(`${url} of ${place} is no number.`);
  return value;
};

/** Every item of a Questionnaire, groups opened. */
function* itemsOf(items: readonly QuestionnaireItem[] | undefined): Iterable<QuestionnaireItem> {
  for (const item of items ?? []) {
    yield item;
    yield* itemsOf(item.item);
  }
}

/**
 * The instrument that a Questionnaire declares: who rates, how ratings count, its items with their weights, and its
 * keys. `undefined` where it declares none: a form that is stored and never scored.
 * @throws TypeError naming the place where a declaration is incomplete.
 */
export function readInstrument(questionnaire: Questionnaire): Instrument | undefined {
  const declared = extensionOf(questionnaire, INSTRUMENT);
  const all = [...itemsOf(questionnaire.item)];
  const keys = all.flatMap((item) => keyOf(item) ?? []);
  if (declared === undefined || keys.length === 0) return undefined;
  const { id, url, version } = questionnaire;
  if (id === undefined || url === undefined || version === undefined)
    throw new TypeError('An instrument has an id, a url and a version.');
  const linkIds = new Set(keys.flatMap((key) => key.items.map((item) => item.linkId)));
  const total = all.find((item) => keyOf(item)?.measure === 'total');
  return {
    id,
    url,
    version,
    rater: oneOf(one(declared, 'rater', id).valueCode, ['patient', 'therapist'] satisfies Rater[], 'rater'),
    use: oneOf(one(declared, 'use', id).valueCode, ['study', 'series'] satisfies RatingUse[], 'use'),
    alliance: one(declared, 'alliance', id).valueBoolean ?? false,
    subject: questionnaire.subjectType?.[0] === 'Practitioner' ? 'Practitioner' : 'Patient',
    items: all.filter((item) => linkIds.has(item.linkId)).map(scoredItem),
    keys,
    totalCodes: (total?.code ?? []).flatMap((it) =>
      it.system === codeSystem('measure') || it.system === undefined || it.code === undefined
        ? []
        : [{ system: it.system, code: it.code, ...(it.display === undefined ? {} : { display: it.display }) }],
    ),
    keyConfirmed: false,
  };
}

function oneOf<T extends string>(value: string | undefined, allowed: readonly T[], place: string): T {
  const found = allowed.find((it) => it === value);
  if (found === undefined) throw new TypeError(`${place} is ${value ?? 'absent'}, not one of ${allowed.join(', ')}.`);
  return found;
}

function keyOf(item: QuestionnaireItem): ScoringKey | undefined {
  const declared = extensionOf(item, SCORING_KEY);
  if (declared === undefined) return undefined;
  const place = `The key of ${item.linkId}`;
  const texts = (url: string): string[] => parts(declared, url).flatMap((it) => it.valueString ?? it.valueCode ?? []);
  const reversed = new Set(texts('reversed'));
  const stray = [...reversed].find((linkId) => !texts('item').includes(linkId));
  if (stray !== undefined) throw new TypeError(`${place} reverses ${stray}, which it does not count.`);
  return {
    linkId: item.linkId,
    measure: one(declared, 'measure', place).valueCode ?? '',
    items: texts('item').map((linkId) => ({ linkId, reversed: reversed.has(linkId) })),
    parts: texts('part'),
    minimumAnswered: numberOf(declared, 'minimum-answered', place),
    prorated: one(declared, 'prorated', place).valueBoolean ?? false,
    offset: numberOf(declared, 'offset', place),
    multiplier: numberOf(declared, 'multiplier', place),
    low: numberOf(declared, 'low', place),
    high: numberOf(declared, 'high', place),
  };
}

/** The raw value of an option. Either extension may carry it; a server or a tool may have renamed one into the other. */
function weightOf(option: Extended, place: string): number {
  const stated = (option.extension ?? []).filter((it) => WEIGHTS.has(it.url)).flatMap((it) => it.valueDecimal ?? []);
  const [weight] = stated;
  if (weight === undefined) throw new TypeError(`${place} has no weight.`);
  if (stated.some((it) => it !== weight)) throw new TypeError(`${place} has two weights that differ.`);
  return weight;
}

/** The raw values an item can have: the weights of its options, or the bounds of its number. */
function scoredItem(item: QuestionnaireItem): ScoredItem {
  const { linkId } = item;
  const weights = new Map<string, number>();
  for (const { valueCoding } of item.answerOption ?? []) {
    if (valueCoding?.code === undefined) throw new TypeError(`An option of ${linkId} has no code.`);
    const option = `${valueCoding.system ?? ''}|${valueCoding.code}`;
    if (weights.has(option)) throw new TypeError(`${linkId} offers ${option} twice.`);
    weights.set(option, weightOf(valueCoding, `The option ${option} of ${linkId}`));
  }
  if (weights.size > 0)
    return { linkId, low: Math.min(...weights.values()), high: Math.max(...weights.values()), weights };
  const [low, high] = [extensionOf(item, MIN)?.valueInteger, extensionOf(item, MAX)?.valueInteger];
  if (low === undefined || high === undefined)
    throw new TypeError(`${linkId} is scored and has neither weighted options nor bounds.`);
  return { linkId, low, high };
}
