import type { Extension, Questionnaire, QuestionnaireItem } from 'fhir/r4.js';
import { codeSystem, structureDefinition } from '../domain/canonicals.ts';
import type { Instrument, ScoredItem, ScoringKey } from '../domain/instrument.ts';
import { optionsOf, type Terminology } from './answer-options.ts';

const INSTRUMENT = structureDefinition('instrument');
const KEY = structureDefinition('scoring-key');
const EXT = 'http://hl7.org/fhir/StructureDefinition/';

/**
 * The instrument that a Questionnaire declares, by its `instrument` and `scoring-key` extensions; `undefined` where it
 * declares none. Throws an Error with a sentence where a declaration is incomplete.
 */
export function readInstrument(questionnaire: Questionnaire, terminology: Terminology): Instrument | undefined {
  const declared = questionnaire.extension?.find((it) => it.url === INSTRUMENT);
  if (declared === undefined) return undefined;
  const part = (name: string) => declared.extension?.find((it) => it.url === name);
  const [rater, use] = [part('rater')?.valueCode, part('use')?.valueCode];
  if (rater !== 'patient' && rater !== 'therapist') throw new Error('The instrument names no rater.');
  if (use !== 'study' && use !== 'series') throw new Error('The instrument does not say how its ratings count.');
  const items = flatten(questionnaire.item ?? []);
  const keys = items.flatMap(keyOf);
  const scored = new Set(keys.flatMap((key) => key.items.map((it) => it.linkId)));
  return {
    id: must(questionnaire.id, 'The Questionnaire has no id.'),
    url: must(questionnaire.url, 'The Questionnaire has no url.'),
    version: must(questionnaire.version, 'The Questionnaire has no version.'),
    rater,
    use,
    alliance: part('alliance')?.valueBoolean === true,
    subject: questionnaire.subjectType?.[0] === 'Practitioner' ? 'Practitioner' : 'Patient',
    items: items.filter((it) => scored.has(it.linkId)).map((it) => scoredItem(it, questionnaire, terminology)),
    keys,
    totalCodes: totalCodes(items, keys),
    keyConfirmed: false,
  };
}

const flatten = (items: readonly QuestionnaireItem[]): QuestionnaireItem[] =>
  items.flatMap((it) => [it, ...flatten(it.item ?? [])]);

function must<T>(value: T | undefined, sentence: string): T {
  if (value === undefined) throw new Error(sentence);
  return value;
}

function keyOf(item: QuestionnaireItem): ScoringKey[] {
  const key = item.extension?.find((it) => it.url === KEY);
  if (key === undefined) return [];
  const all = (name: string): readonly Extension[] => (key.extension ?? []).filter((it) => it.url === name);
  const number = (name: string): number =>
    must(all(name)[0]?.valueDecimal ?? all(name)[0]?.valueInteger, `The key of ${item.linkId} has no ${name}.`);
  const reversed = new Set(all('reversed').map((it) => it.valueString));
  return [
    {
      linkId: item.linkId,
      measure: must(all('measure')[0]?.valueCode, `The key of ${item.linkId} names no measure.`),
      items: all('item').flatMap(({ valueString }) =>
        valueString === undefined ? [] : [{ linkId: valueString, reversed: reversed.has(valueString) }],
      ),
      parts: all('part').flatMap((it) => it.valueCode ?? []),
      minimumAnswered: number('minimum-answered'),
      prorated: all('prorated')[0]?.valueBoolean === true,
      offset: number('offset'),
      multiplier: number('multiplier'),
      low: number('low'),
      high: number('high'),
    },
  ];
}

function scoredItem(item: QuestionnaireItem, questionnaire: Questionnaire, terminology: Terminology): ScoredItem {
  const { linkId } = item;
  if (item.type === 'integer' || item.type === 'decimal') {
    const bound = (name: string): number => {
      const found = item.extension?.find((it) => it.url === `${EXT}${name}`);
      return must(found?.valueInteger ?? found?.valueDecimal, `Item ${linkId} has no ${name}.`);
    };
    return { linkId, low: bound('minValue'), high: bound('maxValue') };
  }
  const options = must(optionsOf(item, questionnaire, terminology), `Item ${linkId} offers no answers.`);
  const weights = new Map<string, number>();
  for (const option of options) {
    if (option.kind !== 'Coding') throw new Error(`Item ${linkId} offers an answer that is no coding.`);
    weights.set(
      `${option.system ?? ''}|${option.code}`,
      must(option.weight, `An answer of item ${linkId} has no weight, or two that differ.`),
    );
  }
  const values = [...weights.values()];
  return { linkId, low: Math.min(...values), high: Math.max(...values), weights };
}

/** Codes of the total in other code systems than Vincle's own. */
function totalCodes(items: readonly QuestionnaireItem[], keys: readonly ScoringKey[]): Instrument['totalCodes'] {
  const linkId = keys.find((it) => it.measure === 'total')?.linkId;
  const codes = items.find((it) => it.linkId === linkId)?.code ?? [];
  return codes.flatMap(({ system, code, display }) =>
    system === undefined || code === undefined || system === codeSystem('measure')
      ? []
      : [{ system, code, display: display ?? '' }],
  );
}
