import type { Observation } from 'fhir/r4.js';
import { codeSystem } from '../canonicals.ts';
import { practitioner } from '../care.ts';
import { dayNumber } from '../instant.ts';
import type { Instrument } from '../instrument.ts';
import type { VisitWindow } from '../programme.ts';
import type { AllianceScore, AllianceView, AllianceVisitView, Shown, WithheldWhy } from '../view/patient-view.ts';
import { addMonths, visitDates } from '../visit.ts';
import { askedForms } from './due-page.ts';
import {
  codeOf,
  dateOf,
  isUnconfirmed,
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
  return viewer !== undefined && isRaterHere(input, viewer);
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
  const { viewer } = input.look;
  if (viewer === undefined || !askedOfViewer(input, viewer)) return [];
  return input.visits.windows.flatMap((window) => {
    const found = newestAt(SCORES.patient, window.visit, input);
    const kept = withheldFrom('patient', found, window.visit, input) !== undefined;
    return found?.id === undefined || kept ? [] : [`Observation/${found.id}`];
  });
}

const newestAt = (measure: string, visit: string, input: PageInput): Observation | undefined =>
  standing(input, measure).findLast((it) => visitOf(it) === visit);

function sideOf(side: Side, window: VisitWindow, input: PageInput): Shown<AllianceScore> {
  const found = newestAt(SCORES[side], window.visit, input);
  const withheld = withheldFrom(side, found, window.visit, input);
  if (withheld !== undefined) return { state: 'withheld', why: withheld };
  if (found === undefined) return missingAt(SCORES[side], window, input);
  const score = scoreOf(found, side, input);
  return score ?? { state: 'missing', why: 'no-score', asked: dateOf(found, input) };
}

/** Why one side of a visit is kept from the viewer; said whether or not it was answered, so that silence tells nothing. */
function withheldFrom(
  side: Side,
  found: Observation | undefined,
  visit: string,
  input: PageInput,
): WithheldWhy | undefined {
  const { release, look } = input;
  const { viewer } = look;
  const isOwn = (it: Observation | undefined) =>
    it?.performer?.some((one) => practitioner(one, look.record.roles, look.settings.baseUrl) === viewer) ?? false;
  if (side === 'therapist') {
    if (release !== 'nothing' || found === undefined || isOwn(found)) return undefined;
    return 'study';
  }
  if (release === 'nothing') return 'study';
  if (release === 'own-side') return 'no-consent';
  // A rater sees the other side of a visit once the own rating of that visit is given.
  const rates = viewer !== undefined && askedOfViewer(input, viewer);
  return rates && !isOwn(newestAt(SCORES.therapist, visit, input)) ? 'own-rating-first' : undefined;
}

/** Whether this person is one whom the schedule asks, or who has rated. */
function askedOfViewer(input: PageInput, viewer: string): boolean {
  const { look } = input;
  const is = (it: Parameters<typeof practitioner>[0]) =>
    practitioner(it, look.record.roles, look.settings.baseUrl) === viewer;
  return (
    standing(input, SCORES.therapist).some((it) => it.performer?.some(is)) ||
    askedForms(input).some((it) => it.instrument.id === SCORES.therapist && is(it.task.owner))
  );
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
  const change = standing(input, found).findLast((one) => visitOf(one) === visit && codeOf(one) === found);
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

function gapOf(
  visit: string,
  patient: Shown<AllianceScore>,
  therapist: Shown<AllianceScore>,
  input: PageInput,
): AllianceVisitView['gap'] {
  if (patient.state !== 'shown' || therapist.state !== 'shown') return undefined;
  const dyad = newestAt('wai-s-dyad', visit, input);
  const value = dyad?.valueQuantity?.value ?? patient.total - therapist.total;
  const [a, b] = [patient.error, therapist.error];
  return {
    value,
    ...withoutAbsent({
      error: a === undefined || b === undefined ? undefined : Math.hypot(a, b),
      daysApart: dyad === undefined ? undefined : partOf(dyad, 'days-apart')?.valueInteger,
    }),
  };
}
