/** `POST /api/cohort-report`: the report of the cohort, as it is shown and as it is kept. */
export interface CohortReportView {
  /** Rules for a shadow tree that holds `body`. */
  readonly style: string;
  /** Markup without a script; every text in it is escaped. */
  readonly body: string;
  /** The same as one self-contained page, to keep. */
  readonly page: string;
  /** The study is running: arms are not told apart, and no rating is in it. */
  readonly masked: boolean;
  /** No study is configured: the cohort can be declared no trial, and then shows its findings. */
  readonly declarable: boolean;
}
