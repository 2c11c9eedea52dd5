import { refusal } from '../refusal.ts';

export const CONTENT = 'application/json';
const ID = /^[A-Za-z0-9\-.]{1,64}$/;
const LONGEST = 2_000;

/** An id in a path. @throws Refusal 404 where it cannot be one */
export function idOf(text: unknown): string {
  if (typeof text === 'string' && ID.test(text)) return text;
  throw refusal(404, 'not-found', 'not-found', 'That is no id.');
}

const valueIn = (body: unknown, name: string): unknown =>
  typeof body === 'object' && body !== null ? Object.getOwnPropertyDescriptor(body, name)?.value : undefined;

/** A field whose words are known. @throws Refusal 400 for any other */
export function field<T extends string>(body: unknown, name: string, words: Readonly<Record<string, T>>): T {
  const value = valueIn(body, name);
  const known = typeof value === 'string' && Object.hasOwn(words, value) ? words[value] : undefined;
  if (known !== undefined) return known;
  throw refusal(400, 'value', 'field-unknown', `${name} is one of: ${Object.keys(words).join(', ')}.`);
}

/** A text that may be left out. @throws Refusal 400 where it is no text, or longer than anybody writes */
export function optionalField<N extends string>(body: unknown, name: N): { readonly [K in N]?: string } {
  const value = valueIn(body, name);
  if (value === undefined || value === '') return {};
  if (typeof value !== 'string' || value.length > LONGEST)
    throw refusal(400, 'value', 'field-no-text', `${name} is a text of at most ${LONGEST} characters.`);
  return { [name]: value } as { readonly [K in N]?: string };
}

/** Whether a field says yes; anything but `true` is no. */
export const flag = (body: unknown, name: string): boolean => valueIn(body, name) === true;
