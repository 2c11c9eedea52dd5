import type { Questionnaire, QuestionnaireItem } from 'fhir/r4.js';
import { type Option, optionsOf, type Terminology } from './answer-options.ts';

/** What a schema is made for: one Questionnaire, with the terminology at hand. */
export interface SchemaSource {
  readonly questionnaire: Questionnaire;
  readonly terminology: Terminology;
  /** True for another publisher's form: a coding without a system is judged by its code. */
  readonly systemOptional: boolean;
}

/** A JSON Schema, as ajv takes it. */
export type Schema = Readonly<Record<string, unknown>>;

const EXT = 'http://hl7.org/fhir/StructureDefinition/';
/** Regular expressions of FHIR R4 datatypes (http://hl7.org/fhir/R4/datatypes.html), without nested repetition. */
const DATE = '^[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$';
const TIME = '([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\\.[0-9]+)?';
const ZONE = '(Z|[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00))';
const DATE_TIME = `^[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01])(T${TIME}${ZONE}?)?)?)?$`;
const INT32 = 2_147_483_647;

type ItemType = QuestionnaireItem['type'];
type Limits = { readonly minimum?: number; readonly maximum?: number };

/** What one answer's value may be, by the name of its element: `{ valueInteger: {…} }`. */
export function valueSchemas(item: QuestionnaireItem, source: SchemaSource): Readonly<Record<string, Schema>> {
  const free = FREE[item.type];
  if (free !== undefined) return free(item);
  if (item.type !== 'choice' && item.type !== 'open-choice') return {};
  const options = optionsOf(item, source.questionnaire, source.terminology);
  const closed = options === undefined ? { valueCoding: { type: 'object' } } : byKind(options, source.systemOptional);
  return item.type === 'choice' ? closed : { ...closed, valueString: text(item) };
}

const FREE: Partial<Record<ItemType, (item: QuestionnaireItem) => Readonly<Record<string, Schema>>>> = {
  boolean: () => ({ valueBoolean: { type: 'boolean' } }),
  integer: (item) => ({ valueInteger: { type: 'integer', minimum: -INT32 - 1, maximum: INT32, ...limits(item) } }),
  decimal: (item) => ({ valueDecimal: { type: 'number', ...limits(item), ...decimals(item) } }),
  date: (item) => ({ valueDate: { type: 'string', pattern: DATE, ...period(item) } }),
  dateTime: (item) => ({ valueDateTime: { type: 'string', pattern: DATE_TIME, ...period(item) } }),
  time: () => ({ valueTime: { type: 'string', pattern: `^${TIME}$` } }),
  string: (item) => ({ valueString: text(item) }),
  text: (item) => ({ valueString: text(item) }),
  url: (item) => ({ valueUri: { ...text(item), pattern: '^\\S*$' } }),
  attachment: () => ({ valueAttachment: { type: 'object' } }),
  reference: () => ({ valueReference: { type: 'object' } }),
  quantity: () => ({ valueQuantity: { type: 'object', properties: { value: { type: 'number' } } } }),
};

const extensionOf = (item: QuestionnaireItem, name: string) => item.extension?.find((it) => it.url === `${EXT}${name}`);

function numberOf(item: QuestionnaireItem, name: string): number | undefined {
  const found = extensionOf(item, name);
  return found?.valueInteger ?? found?.valueDecimal;
}

function limits(item: QuestionnaireItem): Limits {
  const [minimum, maximum] = [numberOf(item, 'minValue'), numberOf(item, 'maxValue')];
  return { ...(minimum === undefined ? {} : { minimum }), ...(maximum === undefined ? {} : { maximum }) };
}

function decimals(item: QuestionnaireItem): Schema {
  const places = numberOf(item, 'maxDecimalPlaces');
  return places === undefined ? {} : { decimalPlaces: places };
}

function period(item: QuestionnaireItem): Schema {
  const at = (name: string) => extensionOf(item, name)?.valueDateTime ?? extensionOf(item, name)?.valueDate;
  const [from, to] = [at('minValue'), at('maxValue')];
  if (from === undefined && to === undefined) return {};
  return { within: { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) } };
}

function text(item: QuestionnaireItem): Schema {
  const minLength = numberOf(item, 'minLength');
  return {
    type: 'string',
    ...(minLength === undefined ? {} : { minLength }),
    ...(item.maxLength === undefined ? {} : { maxLength: item.maxLength }),
  };
}

function byKind(options: readonly Option[], systemOptional: boolean): Record<string, Schema> {
  const schemas: Record<string, Schema> = {};
  const codings = options.filter((it) => it.kind === 'Coding');
  if (codings.length > 0) schemas.valueCoding = codingSchema(codings, systemOptional);
  for (const kind of ['Integer', 'String', 'Date', 'Time'] as const) {
    const values = [...new Set(options.flatMap((it) => (it.kind === kind ? [it.value] : [])))];
    if (values.length > 0) schemas[`value${kind}`] = { type: kind === 'Integer' ? 'integer' : 'string', enum: values };
  }
  const references = options.flatMap((it) => (it.kind === 'Reference' ? [it.value] : []));
  if (references.length > 0)
    schemas.valueReference = {
      type: 'object',
      required: ['reference'],
      properties: { reference: { type: 'string', enum: [...new Set(references)] } },
    };
  return schemas;
}

type CodingOption = Extract<Option, { kind: 'Coding' }>;

/** Standard keywords where all options are of one system, which is the fast case; `codingAmong` where they are not. */
function codingSchema(options: readonly CodingOption[], systemOptional: boolean): Schema {
  const systems = new Set(options.map((it) => it.system));
  const [system] = systems;
  if (systems.size > 1 || system === undefined) {
    const listed = options.map((it) => [it.system ?? '', it.code]);
    return {
      type: 'object',
      codingAmong: systemOptional ? [...listed, ...options.map((it) => ['', it.code])] : listed,
    };
  }
  const codes = [...new Set(options.map((it) => it.code))];
  return {
    type: 'object',
    required: systemOptional ? ['code'] : ['system', 'code'],
    properties: { system: { type: 'string', const: system }, code: { type: 'string', enum: codes } },
  };
}
