import type { Right } from '../../domain/view/session-view.ts';

/** Who opens Vincle: that decides which scopes are asked for. */
export type LaunchAs = 'clinician' | 'patient';

const RECORD = [
  'Patient',
  'QuestionnaireResponse',
  'Observation',
  'CarePlan',
  'CareTeam',
  'EpisodeOfCare',
  'Task',
  'Flag',
  'Communication',
  'Encounter',
  'Consent',
  'ResearchSubject',
  'Provenance',
] as const;
const STAFF = ['Practitioner', 'PractitionerRole', 'Questionnaire', 'ActivityDefinition', 'Device'] as const;
/** Who the person is, and in which roles. */
const PERSON = ['Practitioner', 'PractitionerRole'] as const;
const PATIENT_READS = ['Patient', 'QuestionnaireResponse', 'Task', 'CarePlan', 'CareTeam'] as const;

const reads = (level: 'patient' | 'user', types: readonly string[]): string[] => types.map((it) => `${level}/${it}.rs`);

type Letters = readonly [type: string, letters: string];

/** What each right writes at the hospital’s server, in the name of the person. */
const WRITES: Readonly<Partial<Record<Right, readonly Letters[]>>> = {
  decide: [
    ['CarePlan', 'cu'],
    ['Task', 'cu'],
  ],
  enrol: [
    ['CarePlan', 'cu'],
    ['Task', 'cu'],
  ],
  pause: [
    ['CarePlan', 'cu'],
    ['Task', 'cu'],
  ],
  handover: [
    ['CarePlan', 'cu'],
    ['Task', 'cu'],
  ],
  reschedule: [['Task', 'cu']],
  safety: [
    ['Flag', 'u'],
    ['Task', 'cu'],
  ],
  'log-contact': [['Communication', 'c']],
  answer: [
    ['QuestionnaireResponse', 'cu'],
    ['Task', 'cu'],
  ],
  review: [
    ['QuestionnaireResponse', 'cu'],
    ['Task', 'cu'],
  ],
  paper: [
    ['QuestionnaireResponse', 'cu'],
    ['Task', 'cu'],
  ],
};
/** Rights whose pages are read with Vincle’s own credential: nothing of a patient’s record is asked for. */
const OWN: ReadonlySet<Right> = new Set<Right>(['accesses', 'cohort-report', 'jobs', 'dead-letters']);
const ORDER = ['QuestionnaireResponse', 'Task', 'CarePlan', 'Flag', 'Communication'] as const;

/**
 * The least that each role needs: a patient reads what is asked and what was answered, and answers; a clinician launched
 * from a chart reads that patient; one who starts alone reads the patients that the hospital lets that person read.
 * @param rights of the role for which the launch was registered; without them what any clinical role needs
 */
export function scopesFor(
  as: LaunchAs,
  launched: 'ehr' | 'standalone',
  rights?: ReadonlySet<Right>,
): readonly string[] {
  const sign = ['openid', 'fhirUser', 'offline_access'];
  if (as === 'patient')
    return [
      ...sign,
      launched === 'ehr' ? 'launch' : 'launch/patient',
      ...reads('patient', PATIENT_READS),
      'patient/QuestionnaireResponse.cu',
      'patient/Task.u',
      ...reads('user', ['Practitioner', 'Questionnaire']),
    ];
  const level = launched === 'ehr' ? 'patient' : 'user';
  const asked = [...(rights ?? Object.keys(WRITES))];
  const clinical = rights === undefined || [...rights].some((it) => !OWN.has(it));
  return [
    ...sign,
    ...(launched === 'ehr' ? ['launch'] : []),
    ...(clinical ? reads(level, RECORD) : []),
    ...ORDER.flatMap((type) => {
      const letters = lettersOf(type, asked);
      return letters === '' ? [] : [`${level}/${type}.${letters}`];
    }),
    ...reads('user', clinical ? STAFF : PERSON),
  ];
}

/** The letters of a type that these rights need together, in the order of the grammar. */
function lettersOf(type: string, rights: readonly string[]): string {
  const own = rights.flatMap((it) => WRITES[it as Right] ?? []).filter((it) => it[0] === type);
  return [...'cu'].filter((letter) => own.some((it) => it[1].includes(letter))).join('');
}

/** Every scope that any launch asks for: what a registration lists, and what the demonstration’s server knows. */
export const allScopes = (): readonly string[] => [
  ...new Set(
    (['clinician', 'patient'] as const).flatMap((as) =>
      (['ehr', 'standalone'] as const).flatMap((launched) => scopesFor(as, launched)),
    ),
  ),
];
