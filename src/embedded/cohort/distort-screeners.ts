import { addMonths } from '../../domain/visit.ts';
import { addDays, localInstant, springForward } from './calendar.ts';
import { again, answering, at, both, type Distortion, filled, idOfEntry, laterAt, put, without } from './distort.ts';
import type { Fault } from './faults.ts';
import { asLhcForms, asMiiPro } from './foreign-forms.ts';
import { identifierOf } from './marks.ts';
import { neighbourOf } from './participant.ts';
import { questionnaireOf, responseIdOf } from './response.ts';
import { take } from './sheet.ts';

const HELD = ['baseline', 'm3'] as const;
const ANY = ['m3', 'baseline', 'm6', 'm12'] as const;
/** The HADS at baseline stays as it is: a neighbour's response may carry its identifier. */
const HADS = ['m3', 'm6', 'm12'] as const;

const suicidal = answering((answers) => [...filled(answers, 1).slice(0, 8), 2]);

/** A draft: only some items yet. */
const draft = both(
  answering((answers) => answers.map((raw, index) => (index < 2 ? raw : null))),
  put({ status: 'in-progress' }),
);

/** What happens to screeners, and to any response. */
export const SCREENER_DISTORTIONS = {
  'amended-unscorable': laterAt('phq-9', HELD, both(answering(without(2, 3)), put({ status: 'amended' }))),
  'lhc-phq-9': at('phq-9', ANY, (response, { answered }) => asLhcForms(response, filled(answered.answers, 1))),
  'mii-phq-9': at('phq-9', ANY, (response, { answered }, { cohort }) =>
    asMiiPro(response, filled(answered.answers, 1), cohort.otherForms),
  ),
  'item-9-positive': at('phq-9', ANY, suicidal),
  'unfinished-item-9': at(
    'phq-9',
    ANY,
    both(
      answering((answers) => answers.map((raw, index) => (index < 3 ? raw : index === 8 ? 1 : null))),
      put({ status: 'in-progress' }),
    ),
  ),
  'unknown-item': at('phq-9', ANY, (response) => ({
    ...response,
    item: [...(response.item ?? []), { linkId: 'phq9-10', answer: [{ valueInteger: 1 }] }],
  })),
  'rater-unnamed': at('phq-9', ANY, ({ source: _, ...rest }) => rest),
  'screener-item-missing': at('gad-7', ANY, answering(without(4))),
  'repeated-item': at('gad-7', ANY, (response) => ({
    ...response,
    item: [...(response.item ?? []), ...(response.item ?? []).slice(0, 1)],
  })),
  'stored-total-disagrees': at('gad-7', ANY, (response, { answered }) => {
    const wrong = filled(answered.answers, 0).reduce((total, raw) => total + raw, 3);
    return {
      ...response,
      item: [...(response.item ?? []), { linkId: 'score-total', answer: [{ valueDecimal: wrong }] }],
    };
  }),
  'withdrawn-before-scored': at('gad-7', ANY, put({ status: 'entered-in-error' })),
  'authored-missing': at('gad-7', ANY, ({ authored: _, ...rest }) => rest),
  'hads-half-missing': at(
    'hads',
    HADS,
    answering((answers) => without(1, 3, 5)(filled(answers, 1))),
  ),
  'unknown-version': at('hads', HADS, put({ questionnaire: questionnaireOf('hads').replace('|1.0.0', '|9.9.9') })),
  stopped: at('hads', HADS, put({ status: 'stopped' })),
  'identifier-of-two-patients': at('hads', HADS, (response, _, { cohort, who }) => ({
    ...response,
    identifier: identifierOf(responseIdOf(cohort, neighbourOf(cohort, who), 'baseline', 'hads')),
  })),
  'draft-completed': (sheet) => {
    const entry = take(sheet, 'phq-4', ...HELD);
    if (entry === undefined) return undefined;
    sheet.later.push(entry.response);
    entry.response = draft(entry.response, entry, sheet);
    return idOfEntry(entry);
  },
  'no-version': at('phq-4', ANY, put({ questionnaire: questionnaireOf('phq-4').replace('|1.0.0', '') })),
  'authored-no-zone': at('phq-4', ANY, (response, { answered }) => ({
    ...response,
    authored: `${answered.date}T09:15:00`,
  })),
  'authored-skipped-hour': at('distress-thermometer', ANY, (response, { answered }) => ({
    ...response,
    authored: `${springForward(answered.date)}T02:30:00`,
  })),
  'out-of-range': at(
    'distress-thermometer',
    ANY,
    answering(() => [11]),
  ),
  'wrong-type': at('distress-thermometer', ANY, (response) => ({
    ...response,
    item: [{ linkId: 'dt-1', answer: [{ valueString: '4' }] }],
  })),
  'past-bound': at('distress-thermometer', ['m12'], (response, _, { who }) => ({
    ...response,
    authored: localInstant(addDays(addMonths(who.inclusion, 12), 61), '12:00:00'),
  })),
  'second-screening': laterAt('distress-thermometer', HELD, (_, entry, sheet) =>
    again(sheet, entry, 'again', { authored: localInstant(addDays(entry.answered.date, 8), '11:20:00') }),
  ),
  'unknown-questionnaire': at(
    'distress-thermometer',
    ANY,
    put({ questionnaire: 'http://example.org/fhir/Questionnaire/meals' }),
  ),
  'no-subject': at('distress-thermometer', ANY, ({ subject: _, ...rest }) => rest),
} satisfies Partial<Record<Fault, Distortion>>;
