import type { FormItem } from '../../../domain/view/form-item.ts';
import type { Answer } from './answers.ts';
import { type NumberFault, readNumber } from './numbers.ts';
import type { Reading } from './reading.ts';
import { fill, type RenderWords } from './render-words.ts';
import type { TypedFieldProps } from './typed-field.tsx';

/** How the answers to a question are typed, written and read. */
export type FieldKind = Pick<TypedFieldProps<Answer>, 'kind' | 'write' | 'read'> & {
  readonly hint?: string | undefined;
  readonly unit?: string | undefined;
};

const numberOf = (answer: Answer): number | undefined =>
  answer.valueInteger ?? answer.valueDecimal ?? answer.valueQuantity?.value;
const asNumber = (it: number | string | undefined): number | undefined => (typeof it === 'number' ? it : undefined);
const asText = (it: number | string | undefined): string | undefined => (typeof it === 'string' ? it : undefined);

/** The field of a question that is typed. */
export function fieldKind(item: FormItem, words: RenderWords): FieldKind {
  switch (item.type) {
    case 'integer':
      return numberField(item, words, true, (valueInteger) => ({ valueInteger }));
    case 'decimal':
      return numberField(item, words, false, (valueDecimal) => ({ valueDecimal }));
    case 'quantity':
      return numberField(item, words, false, (value) => ({ valueQuantity: quantityOf(item, value) }));
    case 'date':
      return dateField(item, words);
    case 'dateTime':
      return {
        kind: 'datetime-local',
        write: ({ valueDateTime = '' }) => localOf(valueDateTime),
        read: (text) => (text === '' ? { empty: true } : { value: { valueDateTime: new Date(text).toISOString() } }),
      };
    case 'time':
      return {
        kind: 'time',
        write: ({ valueTime = '' }) => valueTime.slice(0, 5),
        read: (text) =>
          text === '' ? { empty: true } : { value: { valueTime: text.length === 5 ? `${text}:00` : text } },
      };
    case 'url':
      return textField(
        'url',
        (valueUri) => ({ valueUri }),
        ({ valueUri = '' }) => valueUri,
      );
    default:
      return textField(
        item.type === 'text' ? 'lines' : 'text',
        (valueString) => ({ valueString }),
        ({ valueString = '' }) => valueString,
      );
  }
}

function textField(kind: FieldKind['kind'], make: (text: string) => Answer, write: FieldKind['write']): FieldKind {
  // FHIR has no string of blanks.
  return { kind, write, read: (text) => (text.trim() === '' ? { empty: true } : { value: make(text.trim()) }) };
}

function numberField(item: FormItem, words: RenderWords, isWhole: boolean, make: (value: number) => Answer): FieldKind {
  const [min, max] = [asNumber(item.min), asNumber(item.max)];
  return {
    kind: isWhole ? 'whole' : 'number',
    hint: rangeHint(min, max, words),
    unit: item.unit?.display ?? item.unit?.code,
    write: (answer) => String(numberOf(answer) ?? ''),
    read: (text) => {
      const reading = readNumber(text, { min, max, isWhole });
      if ('fault' in reading) return { fault: faultOf(reading.fault, words) };
      return 'value' in reading ? { value: make(reading.value) } : { empty: true };
    },
  };
}

const faultOf = (fault: NumberFault, words: RenderWords): string => words[fault];

function quantityOf({ unit }: FormItem, value: number): NonNullable<Answer['valueQuantity']> {
  const { system, code, display } = unit ?? {};
  return {
    value,
    ...(display === undefined ? {} : { unit: display }),
    ...(system === undefined ? {} : { system }),
    ...(code === undefined ? {} : { code }),
  };
}

function rangeHint(min: number | undefined, max: number | undefined, words: RenderWords): string | undefined {
  if (min !== undefined && max !== undefined) return fill(words.between, { low: min, high: max });
  if (min !== undefined) return fill(words.atLeast, { low: min });
  return max === undefined ? undefined : fill(words.atMost, { high: max });
}

function dateField(item: FormItem, words: RenderWords): FieldKind {
  const [min, max] = [asText(item.min), asText(item.max)];
  return {
    kind: 'date',
    write: ({ valueDate = '' }) => (valueDate.length === 10 ? valueDate : ''),
    read: (text): Reading<Answer> => {
      if (text === '') return { empty: true };
      // ISO dates order as text.
      if ((min !== undefined && text < min) || (max !== undefined && text > max)) return { fault: words.outOfRange };
      return { value: { valueDate: text } };
    },
  };
}

/** An instant as a `datetime-local` field writes it: local, to the minute. */
function localOf(iso: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return '';
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
