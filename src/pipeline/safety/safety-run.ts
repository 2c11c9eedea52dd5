/** What one look at responses came to; counts, never patient data. */
export interface SafetyRun {
  /** Responses to forms that ask for signs of danger. */
  read: number;
  /** Of them those of nobody in the programme. */
  outside: number;
  /** Signs found, old ones among them. */
  signs: number;
  raised: number;
  /** Open or closed Tasks that learned what the answer is now. */
  noted: number;
  /** Signs that were raised before. */
  standing: number;
  /** Answers from before SAFETY_FROM, new on the review list. */
  old: number;
  /** Signs about which somebody was told. */
  told: number;
  /** Signs about which nobody could be told: the escalation tries again. */
  untold: number;
  /** Reviews that something else had marked done, and that wait for a person again. */
  reopened: number;
  /** Signs that could not be raised: the next run tries again, and the checkpoint stays. */
  failed: number;
}

export const emptySafetyRun = (): SafetyRun => ({
  read: 0,
  outside: 0,
  signs: 0,
  raised: 0,
  noted: 0,
  standing: 0,
  old: 0,
  told: 0,
  untold: 0,
  reopened: 0,
  failed: 0,
});
