import type { FhirResource, QuestionnaireResponse } from 'fhir/r4.js';
import { BASE } from '../../domain/canonicals.ts';
import { addMonths } from '../../domain/visit.ts';
import { answersTo } from './answers.ts';
import type { Cast, Person } from './people.ts';
import type { Random } from './random.ts';
import { at, responseOf } from './responses.ts';
import { SYNTHETIC_IDENTIFIER, synthetic } from './synthetic.ts';

/** What can be wrong with, or odd about, a response: each kind stands at least once in a cohort of twelve or more. */
export type Irregularity =
  | 'duplicate'
  | 'second-rating'
  | 'draft'
  | 'wrong-rater'
  | 'therapist-of-nobody'
  | 'out-of-range'
  | 'wrong-type'
  | 'repeated-item'
  | 'unknown-item'
  | 'unknown-version'
  | 'unknown-questionnaire'
  | 'lhc-forms'
  | 'mii'
  | 'stored-total-disagrees'
  | 'uniform'
  | 'month-precision'
  | 'day-precision'
  | 'no-zone'
  | 'far-zone'
  | 'skipped-hour'
  | 'no-patient'
  | 'shared-identifier'
  | 'outside'
  | 'item-9';

export interface Irregular {
  readonly kind: Irregularity;
  readonly response: QuestionnaireResponse;
}

const LOINC_PHQ9 = ['44250-9', '44255-8', '44259-0', '44254-1', '44251-7', '44258-2', '44252-5', '44253-3', '44260-8'];
const LOINC_ANSWERS = ['LA6568-5', 'LA6569-3', 'LA6570-1', 'LA6571-9'];
const loinc = (raw: number) => [{ valueCoding: { system: 'http://loinc.org', code: LOINC_ANSWERS[raw] ?? '' } }];

/** One odd response of each kind, spread over the participants; `outsider` is a patient who is not in the programme. */
export function irregular({ people }: Cast, prefix: string, outsider: string, random: Random): Irregular[] {
  const person = (index: number): Person => people[index % people.length] as Person;
  const base = (
    who: Person,
    name: string,
    form: string,
    more: Partial<QuestionnaireResponse> = {},
  ): QuestionnaireResponse => ({
    ...responseOf({
      id: `${prefix}-odd-${name}`,
      form,
      subject: who.patient,
      source: form === 'wai-s-t' ? who.therapist : who.patient,
      language: who.language,
      authored: at(addMonths(who.inclusion, 8), random),
      item: answersTo(form, 0, random),
    }),
    ...more,
  });
  const odd = (
    kind: Irregularity,
    index: number,
    form: string,
    more: (who: Person) => Partial<QuestionnaireResponse> = () => ({}),
  ): Irregular => {
    const who = person(index);
    return { kind, response: base(who, kind, form, more(who)) };
  };
  const items = (form: string) => answersTo(form, 0, random);
  const shared = { system: SYNTHETIC_IDENTIFIER, value: `${prefix}-shared` };
  const twin = base(person(1), 'shared-identifier-2', 'phq-4', { identifier: shared });
  const late = (who: Person): string => at(addMonths(who.inclusion, 3).slice(0, 8) + '28', random);
  return [
    odd('duplicate', 0, 'phq-4', (who) => ({
      identifier: { system: SYNTHETIC_IDENTIFIER, value: `${who.id}-phq-4-0` },
      authored: at(who.inclusion, random),
    })),
    odd('second-rating', 1, 'wai-s-t', (who) => ({ authored: late(who) })),
    odd('draft', 2, 'phq-9', () => ({ status: 'in-progress' })),
    odd('wrong-rater', 3, 'wai-s-p', () => ({ source: { reference: person(4).patient } })),
    odd('therapist-of-nobody', 4, 'wai-s-t', () => ({
      source: { reference: `Practitioner/${prefix}-therapist-of-nobody` },
    })),
    odd('out-of-range', 5, 'distress-thermometer', () => ({
      item: [{ linkId: 'dt-1', answer: [{ valueInteger: 11 }] }],
    })),
    odd('wrong-type', 6, 'distress-thermometer', () => ({
      item: [{ linkId: 'dt-1', answer: [{ valueString: 'six' }] }],
    })),
    odd('repeated-item', 7, 'phq-4', () => ({ item: [...items('phq-4'), { linkId: 'phq4-1', answer: loinc(0) }] })),
    odd('unknown-item', 8, 'phq-4', () => ({ item: [...items('phq-4'), { linkId: 'phq4-5', answer: loinc(0) }] })),
    odd('unknown-version', 9, 'phq-4', () => ({ questionnaire: `${BASE}/Questionnaire/phq-4|9.0.0` })),
    odd('unknown-questionnaire', 10, 'phq-4', () => ({ questionnaire: 'https://example.org/Questionnaire/pain' })),
    odd('lhc-forms', 11, 'phq-9', () => ({
      questionnaire: 'http://loinc.org/q/44249-1',
      item: LOINC_PHQ9.map((code, index) => ({
        linkId: `/${code}`,
        answer: loinc(index === 8 ? 0 : random.whole(0, 3)),
      })),
    })),
    odd('mii', 0, 'phq-9', () => ({
      questionnaire: 'https://www.medizininformatik-initiative.de/fhir/ext/modul-pro/Questionnaire/mii-qst-pro-phq-9',
      item: [
        ...LOINC_PHQ9.map((_, index) => ({
          linkId: `PHQ-9.${index + 1}`,
          answer: [{ valueCoding: { code: LOINC_ANSWERS[index === 8 ? 0 : 2] ?? '' } }],
        })),
        {
          linkId: 'PHQ-9.Score',
          answer: [{ valueQuantity: { value: 16, system: 'http://unitsofmeasure.org', code: '{score}' } }],
        },
      ],
    })),
    odd('stored-total-disagrees', 1, 'phq-4', () => ({
      item: [
        ...[1, 2, 3, 4].map((n) => ({ linkId: `phq4-${n}`, answer: loinc(1) })),
        { linkId: 'score-total', answer: [{ valueDecimal: 9 }] },
      ],
    })),
    odd('uniform', 2, 'wai-s-p', (who) => ({
      item: [
        { linkId: 'rated-therapist', answer: [{ valueReference: { reference: who.laterTherapist } }] },
        ...Array.from({ length: 12 }, (_, index) => ({
          linkId: `wai-${index + 1}`,
          answer: [{ valueCoding: { system: `${BASE}/CodeSystem/wai-s-frequency`, code: '7' } }],
        })),
      ],
    })),
    odd('month-precision', 3, 'phq-4', (who) => ({ authored: addMonths(who.inclusion, 6).slice(0, 7) })),
    odd('day-precision', 4, 'phq-4', (who) => ({ authored: addMonths(who.inclusion, 6) })),
    odd('no-zone', 5, 'phq-4', (who) => ({ authored: `${addMonths(who.inclusion, 6)}T09:30:00` })),
    odd('far-zone', 6, 'phq-4', (who) => ({ authored: `${addMonths(who.inclusion, 6)}T08:00:00+14:00` })),
    odd('skipped-hour', 7, 'phq-4', () => ({ authored: '2025-03-30T02:30:00' })),
    { kind: 'no-patient', response: withoutSubject(base(person(8), 'no-patient', 'phq-4')) },
    odd('shared-identifier', 0, 'phq-4', () => ({ identifier: shared })),
    { kind: 'shared-identifier', response: twin },
    odd('outside', 9, 'phq-9', () => ({ subject: { reference: outsider }, source: { reference: outsider } })),
    odd('item-9', 10, 'phq-9', () => ({
      item: [...items('phq-9').filter((it) => it.linkId !== 'phq9-9'), { linkId: 'phq9-9', answer: loinc(1) }],
    })),
  ];
}

function withoutSubject(response: QuestionnaireResponse): QuestionnaireResponse {
  const { subject: _nobody, ...rest } = response;
  return rest;
}

/** A patient of the hospital whom the programme does not concern, and a practitioner who cares for nobody in it. */
export const bystanders = (prefix: string): FhirResource[] => [
  synthetic({ resourceType: 'Patient', id: `${prefix}-outsider`, name: [{ text: 'Synthetic Outsider' }] }),
  synthetic({
    resourceType: 'Practitioner',
    id: `${prefix}-therapist-of-nobody`,
    name: [{ text: 'Synthetic Therapist of Nobody' }],
  }),
];
