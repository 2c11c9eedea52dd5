import type { FhirResource, QuestionnaireResponse } from 'fhir/r4.js';

const B = 'https://w3id.org/vincle';
export const INCLUDED = '2025-01-10';

/** What must stand on the server for one response, by hand. */
export interface Expected {
  readonly response: string;
  readonly code: string;
  /** Absent: too little was answered. */
  readonly total: number | undefined;
  readonly components?: Readonly<Record<string, number>>;
  /** Where the number comes from. */
  readonly source: string;
}

/** Raw answers and scores as published or computed by hand in the field’s sources; the WAI-S key is that of Tracey & Kokotovic 1989. */
const VECTORS = {
  'wai-best': {
    form: 'wai-s-p',
    raw: [7, 7, 7, 1, 7, 7, 7, 7, 7, 1, 7, 7],
    total: 84,
    components: { task: 28, bond: 28, goal: 28 },
  },
  'wai-mixed': {
    form: 'wai-s-p',
    raw: [6, 5, 7, 2, 6, 5, 7, 6, 6, 3, 5, 6],
    total: 70,
    components: { task: 23, bond: 26, goal: 21 },
  },
  'wai-middle': {
    form: 'wai-s-t',
    raw: [4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4],
    total: 48,
    components: { task: 16, bond: 16, goal: 16 },
  },
  'sus-brooke': { form: 'sus', raw: [4, 2, 4, 1, 4, 2, 5, 2, 4, 2], total: 80 },
  'sus-all-five': { form: 'sus', raw: [5, 5, 5, 5, 5, 5, 5, 5, 5, 5], total: 50 },
  'phq-9-highest': { form: 'phq-9', raw: [3, 3, 3, 3, 3, 3, 3, 3, 3], total: 27 },
  'phq-9-one-missing': { form: 'phq-9', raw: [3, 3, 3, 3, undefined, 3, 3, 3, 0], total: undefined },
  'distress-six': { form: 'distress-thermometer', raw: [6], total: 6 },
} as const;
type Vector = keyof typeof VECTORS;

const PREFIX: Record<string, string> = {
  'wai-s-p': 'wai',
  'wai-s-t': 'wai',
  sus: 'sus',
  'phq-9': 'phq9',
  'distress-thermometer': 'dt',
};
const LOINC_ANSWERS = ['LA6568-5', 'LA6569-3', 'LA6570-1', 'LA6571-9'];
const ANSWER_SYSTEM: Record<string, string> = {
  wai: `${B}/CodeSystem/wai-s-frequency`,
  sus: `${B}/CodeSystem/sus-agreement`,
};

function answer(prefix: string, raw: number) {
  if (prefix === 'dt') return { valueInteger: raw };
  if (prefix === 'phq9') return { valueCoding: { system: 'http://loinc.org', code: LOINC_ANSWERS[raw] ?? '' } };
  return { valueCoding: { system: ANSWER_SYSTEM[prefix] ?? '', code: String(raw) } };
}

/** The resources of one synthetic patient, therapist and study, and what must follow from them. */
export interface Scenario {
  readonly study: string;
  readonly programme: readonly FhirResource[];
  readonly responses: readonly QuestionnaireResponse[];
  readonly expected: readonly Expected[];
  readonly dyad: { readonly total: number; readonly daysApart: number };
  readonly change: number;
  readonly patient: string;
  readonly therapist: string;
}

/** Everything carries ids that begin with the run, and names that say it is synthetic. */
export function scenario(run: string): Scenario {
  const patient = `Patient/${run}-patient`;
  const therapist = `Practitioner/${run}-therapist`;
  const study = `ResearchStudy/${run}-study`;
  const responses: QuestionnaireResponse[] = [];
  const expected: Expected[] = [];
  const add = (name: string, vector: Vector, authored: string) => {
    const { form, raw, total } = VECTORS[vector];
    const components =
      'components' in VECTORS[vector]
        ? (VECTORS[vector] as { components: Record<string, number> }).components
        : undefined;
    const byTherapist = form === 'wai-s-t';
    const id = `${run}-${name}`;
    const prefix = PREFIX[form] ?? form;
    responses.push({
      resourceType: 'QuestionnaireResponse',
      id,
      status: 'completed',
      language: 'es',
      authored,
      questionnaire: `${B}/Questionnaire/${form}|1.0.0`,
      identifier: { system: `${B}/identifier/synthetic`, value: id },
      subject: { reference: patient },
      source: { reference: byTherapist ? therapist : patient },
      item: [
        ...(form === 'wai-s-p'
          ? [{ linkId: 'rated-therapist', answer: [{ valueReference: { reference: therapist } }] }]
          : []),
        ...raw.flatMap((value, index) =>
          value === undefined ? [] : [{ linkId: `${prefix}-${index + 1}`, answer: [answer(prefix, value)] }],
        ),
      ],
    });
    expected.push({
      response: `QuestionnaireResponse/${id}`,
      code: form,
      total,
      source: `${vector} (raw answers and key by hand)`,
      ...(components === undefined ? {} : { components }),
    });
  };
  add('m3-patient', 'wai-best', '2025-04-10T10:00:00+02:00');
  add('m3-therapist', 'wai-middle', '2025-04-14T09:00:00+02:00');
  add('m6-patient', 'wai-mixed', '2025-07-09T10:00:00+02:00');
  add('m3-sus', 'sus-brooke', '2025-04-10T10:05:00+02:00');
  add('m6-sus', 'sus-all-five', '2025-07-09T10:05:00+02:00');
  add('m3-phq', 'phq-9-highest', '2025-04-10T10:06:00+02:00');
  add('m6-phq', 'phq-9-one-missing', '2025-07-09T10:06:00+02:00');
  add('m3-distress', 'distress-six', '2025-04-10');
  const programme: FhirResource[] = [
    { resourceType: 'Practitioner', id: `${run}-therapist`, name: [{ text: 'Synthetic Therapist' }] },
    { resourceType: 'Patient', id: `${run}-patient`, name: [{ text: 'Synthetic Patient' }] },
    { resourceType: 'ResearchStudy', id: `${run}-study`, status: 'active', title: 'Synthetic study' },
    {
      resourceType: 'ResearchSubject',
      id: `${run}-subject`,
      status: 'on-study',
      study: { reference: study },
      individual: { reference: patient },
      period: { start: INCLUDED },
      assignedArm: 'digital',
    },
    {
      resourceType: 'CareTeam',
      id: `${run}-team`,
      status: 'active',
      subject: { reference: patient },
      participant: [{ member: { reference: therapist } }],
    },
  ];
  return {
    study,
    programme,
    responses,
    expected,
    dyad: { total: 84 - 48, daysApart: 4 },
    change: 70 - 84,
    patient,
    therapist,
  };
}
