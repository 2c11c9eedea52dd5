/** An arm’s code, `all` for the whole cohort, `masked` where arms may not be told apart. */
export type ArmOrAll = string;
