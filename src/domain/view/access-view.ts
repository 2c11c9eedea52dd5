/* Drafted by the page that reads it; whoever answers it may change anything here. */

/** One look at, or change of, a patient's data by a person. */
export interface AccessRow {
  readonly id: string;
  readonly at: string;
  readonly who: { readonly reference: string; readonly name?: string; readonly role?: string };
  readonly patient?: { readonly id: string; readonly name?: string };
  readonly action: 'read' | 'create' | 'update' | 'delete' | 'execute';
  /** What was seen: kinds of data (`Observation`), and by their references what was named (`QuestionnaireResponse/17`). */
  readonly what: readonly string[];
  readonly purpose?: string;
  readonly ok: boolean;
  /** The person cares for the patient. */
  readonly inCare?: boolean;
}

/** `GET /api/accesses?patient&who&from&to&page` */
export interface AccessesView {
  readonly rows: readonly AccessRow[];
  readonly total: number;
  readonly page: number;
  readonly pages: number;
}
