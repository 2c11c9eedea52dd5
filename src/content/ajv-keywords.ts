import { _, Ajv, type CodeKeywordDefinition, type FuncKeywordDefinition, type KeywordCxt, type Name } from 'ajv';
import type { LinkIdEntry } from './response-schema.ts';

/** Below this many linkIds "seen already" fits the bits of one number. */
const BITS = 31;

/**
 * `itemsByLinkId` with its sibling `linkIds`: sends every item of the array to the schema of its linkId. An unknown
 * linkId, one that stands twice and may not, and an entry that is no item are errors, each with the index and a reason.
 * One look-up an item, whatever the number of linkIds; a Map, so that `__proto__` is a linkId like any other.
 */
const itemsByLinkId: CodeKeywordDefinition = {
  keyword: 'itemsByLinkId',
  implements: ['linkIds'],
  type: 'array',
  schemaType: 'array',
  error: {
    message: 'item does not fit',
    params: ({ params }) => _`{reason: ${params.reason}, index: ${params.index}}`,
  },
  code: (cxt) => dispatchItems(cxt),
};

function dispatchItems(cxt: KeywordCxt): void {
  const { gen, data, it } = cxt;
  const entries: readonly LinkIdEntry[] = cxt.parentSchema.linkIds;
  const known = new Map(entries.map(([linkId], index) => [linkId, index]));
  const places = gen.scopeValue('obj', { ref: known });
  const length = gen.const('len', _`${data}.length`);
  const seen = gen.let('seen', entries.length > BITS ? _`new Uint8Array(${entries.length})` : _`0`);
  const ok = gen.let('ok', true);
  const fail = (reason: string, index: Name): void => {
    cxt.setParams({ reason: _`${reason}`, index });
    cxt.error();
    gen.assign(ok, false);
  };
  gen.forRange('i', 0, length, (i) => {
    const entry = gen.const('entry', _`${data}[${i}]`);
    gen.if(
      _`${entry} === null || typeof ${entry} !== "object" || typeof ${entry}.linkId !== "string"`,
      () => fail('item-without-linkid', i),
      () => {
        const place = gen.const('place', _`${places}.get(${entry}.linkId)`);
        gen.if(
          _`${place} === undefined`,
          () => fail('unknown-item', i),
          () => {
            checkRepeated(cxt, entries, { seen, place, fail: () => fail('repeated-item', i) });
            applySchema(cxt, entries, { place, index: i, ok });
          },
        );
      },
    );
    if (!it.allErrors) gen.if(_`!${ok}`, () => gen.break());
  });
  cxt.ok(ok);
}

interface Repeat {
  readonly seen: Name;
  readonly place: Name;
  readonly fail: () => void;
}

function checkRepeated({ gen }: KeywordCxt, entries: readonly LinkIdEntry[], { seen, place, fail }: Repeat): void {
  const repeating = entries.flatMap(([, , repeats], index) => (repeats ? [index] : []));
  const bits = entries.length <= BITS;
  const already = bits ? _`${seen} & (1 << ${place})` : _`${seen}[${place}] === 1`;
  const allowed = gen.scopeValue('obj', { ref: new Set(repeating) });
  gen.if(repeating.length === 0 ? already : _`(${already}) && !${allowed}.has(${place})`, fail);
  gen.code(bits ? _`${seen} |= 1 << ${place}` : _`${seen}[${place}] = 1`);
}

interface Applied {
  readonly place: Name;
  readonly index: Name;
  readonly ok: Name;
}

function applySchema(cxt: KeywordCxt, entries: readonly LinkIdEntry[], { place, index, ok }: Applied): void {
  const { gen, keyword } = cxt;
  const schemas: readonly unknown[] = cxt.schema;
  const apply = (schemaProp: number): void => {
    const valid = gen.name('valid');
    cxt.subschema({ keyword, schemaProp, dataProp: index, dataPropType: 0 }, valid);
    gen.if(_`!${valid}`, () => gen.assign(ok, false));
  };
  if (schemas.length === 1) {
    apply(0);
    return;
  }
  const which = gen.scopeValue('obj', { ref: entries.map(([, schema]) => schema) });
  const schema = gen.const('which', _`${which}[${place}]`);
  /** Halves the choice until one is left: a thousand different items cost ten comparisons. */
  const choose = (low: number, high: number): void => {
    if (high - low === 1) {
      apply(low);
      return;
    }
    const middle = (low + high) >> 1;
    gen.if(
      _`${schema} < ${middle}`,
      () => choose(low, middle),
      () => choose(middle, high),
    );
  };
  choose(0, schemas.length);
}

const codingAmong: FuncKeywordDefinition = {
  keyword: 'codingAmong',
  type: 'object',
  schemaType: 'array',
  compile: (pairs: readonly (readonly [string, string])[]) => {
    const listed = new Set(pairs.map((pair) => JSON.stringify(pair)));
    return (coding: { system?: unknown; code?: unknown }) =>
      listed.has(JSON.stringify([coding.system ?? '', coding.code]));
  },
};

const decimalPlaces: FuncKeywordDefinition = {
  keyword: 'decimalPlaces',
  type: 'number',
  schemaType: 'number',
  compile: (most: number) => (value: number) => placesOf(value) <= most,
};

/** Digits after the point, of a number as JSON writes it. */
function placesOf(value: number): number {
  const [mantissa = '', exponent = '0'] = String(value).split('e');
  return Math.max(0, (mantissa.split('.')[1] ?? '').length - Number(exponent));
}

const within: FuncKeywordDefinition = {
  keyword: 'within',
  type: 'string',
  schemaType: 'object',
  compile:
    ({ from, to }: { from?: string; to?: string }) =>
    (value: string) =>
      (from === undefined || before(from, value)) && (to === undefined || before(value, to)),
};

/** Not later, as far as both say: `2024-05` is not after `2024-05-10`. */
function before(a: string, b: string): boolean {
  if (a.length > 10 && b.length > 10) return Date.parse(a) <= Date.parse(b);
  const length = Math.min(a.length, b.length, 10);
  return a.slice(0, length) <= b.slice(0, length);
}

const oneValue: FuncKeywordDefinition = {
  keyword: 'oneValue',
  type: 'object',
  schemaType: 'array',
  compile: (names: readonly string[]) => (answer: object) =>
    names.filter((name) => Object.hasOwn(answer, name)).length <= 1,
};

/**
 * An ajv of its own for one schema: ajv keeps what it has compiled for as long as it lives, so a shared one would grow
 * with every Questionnaire ever seen. `allErrors` is for the report, after the fast pass has said no.
 */
export function responseAjv(allErrors: boolean): Ajv {
  const ajv = new Ajv({
    strict: true,
    allErrors,
    inlineRefs: false,
    meta: false,
    validateSchema: false,
    addUsedSchema: false,
    messages: false,
    logger: false,
  });
  for (const keyword of [itemsByLinkId, codingAmong, decimalPlaces, within, oneValue]) ajv.addKeyword(keyword);
  return ajv;
}
