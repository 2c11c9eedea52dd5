import type { QuestionnaireItem } from 'fhir/r4.js';
import { type Schema, type SchemaSource, valueSchemas } from './answer-schema.ts';

/** linkId, position of its schema in `itemsByLinkId`, and whether it may stand more than once. */
export type LinkIdEntry = readonly [linkId: string, schema: number, repeats: boolean];

/**
 * JSON Schema of the responses to one Questionnaire. Items that are alike share one definition, so twelve items of the
 * same answers cost one compiled function; `itemsByLinkId` (ajv-keywords.ts) sends each item to its definition.
 */
export function responseSchema(source: SchemaSource): Schema {
  const definitions = new Definitions();
  const item = itemList(source.questionnaire.item ?? [], { ...source, definitions });
  return {
    type: 'object',
    properties: { resourceType: { type: 'string', const: 'QuestionnaireResponse' }, modifierExtension: false, item },
    required: ['resourceType'],
    $defs: definitions.all(),
  };
}

interface Building extends SchemaSource {
  readonly definitions: Definitions;
}

/** Schemas by their text: the same text is the same definition. */
class Definitions {
  readonly #names = new Map<string, string>();

  reference(schema: Schema): string {
    const text = JSON.stringify(schema);
    const name = this.#names.get(text) ?? `d${this.#names.size}`;
    this.#names.set(text, name);
    return `#/$defs/${name}`;
  }

  all(): Schema {
    return Object.fromEntries([...this.#names].map(([text, name]) => [name, JSON.parse(text) as Schema]));
  }
}

function itemList(items: readonly QuestionnaireItem[], building: Building): Schema {
  const references: string[] = [];
  const linkIds = items.map((item): LinkIdEntry => {
    const reference = building.definitions.reference(itemSchema(item, building));
    if (!references.includes(reference)) references.push(reference);
    return [item.linkId, references.indexOf(reference), item.type === 'group' && item.repeats === true];
  });
  return { type: 'array', linkIds, itemsByLinkId: references.map(($ref) => ({ $ref })) };
}

function itemSchema(item: QuestionnaireItem, building: Building): Schema {
  const children = item.item ?? [];
  const below = children.length === 0 ? false : itemList(children, building);
  const answer = item.type === 'group' || item.type === 'display' ? false : answerList(item, below, building);
  const own = item.type === 'group' ? below : false;
  return { type: 'object', properties: { answer, item: own, modifierExtension: false } };
}

function answerList(item: QuestionnaireItem, below: Schema | false, building: Building): Schema {
  const values = valueSchemas(item, building);
  const names = Object.keys(values);
  const primitive = Object.fromEntries(names.map((name) => [`_${name}`, true]));
  const answer = {
    type: 'object',
    properties: { ...values, ...primitive, id: true, extension: true, item: below },
    additionalProperties: false,
    ...(names.length > 1 ? { oneValue: names } : {}),
  };
  const $ref = building.definitions.reference(answer);
  return { type: 'array', ...occurrences(item), items: { $ref } };
}

/** A question that does not repeat has one answer; one that does has as many as its publisher allows. */
function occurrences(item: QuestionnaireItem): Schema {
  if (item.repeats !== true) return { maxItems: 1 };
  const most = item.extension?.find(
    (it) => it.url === 'http://hl7.org/fhir/StructureDefinition/questionnaire-maxOccurs',
  )?.valueInteger;
  return most === undefined ? {} : { maxItems: most };
}
