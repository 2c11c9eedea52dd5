import type {
  CarePlan,
  CareTeam,
  Consent,
  EpisodeOfCare,
  Observation,
  Patient,
  QuestionnaireResponse,
  ResearchSubject,
  Task,
} from 'fhir/r4.js';

/** Everything on the hospital's server that decides what is derived for one subject. */
export interface PatientRecord {
  /** `Patient/…`, or `Practitioner/…` for what a therapist answers about the platform. */
  readonly subject: string;
  /** Absent where the server holds no such patient. */
  readonly patient: Patient | undefined;
  readonly responses: readonly QuestionnaireResponse[];
  readonly researchSubjects: readonly ResearchSubject[];
  readonly episodes: readonly EpisodeOfCare[];
  readonly carePlans: readonly CarePlan[];
  readonly careTeams: readonly CareTeam[];
  readonly consents: readonly Consent[];
  /** Derived Observations that stand there now. */
  readonly derived: readonly Observation[];
  /** Review Tasks that stand there now. */
  readonly reviews: readonly Task[];
  /** Of a `Practitioner/…`: whether any patient in that person's care belongs to the programme. */
  readonly caresForProgramme: boolean;
}

/** Which patients belong to the programme, and how local times are read. */
export interface ProgrammeSettings {
  /** `ResearchStudy/…` */
  readonly study: string | undefined;
  /** `system|code`, or a bare code, of EpisodeOfCare.type. */
  readonly episodeType: string | undefined;
  readonly timeZone: string;
  readonly baseUrl: string;
}
