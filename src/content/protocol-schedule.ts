import type { ActivityDefinition, PlanDefinition, PlanDefinitionAction } from 'fhir/r4.js';
import type { Instrument } from '../domain/instrument.ts';
import type { VisitPlan } from '../domain/programme.ts';
import type { Schedule, ScheduledForm, Timing } from '../domain/protocol.ts';
import { canonicalOf, matchesCanonical } from './canonical.ts';
import { actionsIn } from './protocol-levels.ts';
import { extensionNamed, type Parts, type Place, partsOf, refuse, within, wordsIn } from './protocol-place.ts';
import { daysOf, type PlacedComparison, readComparisons } from './protocol-rules.ts';

const COLLECT_WITH = 'http://hl7.org/fhir/uv/cpg/StructureDefinition/cpg-collectWith';

/** What forms are asked with, and when visits are. */
export interface Asking {
  readonly instruments: readonly Instrument[];
  readonly activities: readonly ActivityDefinition[];
  readonly visits: VisitPlan;
}

/** A form of a schedule with the place of its action. */
export interface PlacedForm {
  readonly form: ScheduledForm;
  readonly place: Place;
  /** Of a form that answers call for. */
  readonly comparisons: readonly PlacedComparison[];
}

export interface PlacedSchedule {
  readonly schedule: Schedule;
  readonly forms: readonly PlacedForm[];
  readonly place: Place;
}

/** Who is asked what and when, as one PlanDefinition says. */
export function readSchedule(plan: PlanDefinition, place: Place, asking: Asking): PlacedSchedule {
  const marked = extensionNamed(plan.extension, 'study-schedule');
  const at = within(place, 'extension(study-schedule)');
  if (marked === undefined) refuse(at, 'malformed', 'A schedule says whether whom it is for has levels of care.');
  const arm = (plan.useContext ?? [])
    .filter((it) => it.code.code === 'program')
    .flatMap((it) => it.valueCodeableConcept?.coding ?? [])[0]?.code;
  const forms = actionsIn(plan.action, place).flatMap(({ action, place: here }) =>
    extensionNamed(action.extension, 'scheduled-form') === undefined
      ? unread(action, here)
      : readForm(action, here, asking),
  );
  const title = wordsIn(plan.title, plan._title, within(place, 'title'));
  const levels = marked === undefined || partsOf(marked, at).boolean('levels');
  const canonical = canonicalOf({ url: plan.url ?? '', version: plan.version });
  return {
    place,
    forms,
    schedule: {
      canonical,
      ...(arm === undefined ? {} : { arm }),
      levels,
      title,
      forms: forms.map((it) => it.form),
    },
  };
}

function unread(action: PlanDefinitionAction, place: Place): [] {
  if (action.action === undefined)
    refuse(place, 'malformed', 'An action of a schedule asks for a form (scheduled-form) or groups such actions.');
  return [];
}

function readForm(action: PlanDefinitionAction, place: Place, asking: Asking): PlacedForm[] {
  const instrument = instrumentOf(action, place, asking);
  const parts = partsOf(
    extensionNamed(action.extension, 'scheduled-form') ?? { url: '' },
    within(place, 'extension(scheduled-form)'),
  );
  const comparisons = readComparisons(action, place, (_, at) =>
    refuse(at, 'malformed', 'A form is asked on condition of a comparison (extension comparison).'),
  );
  const timing = readTiming(action, parts, place, asking.visits, comparisons);
  const type = action.participant?.[0]?.type;
  const rater = type === 'practitioner' ? 'therapist' : 'patient';
  if (instrument !== undefined && (type === undefined || instrument.rater !== rater))
    refuse(within(place, 'participant'), 'wrong-rater', `${instrument.id} is answered by the ${instrument.rater}.`);
  if (!action.id) refuse(within(place, 'id'), 'malformed', 'A form of a schedule needs an id.');
  if (instrument === undefined || timing === undefined) return [];
  const form: ScheduledForm = {
    id: action.id ?? '',
    instrument: instrument.id,
    rater,
    timing,
    createAheadDays: parts.whole('create-ahead-days', 0),
    remindAfterDays: parts.wholes('remind-after-days', 1),
  };
  if (timing.kind === 'answer' && form.createAheadDays > 0)
    refuse(
      within(place, 'extension(scheduled-form).create-ahead-days'),
      'asked-before-answer',
      `${form.id} is asked because of an answer: its Task cannot exist before that.`,
    );
  return [{ form, place, comparisons }];
}

function instrumentOf(action: PlanDefinitionAction, place: Place, asking: Asking): Instrument | undefined {
  const at = within(place, 'definitionCanonical');
  const { definitionCanonical = '' } = action;
  const activity = asking.activities.find(
    ({ url, version }) => url !== undefined && matchesCanonical(definitionCanonical, canonicalOf({ url, version })),
  );
  if (activity === undefined) {
    refuse(at, 'unknown-activity', `There is no activity ${definitionCanonical}.`);
    return undefined;
  }
  const asked = activity.extension?.find((it) => it.url === COLLECT_WITH)?.valueCanonical ?? '';
  const instrument = asking.instruments.find((it) => matchesCanonical(asked, canonicalOf(it)));
  if (instrument === undefined)
    refuse(at, 'unknown-instrument', `${definitionCanonical} asks for no instrument here (cpg-collectWith ${asked}).`);
  return instrument;
}

function readTiming(
  action: PlanDefinitionAction,
  parts: Parts,
  place: Place,
  visits: VisitPlan,
  comparisons: readonly PlacedComparison[],
): Timing | undefined {
  const visit = parts.optionalCode('visit');
  const repeat = action.timingTiming?.repeat;
  const conditional = action.condition !== undefined;
  if ([visit !== undefined, repeat !== undefined, conditional].filter(Boolean).length !== 1) {
    refuse(
      place,
      'malformed',
      'A form is due at a visit, at an interval (timingTiming), or where answers call for it (condition): one of them.',
    );
    return undefined;
  }
  if (conditional) return onAnswer(parts, place, comparisons);
  if (repeat === undefined) return atVisit(action, visit ?? '', place, visits);
  const everyDays = repeat.frequency === 1 ? days(repeat.period, repeat.periodUnit) : undefined;
  const windowDays = days(repeat.duration, repeat.durationUnit);
  if (everyDays && windowDays) return { kind: 'interval', everyDays, windowDays };
  refuse(
    within(place, 'timingTiming'),
    'malformed',
    'An interval is frequency 1, period and duration in days or weeks.',
  );
  return undefined;
}

function onAnswer(parts: Parts, place: Place, comparisons: readonly PlacedComparison[]): Timing | undefined {
  const windowDays = parts.whole('window-days', 1);
  const notAgainWithinDays = parts.wholes('not-again-within-days', 1)[0] ?? windowDays;
  if (comparisons.length === 0)
    refuse(within(place, 'condition'), 'malformed', 'A form that answers call for needs a comparison.');
  if (notAgainWithinDays < windowDays)
    refuse(
      within(place, 'extension(scheduled-form).not-again-within-days'),
      'windows-overlap',
      `Open for ${windowDays} days, and asked again after ${notAgainWithinDays}.`,
    );
  return { kind: 'answer', when: comparisons.map((it) => it.comparison), windowDays, notAgainWithinDays };
}

const days = (value: number | undefined, code: string | undefined): number | undefined =>
  daysOf({ ...(value === undefined ? {} : { value }), ...(code === undefined ? {} : { code }) });

function atVisit(
  { timingDuration }: PlanDefinitionAction,
  visit: string,
  place: Place,
  visits: VisitPlan,
): Timing | undefined {
  const window = visits.windows.find((it) => it.visit === visit);
  if (window === undefined) {
    refuse(within(place, 'extension(scheduled-form).visit'), 'unknown-visit', `There is no visit ${visit}.`);
    return undefined;
  }
  if (timingDuration !== undefined && (timingDuration.value !== window.months || timingDuration.code !== 'mo'))
    refuse(within(place, 'timingDuration'), 'timing-disagrees', `The visit ${visit} is at ${window.months} months.`);
  return { kind: 'visit', visit: window.visit };
}
