import type { Observation } from 'fhir/r4.js';
import { codeSystem } from '../canonicals.ts';
import { practitioner } from '../care.ts';
import { dayNumber } from '../instant.ts';
import type { Instrument } from '../instrument.ts';
import { isAboutAnother, isOwnRating, keptPatientSide, viewerRates } from '../overview-alliance.ts';
import type { VisitWindow } from '../programme.ts';
import { literal } from '../reference.ts';
import type { AllianceScore, AllianceView, AllianceVisitView, Shown } from '../view/patient-view.ts';
import { addMonths, visitDates } from '../visit.ts';
import { askedForms } from './due-page.ts';
import {
  dateOf,
  isUnconfirmed,
  named,
  type PageInput,
  partOf,
  responseOf,
  standing,
  today,
  visitOf,
} from './page-input.ts';

type Side = 'patient' | 'therapist';
const SCORES: Readonly<Record<Side, string>> = { patient: 'wai-s-p', therapist: 'wai-s-t' };

/** The alliance as this viewer may see it, visit by visit. A rating of one’s own is one’s own to see. */
export function allianceView(input: PageInput): Shown<AllianceView> {
  const form = input.look.instruments.find((it) => it.id === SCORES.patient);
  const total = form?.keys.find((it) => it.measure === 'total');
  const windows = input.visits.windows.filter((it) => !it.except.includes(SCORES.patient));
  if (form === undefined || total === undefined) return { state: 'missing', why: 'not-asked' };
  if (!mayAsk(input)) return { state: 'withheld', why: 'not-your-role' };
  return {
    state: 'shown',
    low: total.low,
    high: total.high,
    items: form.items.length,
    visits: windows.map((it) => visitView(it, input)),
  };
}

/** Whoever may be told nothing at all and rates nothing is not told that something is there. */
function mayAsk(input: PageInput): boolean {
  const { viewer } = input.look;
  if (input.release !== 'nothing') return true;
  return viewer !== undefined && isRaterHere(input, viewer) && viewerRates(input.look);
}

const isRaterHere = ({ look }: PageInput, viewer: string): boolean => {
  const is = (it: Parameters<typeof practitioner>[0]) =>
    practitioner(it, look.record.roles, look.settings.baseUrl) === viewer;
  return (
    look.record.episodes.some((it) => is(it.careManager)) ||
    look.record.careTeams.some((it) => it.participant?.some((one) => is(one.member)))
  );
};

function visitView(window: VisitWindow, input: PageInput): AllianceVisitView {
  const target = input.inclusion === undefined ? '' : addMonths(input.inclusion, window.months);
  const [patient, therapist] = [sideOf('patient', window, input), sideOf('therapist', window, input)];
  const gap = gapOf(window.visit, patient, therapist, input);
  return {
    visit: window.visit,
    title: input.say(codeSystem('visit'), window.visit),
    months: window.months,
    target,
    patient,
    therapist,
    ...(gap === undefined ? {} : { gap }),
  };
}

/**
 * Ratings of the patient’s that this page shows to somebody who rates too, as `Observation/…`: each is an exposure, which
 * an analysis may leave out. None for whoever rates nothing.
 */
export function exposedRatings(input: PageInput): readonly string[] {
  if (!viewerRates(input.look)) return [];
  return input.visits.windows.flatMap((window) => {
    const found = patientRating(window.visit, input);
    const kept = keptPatientSide(input.look, input.release, window.visit) !== undefined;
    return found?.id === undefined || kept ? [] : [`Observation/${found.id}`];
  });
}

const newestAt = (measure: string, visit: string, input: PageInput): Observation | undefined =>
  standing(input, measure).findLast((it) => visitOf(it) === visit);

/** The patient’s rating of a visit that is this viewer’s to see: of several therapists’ work, the viewer’s own. */
const patientRating = (visit: string, input: PageInput): Observation | undefined =>
  standing(input, SCORES.patient).findLast((it) => visitOf(it) === visit && !isAboutAnother(it, input.look));

/** The therapist’s rating of a visit: the viewer’s own before anybody else’s. */
const therapistRating = (visit: string, input: PageInput): Observation | undefined =>
  standing(input, SCORES.therapist).findLast((it) => visitOf(it) === visit && isOwnRating(it, input.look)) ??
  newestAt(SCORES.therapist, visit, input);

const ratingOf = (side: Side, visit: string, input: PageInput): Observation | undefined =>
  side === 'patient' ? patientRating(visit, input) : therapistRating(visit, input);

function sideOf(side: Side, window: VisitWindow, input: PageInput): Shown<AllianceScore> {
  const found = ratingOf(side, window.visit, input);
  const withheld =
    side === 'patient'
      ? keptPatientSide(input.look, input.release, window.visit)
      : input.release !== 'nothing' || found === undefined || isOwnRating(found, input.look)
        ? undefined
        : 'study';
  if (withheld !== undefined) return { state: 'withheld', why: withheld };
  if (found === undefined) return missingAt(SCORES[side], window, input);
  const score = scoreOf(found, side, input);
  return score ?? { state: 'missing', why: 'no-score', asked: dateOf(found, input) };
}

function missingAt(instrument: string, window: VisitWindow, input: PageInput): Shown<AllianceScore> {
  const asked = askedForms(input).find((it) => it.instrument.id === instrument && isWithin(it.due, window, input));
  if (asked !== undefined) {
    const { opens, due, state, daysLate } = asked;
    if (state === 'upcoming') return { state: 'missing', why: 'not-due', asked: opens, due };
    if (state === 'open') return { state: 'missing', why: 'asked', asked: opens, due };
    return { state: 'missing', why: state === 'expired' ? 'not-answered' : 'overdue', asked: opens, due, daysLate };
  }
  if (input.inclusion === undefined) return { state: 'missing', why: 'not-asked' };
  const { first, last } = visitDates(input.inclusion, window);
  return today(input) < first
    ? { state: 'missing', why: 'not-due', due: first }
    : { state: 'missing', why: today(input) > last ? 'not-answered' : 'not-asked' };
}

function isWithin(date: string, window: VisitWindow, { inclusion }: PageInput): boolean {
  if (inclusion === undefined) return false;
  const { first, last } = visitDates(inclusion, window);
  return dayNumber(date) >= dayNumber(first) && dayNumber(date) <= dayNumber(last);
}

function scoreOf(it: Observation, side: Side, input: PageInput): Shown<AllianceScore> | undefined {
  const total = it.valueQuantity?.value;
  if (total === undefined) return undefined;
  const { baseUrl } = input.look.settings;
  const language = partOf(it, 'language')?.valueCodeableConcept?.coding?.[0]?.code;
  const number = (code: string): number | undefined => partOf(it, code)?.valueQuantity?.value;
  const change = changeOf(it, side, input);
  const optional = {
    error: input.errorOf(SCORES[side], language),
    task: number('task'),
    bond: number('bond'),
    goal: number('goal'),
    answered: partOf(it, 'answered')?.valueInteger,
    prorated: partOf(it, 'prorated')?.valueBoolean === true ? true : undefined,
    responseId: responseOf(it, baseUrl),
    keyUnconfirmed: isUnconfirmed(it) ? true : undefined,
    uniformAnswers: partOf(it, 'uniform-answers') === undefined ? undefined : true,
    rated: named(it.focus?.[0], input),
    change,
  };
  return { state: 'shown', total, date: dateOf(it, input), ...withoutAbsent(optional) };
}

/** Only what is there. */
export const withoutAbsent = <T extends object>(it: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(it).filter(([, value]) => value !== undefined)) as never;

const VERDICTS = ['reliable-increase', 'no-reliable-change', 'reliable-decrease'] as const;

function changeOf(it: Observation, side: Side, input: PageInput): AllianceScore['change'] | undefined {
  const visit = visitOf(it);
  const found: Instrument['id'] = `${SCORES[side]}-change`;
  const id = `Observation/${it.id}`;
  const { baseUrl } = input.look.settings;
  const isOfIt = (one: Observation) => one.derivedFrom?.some((ref) => literal(ref, baseUrl) === id) ?? false;
  const change = standing(input, found).findLast((one) => visitOf(one) === visit && isOfIt(one));
  const value = change?.valueQuantity?.value;
  const fromVisit =
    change === undefined ? undefined : partOf(change, 'from-visit')?.valueCodeableConcept?.coding?.[0]?.code;
  if (change === undefined || value === undefined || fromVisit === undefined) return undefined;
  const code = change.interpretation?.[0]?.coding?.[0]?.code;
  return {
    value,
    fromVisit,
    ...withoutAbsent({
      verdict: VERDICTS.find((one) => one === code),
      critical: partOf(change, 'critical-change')?.valueQuantity?.value,
    }),
  };
}

/** The gap of a dyad whose two ratings are the ones that are shown; none between ratings of two therapists’ work. */
function gapOf(
  visit: string,
  patient: Shown<AllianceScore>,
  therapist: Shown<AllianceScore>,
  input: PageInput,
): AllianceVisitView['gap'] {
  if (patient.state !== 'shown' || therapist.state !== 'shown') return undefined;
  const { baseUrl } = input.look.settings;
  const shown = [patientRating(visit, input), therapistRating(visit, input)].map((it) => `Observation/${it?.id}`);
  const dyad = standing(input, 'wai-s-dyad').findLast((it) => {
    const from = (it.derivedFrom ?? []).flatMap((one) => literal(one, baseUrl) ?? []);
    return visitOf(it) === visit && shown.every((one) => from.includes(one));
  });
  const value = dyad?.valueQuantity?.value;
  if (dyad === undefined || value === undefined) return undefined;
  const [a, b] = [patient.error, therapist.error];
  return {
    value,
    ...withoutAbsent({
      error: a === undefined || b === undefined ? undefined : Math.hypot(a, b),
      daysApart: partOf(dyad, 'days-apart')?.valueInteger,
    }),
  };
}
