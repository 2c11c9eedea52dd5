import type { Communication, QuestionnaireResponse, QuestionnaireResponseItem } from 'fhir/r4.js';
import { BASE } from '../../domain/canonicals.ts';
import { addMonths } from '../../domain/visit.ts';
import { answersTo } from './answers.ts';
import type { Cast, Person } from './people.ts';
import { HANDOVER_DAYS } from './people.ts';
import type { Random } from './random.ts';
import { plusDays, SYNTHETIC_IDENTIFIER, synthetic } from './synthetic.ts';

export interface ResponseSpec {
  readonly id: string;
  readonly form: string;
  readonly subject: string;
  readonly source: string;
  readonly authored: string;
  readonly language: string;
  readonly item: readonly QuestionnaireResponseItem[];
}

/** A completed response as an app of the hospital would store it. */
export const responseOf = (spec: ResponseSpec): QuestionnaireResponse =>
  synthetic<QuestionnaireResponse>({
    resourceType: 'QuestionnaireResponse',
    id: spec.id,
    language: spec.language,
    identifier: { system: SYNTHETIC_IDENTIFIER, value: spec.id },
    questionnaire: `${BASE}/Questionnaire/${spec.form}|1.0.0`,
    status: 'completed',
    subject: { reference: spec.subject },
    authored: spec.authored,
    source: { reference: spec.source },
    item: [...spec.item],
  });

/** A moment of a working day, in the zone of the clocks on the wall. */
export function at(date: string, random: Random): string {
  const summer = date.slice(5) >= '03-31' && date.slice(5) < '10-25';
  return `${date}T${String(random.whole(8, 19)).padStart(2, '0')}:${String(random.whole(0, 59)).padStart(2, '0')}:00+0${summer ? 2 : 1}:00`;
}

const SCREENERS = ['distress-thermometer', 'phq-4', 'phq-9', 'gad-7', 'hads'] as const;
const VISITS = [0, 3, 6, 12] as const;

/** Mostly within a few weeks of the target; now and then so late that it belongs to no visit. */
const delay = (random: Random): number =>
  Math.round(6 * random.normal()) + (random.chance(0.04) ? 50 : random.chance(0.1) ? 20 : 3);

/** What one participant and her therapist answer over the year. Usability and satisfaction are asked of the digital arm alone. */
export function responsesOf(person: Person, random: Random): QuestionnaireResponse[] {
  const answered: QuestionnaireResponse[] = [];
  for (const month of VISITS) {
    const date = plusDays(addMonths(person.inclusion, month), month === 0 ? random.whole(0, 6) : delay(random));
    const gone = month > person.leavesAfter;
    const change = 0.25 * random.normal() + (person.arm === 'usual' ? 0.3 : 0);
    const add = (
      form: string,
      source: string,
      latent: number,
      on: string,
      more: readonly QuestionnaireResponseItem[] = [],
      missing = 0.01,
    ) =>
      answered.push(
        responseOf({
          id: `${person.id}-${form}-${month}`,
          form,
          subject: person.patient,
          source,
          language: person.language,
          authored: at(on, random),
          item: [...more, ...answersTo(form, latent, random, missing)],
        }),
      );
    if (!gone) {
      for (const form of SCREENERS)
        if (random.chance(0.9)) add(form, person.patient, person.distress - 0.15 * month, date);
      if (month > 0 && person.arm === 'digital')
        for (const form of ['sus', 'vas-app'])
          if (random.chance(0.85)) add(form, person.patient, person.alliance, date);
    }
    if (month === 0) continue;
    const therapist =
      Date.parse(date) < Date.parse(plusDays(person.inclusion, HANDOVER_DAYS))
        ? person.therapist
        : person.laterTherapist;
    const rated: QuestionnaireResponseItem = {
      linkId: 'rated-therapist',
      answer: [{ valueReference: { reference: therapist } }],
    };
    if (!gone && random.chance(0.88))
      add(
        'wai-s-p',
        person.patient,
        person.alliance + change,
        date,
        random.chance(0.8) ? [rated] : [],
        random.chance(0.1) ? 0.25 : 0,
      );
    if (random.chance(gone ? 0.4 : 0.92))
      add(
        'wai-s-t',
        therapist,
        0.4 * person.alliance + random.normal() * 0.7,
        plusDays(date, random.whole(0, 9)),
        [],
        0.005,
      );
  }
  return answered;
}

/** Each therapist’s quarterly answer about the platform: about no patient. */
export const platformRatings = ({ therapists, people }: Cast, random: Random): QuestionnaireResponse[] =>
  therapists.flatMap((therapist) =>
    [0, 3, 6, 9].map((month) => {
      const id = `${therapist.slice('Practitioner/'.length)}-vas-platform-${month}`;
      const date = addMonths(people[0]?.inclusion ?? '2025-01-01', month);
      return responseOf({
        id,
        form: 'vas-platform',
        subject: therapist,
        source: therapist,
        language: 'ca',
        authored: at(date, random),
        item: answersTo('vas-platform', 0, random),
      });
    }),
  );

const MEDIUM = { message: 'ONLINEWRIT', call: 'PHONE', video: 'VIDEOCONF' } as const;

/** Messages, calls and video between patient and therapist: more of them in the digital arm. The text is never there. */
export function communications(person: Person, random: Random): Communication[] {
  const count = person.arm === 'digital' ? random.whole(2, 9) : random.whole(0, 4);
  return Array.from({ length: count }, (_, index) => {
    const kind = random.pick<keyof typeof MEDIUM>(
      person.arm === 'digital' ? ['message', 'message', 'message', 'call', 'video'] : ['call', 'call', 'message'],
    );
    const fromPatient = random.chance(0.45);
    const [sender, recipient] = fromPatient ? [person.patient, person.therapist] : [person.therapist, person.patient];
    return synthetic<Communication>({
      resourceType: 'Communication',
      id: `${person.id}-contact-${index + 1}`,
      status: 'completed',
      medium: [
        { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationMode', code: MEDIUM[kind] }] },
      ],
      subject: { reference: person.patient },
      sender: { reference: sender },
      recipient: [{ reference: recipient }],
      sent: at(plusDays(person.inclusion, random.whole(1, 350)), random),
    });
  });
}
