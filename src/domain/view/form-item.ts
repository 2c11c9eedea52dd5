import type { Coding, QuestionnaireItemEnableWhen } from 'fhir/r4.js';

/** What kind of answer a question takes; `group` and `display` take none. */
export type FormItemType =
  | 'group'
  | 'display'
  | 'choice'
  | 'open-choice'
  | 'boolean'
  | 'integer'
  | 'decimal'
  | 'quantity'
  | 'string'
  | 'text'
  | 'url'
  | 'date'
  | 'dateTime'
  | 'time';

/** The value of one option, as the answer holds it. */
export type OptionValue =
  | { readonly valueCoding: Coding }
  | { readonly valueString: string }
  | { readonly valueInteger: number }
  | { readonly valueDate: string }
  | { readonly valueTime: string };

/** One answer that can be chosen: what is stored, and what is read, in the form's language. */
export interface FormOption {
  readonly value: OptionValue;
  readonly label: string;
}

/**
 * One item of a form as it is shown: worded in the form's language. Hidden items (scores, who is rated) are not in it; nor
 * are the `display` items that label a slider's ends or help with a question: they are `low`, `high` and `help`.
 */
export interface FormItem {
  readonly linkId: string;
  readonly type: FormItemType;
  /** As the publisher numbers it: "1", "2a". */
  readonly prefix?: string;
  readonly text?: string;
  readonly help?: string;
  readonly repeats?: boolean;
  /** Asked for by the publisher. Nothing of Vincle's is; a missing answer never refuses a response. */
  readonly required?: boolean;
  readonly readOnly?: boolean;
  readonly maxLength?: number;
  /** A line to be touched (VAS, thermometer), which starts without a mark. */
  readonly slider?: {
    readonly low: number;
    readonly high: number;
    readonly step: number;
    readonly lowLabel?: string;
    readonly highLabel?: string;
  };
  /** Bounds of a number or a date, both included, in the answer's own unit. */
  readonly min?: number | string;
  readonly max?: number | string;
  readonly unit?: Coding;
  readonly options?: readonly FormOption[];
  /** As in R4; `any` where `enableBehavior` is absent. */
  readonly enableWhen?: readonly QuestionnaireItemEnableWhen[];
  readonly enableBehavior?: 'all' | 'any';
  readonly items?: readonly FormItem[];
}
