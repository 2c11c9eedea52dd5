import type { QuestionnaireResponse } from 'fhir/r4.js';
import type { InstrumentId } from './answers.ts';
import type { Cohort } from './options.ts';
import type { Participant } from './participant.ts';
import { type Random, randomOf } from './random.ts';
import { type Answered, responseOf, scheduleOf, type VisitName } from './response.ts';

/** The visits whose answers the hospital holds at first; later visits arrive in the second part. */
const AT_FIRST: ReadonlySet<VisitName> = new Set(['baseline', 'm3']);

/** One planned response, as far as things have happened to it. */
export interface Entry {
  readonly answered: Answered;
  readonly part: 'first' | 'second';
  response: QuestionnaireResponse;
  /** Something happened to it already: one thing to one response. */
  touched: boolean;
}

/** All responses of one participant while things happen to them. */
export interface Sheet {
  readonly cohort: Cohort;
  readonly who: Participant;
  readonly random: Random;
  readonly entries: readonly Entry[];
  /** Responses beyond the plan, at first. */
  readonly extra: QuestionnaireResponse[];
  /** Responses and new states of responses that arrive later. */
  readonly later: QuestionnaireResponse[];
}

/** A participant's responses as planned, nothing amiss. */
export function sheetOf(cohort: Cohort, who: Participant): Sheet {
  const entries = [...scheduleOf(cohort, who)].map((answered): Entry => {
    const part = cohort.responses !== undefined || AT_FIRST.has(answered.visit) ? 'first' : 'second';
    return { answered, part, response: responseOf(cohort, who, answered), touched: false };
  });
  return { cohort, who, random: randomOf(cohort.seed, 'faults', who.index), entries, extra: [], later: [] };
}

/** The first response of this form, by visit in the order given, to which nothing has happened yet. */
export function take(sheet: Sheet, instrument: InstrumentId, ...visits: readonly VisitName[]): Entry | undefined {
  for (const visit of visits) {
    const entry = sheet.entries.find(
      (it) => !it.touched && it.answered.instrument === instrument && it.answered.visit === visit,
    );
    if (entry === undefined) continue;
    entry.touched = true;
    return entry;
  }
  return undefined;
}
