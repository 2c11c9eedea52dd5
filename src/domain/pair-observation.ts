import type { Observation, ObservationComponent } from 'fhir/r4.js';
import { type Change, type Dyad, dyadDaysApart } from './alliance.ts';
import { codeSystem } from './canonicals.ts';
import { pairId, scoreId } from './derived-identity.ts';
import {
  absent,
  coding,
  type Display,
  frame,
  measure,
  scoreComponent,
  scorePoints,
  TAG,
  visitComponent,
} from './derived-observation.ts';
import { type PlacedRating, totalOf } from './rating.ts';
import { type Marks, methodOf } from './score-observation.ts';

const sourceOf = (rating: PlacedRating): string => `Observation/${scoreId(rating.instrument.id, rating.key)}`;

/** What two ratings have in common: the sources, the raters, the later instant, the state. */
function pairFrame(ratings: readonly PlacedRating[], marks: Marks, display: Display) {
  const later = ratings.reduce((a, b) => (b.authored.epochMs > a.authored.epochMs ? b : a));
  const unconfirmed = ratings.some((it) => !it.keyConfirmed);
  return {
    totalCodes: [],
    performers: [...new Set(ratings.map((it) => it.rater))],
    effective: later.authored.text,
    status: ratings.some((it) => it.amended) ? ('amended' as const) : ('final' as const),
    method: [...new Set(ratings.map(methodOf))].join(' '),
    derivedFrom: ratings.map(sourceOf),
    blinded: marks.blinded,
    tags: [...marks.tags, ...(unconfirmed ? [coding(TAG, 'key-unconfirmed', display)] : [])],
  };
}

const difference = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? undefined : a - b;

/** Patient total minus therapist total at one visit; preliminary, without a value, while either is missing. */
export function dyadObservation(dyad: Dyad, marks: Marks, display: Display): Observation {
  const { byPatient, byTherapist } = dyad;
  const ratings = [byPatient, byTherapist].filter((it) => it !== undefined);
  const whole = byPatient !== undefined && byTherapist !== undefined;
  const common = pairFrame(ratings, marks, display);
  const base = frame(
    {
      ...common,
      status: whole ? common.status : 'preliminary',
      id: pairId('wai-s-dyad', dyad.patient, dyad.therapist, dyad.visit),
      code: 'wai-s-dyad',
      profile: 'wai-s-dyad',
      subject: dyad.patient,
      focus: dyad.therapist,
    },
    display,
  );
  const value = whole ? difference(totalOf(byPatient), totalOf(byTherapist)) : undefined;
  return {
    ...base,
    ...(value === undefined
      ? { dataAbsentReason: absent('unknown', 'partner-missing', display) }
      : { valueQuantity: scorePoints(value) }),
    component: dyadComponents(dyad, display),
  };
}

function dyadComponents(dyad: Dyad, display: Display): ObservationComponent[] {
  const { byPatient, byTherapist } = dyad;
  const apart = dyadDaysApart(dyad);
  const keys = (byPatient ?? byTherapist)?.instrument.keys ?? [];
  const subscales = keys.map((it) => it.measure).filter((it) => it !== 'total');
  const part = (code: string, value: number | undefined) => scoreComponent(code, value, display, 'partner-missing');
  return [
    part('patient-total', byPatient && totalOf(byPatient)),
    part('therapist-total', byTherapist && totalOf(byTherapist)),
    ...subscales.map((it) =>
      part(it, difference(byPatient?.scores.get(it)?.value, byTherapist?.scores.get(it)?.value)),
    ),
    apart === undefined
      ? { code: measure('days-apart', display), dataAbsentReason: absent('unknown', 'partner-missing', display) }
      : { code: measure('days-apart', display), valueInteger: apart },
    visitComponent('visit', dyad.visit, display),
  ];
}

const RELIABLE_CHANGE = codeSystem('reliable-change');
const VERDICTS: ReadonlySet<string> = new Set(['reliable-increase', 'no-reliable-change', 'reliable-decrease']);

/** One rater's change of total since the previous visit about the same therapist, with its verdict or why there is none. */
export function changeObservation(change: Change, marks: Marks, display: Display): Observation {
  const { current, previous } = change;
  const code = `${current.instrument.id}-change`;
  const base = frame(
    {
      ...pairFrame(previous === undefined ? [current] : [previous, current], marks, display),
      id: pairId(code, change.patient, change.therapist, change.visit),
      code,
      profile: code,
      subject: change.patient,
      focus: change.therapist,
    },
    display,
  );
  const value = previous === undefined ? undefined : difference(totalOf(current), totalOf(previous));
  return {
    ...base,
    ...(value === undefined
      ? { dataAbsentReason: absent('not-applicable', 'therapist-changed', display) }
      : { valueQuantity: scorePoints(value) }),
    ...interpretation(change, display),
    component: changeComponents(change, display),
  };
}

function interpretation({ verdict }: Change, display: Display): Pick<Observation, 'interpretation'> {
  if (verdict === undefined || !VERDICTS.has(verdict)) return {};
  return { interpretation: [{ coding: [coding(RELIABLE_CHANGE, verdict, display)] }] };
}

function changeComponents(change: Change, display: Display): ObservationComponent[] {
  const { previous, verdict, critical } = change;
  const why = previous === undefined ? 'therapist-changed' : (verdict ?? 'no-reliable-change-parameters');
  return [
    previous === undefined
      ? {
          code: measure('from-visit', display),
          dataAbsentReason: absent('not-applicable', 'therapist-changed', display),
        }
      : visitComponent('from-visit', previous.visit, display),
    visitComponent('visit', change.visit, display),
    verdict !== undefined && VERDICTS.has(verdict)
      ? scoreComponent('critical-change', critical, display)
      : { code: measure('critical-change', display), dataAbsentReason: absent('not-applicable', why, display) },
  ];
}
