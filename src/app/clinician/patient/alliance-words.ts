import type { AllianceScore } from '../../../domain/view/patient-view.ts';
import type { Format } from '../../format/format.ts';
import type { AppWords } from '../../words/en.ts';

/** A change with what is known of its error. */
export function changeOf(change: NonNullable<AllianceScore['change']>, words: AppWords, format: Format): string {
  const value = format.signed(change.value);
  return change.verdict === undefined
    ? words.alliance.noVerdict(value)
    : words.alliance.verdicts[change.verdict](value);
}
