import type { MissingWhy, Shown, WithheldWhy } from '../../../domain/view/patient-view.ts';
import type { Format } from '../../format/format.ts';
import type { AppWords } from '../../words/en.ts';
import { useReader } from '../reader.ts';
import styles from './shown.module.css';

type Absent = Exclude<Shown<object>, { state: 'shown' }>;

/** Why nothing is shown, in words: "asked on 3 March, overdue 9 days", "shown after you rate". */
export function whyOf(absent: Absent, words: AppWords, format: Format): string {
  if (absent.state === 'withheld') return words.withheld[absent.why satisfies WithheldWhy];
  const { why, asked, daysLate } = absent;
  const parts = [
    asked === undefined ? undefined : words.missing.askedOn(format.date(asked)),
    daysLate === undefined || daysLate < 1 ? undefined : words.missing.lateDays(daysLate),
  ].filter((it) => it !== undefined);
  const isTimed = why === 'asked' || why === 'overdue';
  return isTimed && parts.length > 0 ? parts.join(', ') : words.missing[why satisfies MissingWhy];
}

/** Looks missing: in words, never as a zero or an empty place. */
export function Absence({ absent }: { readonly absent: Absent }) {
  const { words, format } = useReader();
  return <span className={styles.absent}>{whyOf(absent, words, format)}</span>;
}
