import { codeSystem } from '../../domain/canonicals.ts';
import { addMonths } from '../../domain/visit.ts';
import { addDays, localInstant } from './calendar.ts';
import { again, answering, at, both, type Distortion, filled, laterAt, put, without } from './distort.ts';
import type { Fault } from './faults.ts';
import { LANGUAGES, neighbourOf } from './participant.ts';
import { outsiderOf, practitionerReference, roleReference } from './people.ts';
import { MONTHS, ratedTherapist, type VisitName } from './response.ts';
import type { Entry, Sheet } from './sheet.ts';

const FIRST = ['m3'] as const;
const LATER = ['m6', 'm12'] as const;
const ANY = ['m3', 'm6', 'm12'] as const;

const targetOf = (sheet: Sheet, visit: VisitName): string => addMonths(sheet.who.inclusion, MONTHS[visit]);

/** Days around its target that still belong to a visit, as the demonstration has it. */
const boundOf = (visit: VisitName): number => (visit === 'm12' ? 60 : 44);

type Days = (visit: VisitName) => number;

/** Authored some days from the visit's target. */
const fromTarget = (days: Days, instant: (date: string) => string) => (_: unknown, entry: Entry, sheet: Sheet) => {
  const { visit } = entry.answered;
  return { ...entry.response, authored: instant(addDays(targetOf(sheet, visit), days(visit))) };
};

const atNoon = (date: string): string => localInstant(date, '12:00:00');
/** The local day after: midnight in Madrid is one or two hours earlier in UTC. */
const lateInUtc = (date: string): string => `${date}T23:30:00Z`;

/** Some answers one step higher or lower, as a patient corrects herself. */
const corrected = answering((answers) =>
  filled(answers, 5).map((raw, index) => (index < 3 ? (raw === 7 ? 5 : raw + 1) : raw)),
);

const withoutTherapist = at('wai-s-p', ['m6', 'm12', 'm3'], (response) => ({
  ...response,
  item: (response.item ?? []).filter((it) => it.linkId !== 'rated-therapist'),
}));

/** What happens to ratings of the alliance. */
export const ALLIANCE_DISTORTIONS = {
  'therapist-not-named': withoutTherapist,
  'therapist-unclear': withoutTherapist,
  amended: laterAt('wai-s-p', FIRST, both(corrected, put({ status: 'amended' }))),
  'second-rating': laterAt('wai-s-p', FIRST, (_, entry, sheet) =>
    again(sheet, entry, 'again', { authored: atNoon(addDays(entry.answered.date, 9)) }),
  ),
  'earlier-rating-late': laterAt('wai-s-p', FIRST, (_, entry, sheet) =>
    again(sheet, entry, 'earlier', {
      authored: atNoon(addDays(entry.answered.date, -6)),
      answers: [6, 6, 5, 2, 6, 5, 6, 6, 6, 3, 5, 6],
    }),
  ),
  'moved-to-another-patient': laterAt('wai-s-p', FIRST, (response, _, { cohort, who }) => {
    const other = neighbourOf(cohort, who);
    const rated = ratedTherapist(practitionerReference(cohort, other.therapist));
    const items = (response.item ?? []).filter((it) => it.linkId !== 'rated-therapist');
    const to = { reference: other.reference };
    return { ...response, subject: to, source: to, item: [rated, ...items] };
  }),
  'wrong-rater-patient': at('wai-s-p', FIRST, (response, _, { cohort, who }) => ({
    ...response,
    source: { reference: neighbourOf(cohort, who).reference },
  })),
  'one-item-missing': at(
    'wai-s-p',
    FIRST,
    answering((answers) => without(1)(filled(answers, 5))),
  ),
  'uniform-answers': at(
    'wai-s-p',
    FIRST,
    answering((answers) => answers.map(() => 7)),
  ),
  'authored-month': at('wai-s-p', FIRST, (response, { answered }) => ({
    ...response,
    authored: answered.date.slice(0, 7),
  })),
  'authored-day': at('wai-s-p', FIRST, (response, { answered }) => ({ ...response, authored: answered.date })),
  // Eight in the morning furthest east is the day before in Madrid.
  'authored-plus-14': at('wai-s-p', FIRST, (response, { answered }) => ({
    ...response,
    authored: `${answered.date}T08:10:00+14:00`,
  })),
  'author-only': at('wai-s-p', FIRST, ({ source, ...rest }) => ({
    ...rest,
    ...(source === undefined ? {} : { author: source }),
  })),
  'no-identifier': at('wai-s-p', FIRST, ({ identifier: _, ...rest }) => rest),
  withdrawn: laterAt('wai-s-t', FIRST, put({ status: 'entered-in-error' })),
  duplicate: laterAt('wai-s-t', FIRST, (response) => ({ ...response, id: `${response.id}-copy` })),
  'duplicate-differs': laterAt(
    'wai-s-t',
    FIRST,
    both(corrected, (response) => ({ ...response, id: `${response.id}-copy` })),
  ),
  'too-few-answered': at('wai-s-t', ANY, answering(without(1, 2))),
  'wrong-rater-therapist': at('wai-s-t', ANY, (response, _, { cohort }) => ({
    ...response,
    source: { reference: practitionerReference(cohort, outsiderOf(cohort)) },
  })),
  'not-an-option': at('wai-s-t', ANY, (response) => ({
    ...response,
    item: (response.item ?? []).map((it) =>
      it.linkId === 'wai-5'
        ? { ...it, answer: [{ valueCoding: { system: codeSystem('wai-s-frequency'), code: '8' } }] }
        : it,
    ),
  })),
  'rater-by-role': at('wai-s-t', ANY, (response, { answered }, { cohort }) => ({
    ...response,
    source: { reference: roleReference(cohort, answered.therapist) },
  })),
  'at-bound': at(
    'wai-s-t',
    FIRST,
    fromTarget((visit) => -boundOf(visit), atNoon),
  ),
  'late-unscheduled': at(
    'wai-s-p',
    LATER,
    fromTarget((visit) => boundOf(visit) + 6, atNoon),
  ),
  'past-local-bound': at('wai-s-p', LATER, fromTarget(boundOf, lateInUtc)),
  'language-changed': at('wai-s-p', LATER, (response, _, { who }) => ({
    ...response,
    language: LANGUAGES.find((it) => it !== who.language) ?? who.language,
  })),
  'completed-after-unscorable': (sheet) => {
    const unscorable = at('wai-s-t', FIRST, (response, entry) => {
      const complete = {
        authored: atNoon(addDays(entry.answered.date, 5)),
        answers: filled(entry.answered.answers, 5),
      };
      sheet.extra.push(again(sheet, entry, 'again', complete));
      return answering(without(3, 5, 7))(response, entry, sheet);
    });
    return unscorable(sheet);
  },
} satisfies Partial<Record<Fault, Distortion>>;
