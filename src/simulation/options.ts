/** What a simulated year of care is made from: the same options give the same year. */
export interface SimulationOptions {
  readonly patients: number;
  readonly months: number;
  readonly seed: number;
  /** First simulated day, `YYYY-MM-DD`; patients are included over its first four weeks. */
  readonly start: string;
  /** Days between two looks at the programme. */
  readonly tickDays: number;
  /** Before every id, so that a simulation stands apart from everything else on its server. */
  readonly prefix: string;
  /** `ResearchStudy/…` that stands already; one of the simulation’s own where none is said. */
  readonly study?: string;
}

/** How people behave, as chances. They are made up, plausible for a demonstration, and taken from no study. */
export const CHANCES = {
  /** That somebody asked answers within a tick. */
  answers: 0.5,
  therapistAnswers: 0.45,
  /** That an answer given is later amended. */
  amends: 0.01,
  /** That a proposal is decided within a tick, and that it is approved then. */
  decides: 0.7,
  approves: 0.8,
  agrees: 0.9,
  /** That a sign is taken up within a tick, and closed within the next. */
  takesUp: 0.85,
  closes: 0.8,
  /** For each patient and tick. */
  crisis: 0.012,
  dies: 0.0004,
  withdraws: 0.0006,
  changesTherapist: 0.001,
} as const;
