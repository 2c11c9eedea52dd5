import type { QuestionnaireResponse } from 'fhir/r4.js';
import { type Answers, type InstrumentId, itemsOf } from './answers.ts';
import { type Answered, responseOf, type VisitName } from './response.ts';
import { type Entry, type Sheet, take } from './sheet.ts';

/** Makes one thing happen; gives the id of the response it happened to, or nothing where no response is left for it. */
export type Distortion = (sheet: Sheet) => string | undefined;

type Change = (response: QuestionnaireResponse, entry: Entry, sheet: Sheet) => QuestionnaireResponse;

export const idOfEntry = (entry: Entry): string => entry.response.id ?? '';

/** Happens to a response before the hospital has it. */
export const at =
  (instrument: InstrumentId, visits: readonly VisitName[], change: Change): Distortion =>
  (sheet) => {
    const entry = take(sheet, instrument, ...visits);
    if (entry === undefined) return undefined;
    entry.response = change(entry.response, entry, sheet);
    return idOfEntry(entry);
  };

/** Happens to a response that the hospital has already: its new state, or another response, arrives later. */
export const laterAt =
  (instrument: InstrumentId, visits: readonly VisitName[], change: Change): Distortion =>
  (sheet) => {
    const entry = take(sheet, instrument, ...visits);
    if (entry === undefined) return undefined;
    const arriving = change(entry.response, entry, sheet);
    sheet.later.push(arriving);
    return arriving.id ?? idOfEntry(entry);
  };

/** The same response with other answers given. */
export const answering =
  (answersOf: (answers: Answers) => Answers): Change =>
  (response, { answered }) => {
    const others = (response.item ?? []).filter((it) => it.linkId === 'rated-therapist');
    return { ...response, item: [...others, ...itemsOf(answered.instrument, answersOf(answered.answers))] };
  };

/** The answers with those of these items (counted from 1) left open. */
export const without =
  (...numbers: readonly number[]) =>
  (answers: Answers): Answers =>
    answers.map((raw, index) => (numbers.includes(index + 1) ? null : raw));

/** Every answer given, those left open by chance included. */
export const filled = (answers: Answers, otherwise: number): number[] => answers.map((raw) => raw ?? otherwise);

/** The same form answered again at another time. */
export function again(
  { cohort, who }: Sheet,
  entry: Entry,
  label: string,
  more: Partial<Answered>,
): QuestionnaireResponse {
  return responseOf(cohort, who, { ...entry.answered, ...more }, `${entry.answered.visit}-${label}`);
}

/** Several changes, one after the other. */
export const both =
  (...changes: readonly Change[]): Change =>
  (response, entry, sheet) =>
    changes.reduce((so, change) => change(so, entry, sheet), response);

export const put =
  (more: Partial<QuestionnaireResponse>): Change =>
  (response) => ({ ...response, ...more });
