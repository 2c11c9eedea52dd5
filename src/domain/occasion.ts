import type { Observation } from 'fhir/r4.js';
import { identify } from './derived-identity.ts';
import { dateOfDay, dayNumber, localDate } from './instant.ts';
import type { Instrument } from './instrument.ts';
import type { Pause } from './plan-pause.ts';
import type { VisitPlan } from './programme.ts';
import type { Schedule, ScheduledForm } from './protocol.ts';
import { type Anchors, type Instants, instantsOf, nextChange, originOf, type Window, windowsOf } from './schedule.ts';
import { futureReading } from './step-readings.ts';
import type { Evidence } from './stepping.ts';
import { triggeredWindows } from './triggered.ts';

/** Why somebody is not, or no longer, asked: codes of `CodeSystem/schedule-reason`. */
export type StopReason =
  | 'deceased'
  | 'merged'
  | 'left-programme'
  | 'research-withdrawn'
  | 'consent-withdrawn'
  | 'other-arm'
  | 'plan-ended'
  | 'paused'
  | 'therapist-changed'
  | 'rescheduled'
  | 'answer-amended';

/** One rating that has arrived: who rated with what, about whom, on which local day. */
export interface Arrived {
  /** `QuestionnaireResponse/…` */
  readonly response: string;
  readonly instrument: string;
  /** `Patient/…` (the person’s own, whichever of their records) or `Practitioner/…` */
  readonly rater: string;
  readonly therapist: string | undefined;
  readonly date: string;
  readonly epochMs: number;
  /** False for a draft: begun, not finished. */
  readonly finished: boolean;
  /** Whether enough was answered for a total. */
  readonly hasTotal: boolean;
}

/** One patient as the schedule sees them. */
export interface Scheduled {
  /** `Patient/…` */
  readonly patient: string;
  readonly anchors: Anchors;
  readonly arm: string | undefined;
  /** `CarePlan/…` with which the course began, and the one in force. */
  readonly course: { readonly first: string; readonly present: string } | undefined;
  /** Stepped care rests: nothing of it is asked; the visits of a study are. */
  readonly paused?: boolean;
  /** Every pause, those that are over too. */
  readonly pauses?: readonly Pause[];
  /** Nobody is asked anything about this patient any more. */
  readonly stopped?: StopReason;
  /** The study asks nothing any more. */
  readonly studyStopped?: StopReason;
  /** The patient is asked nothing any more; therapists are. */
  readonly patientStopped?: StopReason;
  /** Whose work is rated, and who rates, on a local day; sorted. */
  readonly therapistsOn: (date: string) => readonly string[];
  readonly arrived: readonly Arrived[];
  /** Derived Observations that answers may call for a form by. */
  readonly derived: readonly Observation[];
}

/** One form that one rater is asked for in one window. */
export interface Occasion {
  /** Id and identifier of its Task: one for each plan, instrument, rater, rated therapist and window. */
  readonly id: string;
  /** The same for whoever is asked in its place. */
  readonly group: string;
  readonly schedule: string;
  readonly form: ScheduledForm;
  readonly window: Window;
  readonly at: Instants;
  readonly patient: string;
  readonly owner: string;
  /** Of an alliance form, whose work is rated. */
  readonly therapist: string | undefined;
  readonly basedOn: string | undefined;
  /** What called for it, of a form that answers call for. */
  readonly evidence?: readonly Evidence[];
}

export interface Occasions {
  readonly occasions: readonly Occasion[];
  /** Groups that nobody can be asked for, because nobody is known to treat the patient. */
  readonly withoutTherapist: readonly string[];
  /** Why the forms of a schedule (canonical without version) are not asked now; by rater where only one is not. */
  readonly reasonFor: (schedule: string, rater: ScheduledForm['rater'], group: string) => StopReason;
  /** When something next changes by time alone. */
  readonly nextMs: number | undefined;
}

export const urlOf = (canonical: string): string => canonical.split('|')[0] ?? canonical;

interface Setting {
  readonly person: Scheduled;
  readonly visits: VisitPlan;
  readonly instruments: ReadonlyMap<string, Instrument>;
  readonly nowMs: number;
  readonly zone: string;
}

function stopOf(schedule: Schedule, person: Scheduled): StopReason | undefined {
  if (person.stopped !== undefined) return person.stopped;
  if (schedule.arm === undefined)
    return person.course !== undefined ? undefined : person.paused === true ? 'paused' : 'plan-ended';
  if (person.studyStopped !== undefined) return person.studyStopped;
  return schedule.arm === person.arm ? undefined : 'other-arm';
}

/**
 * The screening at an interval of an arm with levels is what their steps rest on: care, which goes on where somebody
 * only leaves the research.
 */
const isCare = (schedule: Schedule, form: ScheduledForm, person: Scheduled): boolean =>
  person.stopped === undefined &&
  schedule.arm === person.arm &&
  schedule.levels === true &&
  form.timing.kind !== 'visit' &&
  person.course !== undefined;

/** What rests while stepped care does: everything that steps rest on, and nothing that a study asks at its visits. */
export const restsWith = (schedule: Pick<Schedule, 'arm' | 'levels'>, form: Pick<ScheduledForm, 'timing'>): boolean =>
  schedule.arm === undefined || (schedule.levels === true && form.timing.kind !== 'visit');

/** Every form that ought to be asked of whoever is asked about one patient, up to now and as far ahead as Tasks are made. */
export function occasionsOf(schedules: readonly Schedule[], setting: Setting): Occasions {
  const { person, nowMs } = setting;
  const occasions: Occasion[] = [];
  const withoutTherapist: string[] = [];
  const stops = new Map<string, StopReason>();
  let nextMs: number | undefined;
  const wake = (at: number | undefined) => {
    if (at !== undefined && (nextMs === undefined || at < nextMs)) nextMs = at;
  };
  // A reading that a clock set ahead has dated into the future calls for a form once its time has come.
  if (schedules.some((it) => it.forms.some((form) => form.timing.kind === 'answer')))
    wake(futureReading(person.derived, { nowMs, zone: setting.zone }));
  for (const schedule of schedules) {
    const stop = stopOf(schedule, person);
    if (stop !== undefined) stops.set(urlOf(schedule.canonical), stop);
    for (const form of schedule.forms) {
      if (stop !== undefined && !isCare(schedule, form, person)) continue;
      if (person.paused === true && restsWith(schedule, form)) continue;
      if (form.rater === 'patient' && person.patientStopped !== undefined) continue;
      for (const { window, at, evidence } of windowsIn(schedule, form, setting)) {
        wake(nextChange(at, nowMs));
        if (at.createMs > nowMs) continue;
        const asked = ask(schedule, form, window, at, setting).map((it) =>
          evidence === undefined ? it : { ...it, evidence },
        );
        if (asked.length === 0) withoutTherapist.push(groupOf(schedule, form, window, person));
        occasions.push(...asked);
      }
    }
  }
  const levelled = new Set(schedules.filter((it) => it.levels === true).map((it) => urlOf(it.canonical)));
  const groups = new Set([...occasions.map((it) => it.group), ...withoutTherapist]);
  return {
    occasions,
    withoutTherapist,
    nextMs,
    reasonFor: (schedule, rater, group) => {
      const stop = person.stopped ?? stops.get(schedule);
      if (stop !== undefined) return stop;
      if (rater === 'patient' && person.patientStopped !== undefined) return person.patientStopped;
      if (groups.has(group)) return 'therapist-changed';
      return person.paused === true && levelled.has(schedule) ? 'paused' : 'rescheduled';
    },
  };
}

function windowsIn(
  schedule: Schedule,
  form: ScheduledForm,
  setting: Setting,
): { window: Window; at: Instants; evidence?: readonly Evidence[] }[] {
  const { person, visits, instruments, nowMs, zone } = setting;
  const instrument = instruments.get(form.instrument);
  // What therapists answer about the platform is nobody’s record: it is asked of them, not about a patient.
  if (instrument === undefined || instrument.subject === 'Practitioner') return [];
  if (form.timing.kind === 'answer')
    return triggeredWindows(form.timing, person.derived, originOf(schedule, person.anchors), { nowMs, zone })
      .filter((it) => !isAskedAnyway(schedule, form, it, setting))
      .map(({ evidence, ...window }) => ({ window, evidence, at: instantsOf(window, form, zone) }));
  const ahead = dateOfDay(dayNumber(localDate(nowMs, zone)) + form.createAheadDays);
  return windowsOf(schedule, form, person.anchors, visits, ahead).map((window) => ({
    window,
    at: instantsOf(window, form, zone),
  }));
}

/** Whether the schedule asks for the same form on that day anyway, and it was not answered there before. */
function isAskedAnyway(schedule: Schedule, form: ScheduledForm, window: Window, setting: Setting): boolean {
  const { person, visits } = setting;
  const others = schedule.forms.filter((it) => it.instrument === form.instrument && it.rater === form.rater);
  const scheduled = others.flatMap((it) => windowsOf(schedule, it, person.anchors, visits, window.first));
  return scheduled.some(
    (it) =>
      within(window.first, it) &&
      !person.arrived.some(
        (one) => one.finished && one.instrument === form.instrument && within(one.date, it) && one.date < window.first,
      ),
  );
}

/** What a window is known by, whoever is asked in it. */
export interface WindowName {
  /** `Patient/…` */
  readonly patient: string;
  /** Canonical, with or without version. */
  readonly schedule: string;
  /** First plan of the course, of a schedule without an arm; else empty. */
  readonly course: string;
  readonly instrument: string;
  readonly rater: ScheduledForm['rater'];
  /** The visit, or the number of the interval. */
  readonly key: string;
}

/** `groupIdentifier` of the Tasks of a window. */
export const groupNamed = ({ patient, schedule, course, instrument, rater, key }: WindowName): string =>
  identify(['questionnaire-window', patient, urlOf(schedule), course, instrument, rater, key].join('|'));

const groupOf = (schedule: Schedule, form: ScheduledForm, window: Window, person: Scheduled): string =>
  groupNamed({
    patient: person.patient,
    schedule: schedule.canonical,
    course: schedule.arm === undefined ? (person.course?.first ?? '') : '',
    instrument: form.instrument,
    rater: form.rater,
    key: window.key,
  });

function ask(schedule: Schedule, form: ScheduledForm, window: Window, at: Instants, setting: Setting): Occasion[] {
  const { person, instruments } = setting;
  const group = groupOf(schedule, form, window, person);
  const alliance = instruments.get(form.instrument)?.alliance ?? false;
  const occasion = (owner: string, therapist: string | undefined): Occasion => ({
    id: identify(`questionnaire-task|${group}|${owner}|${therapist ?? ''}`),
    group,
    schedule: schedule.canonical,
    form,
    window,
    at,
    patient: person.patient,
    owner,
    therapist,
    basedOn: schedule.arm === undefined ? person.course?.present : undefined,
  });
  if (form.rater === 'patient' && !alliance) return [occasion(person.patient, undefined)];
  return therapistsAsked(form, window, alliance, setting).map((therapist) =>
    form.rater === 'patient'
      ? occasion(person.patient, therapist)
      : occasion(therapist, alliance ? therapist : undefined),
  );
}

/**
 * Who treats the patient now, within the window; once it is past, who did on its last day. What was answered about
 * somebody else stays answered: nobody is asked again in their place.
 */
function therapistsAsked(
  form: ScheduledForm,
  window: Window,
  alliance: boolean,
  { person, nowMs, zone }: Setting,
): readonly string[] {
  const today = localDate(nowMs, zone);
  const present = person.therapistsOn([window.first, today, window.last].sort()[1] ?? today);
  const answered = person.arrived
    .filter((it) => it.finished && it.instrument === form.instrument && within(it.date, window))
    .flatMap((it) => (alliance ? it.therapist : it.rater) ?? []);
  const others = answered.some((it) => !present.includes(it));
  return others ? [...new Set(answered)].sort() : present;
}

export const within = (date: string, window: Pick<Window, 'first' | 'last'>): boolean =>
  window.first <= date && date <= window.last;

/** A draft need not say yet whose work it rates. */
const isAbout = (it: Arrived, therapist: string | undefined): boolean =>
  therapist === undefined || it.therapist === therapist || (!it.finished && it.therapist === undefined);

/** What has arrived for an occasion: the first finished rating with a total, else the first finished, else a draft. */
export function answerOf(
  occasion: Occasion,
  instruments: readonly string[],
  arrived: readonly Arrived[],
): Arrived | undefined {
  const own = arrived
    .filter(
      (it) =>
        instruments.includes(it.instrument) &&
        it.rater === occasion.owner &&
        isAbout(it, occasion.therapist) &&
        within(it.date, occasion.window),
    )
    .sort((a, b) => a.epochMs - b.epochMs || (a.response < b.response ? -1 : 1));
  return own.find((it) => it.finished && it.hasTotal) ?? own.find((it) => it.finished) ?? own[0];
}
