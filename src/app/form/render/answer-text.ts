import type { FormItem, OptionValue } from '../../../domain/view/form-item.ts';
import { type Format, formatOf, type Language } from '../../format/format.ts';
import type { Answer } from './answers.ts';
import { RENDER_WORDS } from './render-words.ts';

/** Tells options apart, and an answer from its option: a coding by system and code, anything else by its value. */
export function keyOf(value: OptionValue | Answer): string {
  const coding = 'valueCoding' in value ? value.valueCoding : undefined;
  if (coding !== undefined) return `${coding.system ?? ''}|${coding.code ?? coding.display ?? ''}`;
  const [name, plain] = Object.entries(value).find(([it]) => it.startsWith('value')) ?? [];
  return `${name}:${String(plain)}`;
}

/** An answer in words, as a person reads it back: the option's label, the number with its unit, the date. */
export function answerText(item: FormItem, answer: Answer, language: Language): string {
  const option = item.options?.find((it) => keyOf(it.value) === keyOf(answer));
  if (option !== undefined) return option.label;
  const words = RENDER_WORDS[language];
  const format = formatOf(language, 'UTC');
  if (answer.valueBoolean !== undefined) return answer.valueBoolean ? words.yes : words.no;
  const coding = answer.valueCoding;
  if (coding !== undefined) return coding.display ?? coding.code ?? '';
  const number = answer.valueInteger ?? answer.valueDecimal ?? answer.valueQuantity?.value;
  if (number !== undefined) return numberText(item, number, format);
  return dateText(answer, format) ?? answer.valueString ?? answer.valueUri ?? answer.valueTime ?? '';
}

function numberText({ slider, unit }: FormItem, value: number, format: Format): string {
  const shown = format.number(value);
  if (slider !== undefined) return `${shown} (${format.number(slider.low)}–${format.number(slider.high)})`;
  const name = unit?.display ?? unit?.code;
  return name === undefined ? shown : `${shown} ${name}`;
}

function dateText({ valueDate, valueDateTime }: Answer, format: Format): string | undefined {
  if (valueDate !== undefined) return format.date(valueDate);
  return valueDateTime === undefined ? undefined : format.dateTime(valueDateTime);
}
