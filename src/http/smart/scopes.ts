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
const PATIENT_READS = ['Patient', 'QuestionnaireResponse', 'Task', 'CarePlan', 'CareTeam'] as const;

const reads = (level: 'patient' | 'user', types: readonly string[]): string[] => types.map((it) => `${level}/${it}.rs`);

/**
 * The least that each role needs: a patient reads what is asked and what was answered, and answers; a clinician launched
 * from a chart reads that patient; one who starts alone reads the patients that the hospital lets that person read.
 */
export function scopesFor(as: LaunchAs, launched: 'ehr' | 'standalone'): readonly string[] {
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
  return [
    ...sign,
    ...(launched === 'ehr' ? ['launch'] : []),
    ...reads(level, RECORD),
    ...[`${level}/QuestionnaireResponse.cu`, `${level}/Task.cu`, `${level}/CarePlan.cu`, `${level}/Flag.u`],
    `${level}/Communication.c`,
    ...reads('user', STAFF),
  ];
}

/** Every scope that any launch asks for: what a registration lists, and what the demonstration’s server knows. */
export const allScopes = (): readonly string[] => [
  ...new Set(
    (['clinician', 'patient'] as const).flatMap((as) =>
      (['ehr', 'standalone'] as const).flatMap((launched) => scopesFor(as, launched)),
    ),
  ),
];
