import type { Instrument } from '../domain/instrument.ts';
import type { Issue } from '../domain/outcome.ts';
import { canonicalOf, parseCanonical } from './canonical.ts';
import { fault } from './content-error.ts';
import { type ContentFile, isRecord } from './content-files.ts';

/** One named person's word that a key is that of the licensed form: a file in `CONTENT_DIR/key-confirmations`. */
export interface KeyConfirmation {
  readonly questionnaire: string;
  readonly version: string;
  readonly language: string;
  readonly rater: string;
  readonly digest: string;
  readonly licence: string;
  readonly confirmedBy: string;
  readonly date: string;
}

const FIELDS = ['questionnaire', 'version', 'language', 'rater', 'digest', 'licence', 'confirmedBy', 'date'] as const;

/** The confirmations among a site's files; faults where one is incomplete or about a key that nobody has. */
export function readConfirmations(
  files: readonly ContentFile[],
  instruments: readonly Instrument[],
  issues: Issue[],
): readonly KeyConfirmation[] {
  return files
    .filter((file) => file.path.startsWith('key-confirmations/'))
    .flatMap((file) => {
      const confirmation = readOne(file, issues);
      if (confirmation === undefined) return [];
      const named = canonicalOf({ url: parseCanonical(confirmation.questionnaire).url, version: confirmation.version });
      const instrument = instruments.find((it) => canonicalOf(it) === named);
      if (instrument === undefined)
        issues.push(fault(file.path, 'questionnaire', 'unresolved-canonical', `There is no ${named}.`));
      else if (instrument.rater !== confirmation.rater)
        issues.push(fault(file.path, 'rater', 'wrong-rater', `${named} is answered by the ${instrument.rater}.`));
      return [confirmation];
    });
}

function readOne({ path, json }: ContentFile, issues: Issue[]): KeyConfirmation | undefined {
  const missing = FIELDS.filter((field) => !isRecord(json) || typeof json[field] !== 'string' || json[field] === '');
  for (const field of missing)
    issues.push(fault(path, field, 'incomplete-confirmation', `A confirmation names its ${field}.`));
  if (missing.length > 0 || !isRecord(json)) return undefined;
  return Object.fromEntries(FIELDS.map((field) => [field, json[field]])) as unknown as KeyConfirmation;
}

/** True where a language tag is covered by another: `es-ES` by `es`, not the other way round. */
export const covers = (broad: string, tag: string | undefined): boolean =>
  tag !== undefined &&
  (tag.toLowerCase() === broad.toLowerCase() || tag.toLowerCase().startsWith(`${broad.toLowerCase()}-`));

/**
 * Whether a confirmation speaks of exactly this key: same instrument, version, rater and language, and made for the
 * content as it is now (`digest`). A key that was changed since is not confirmed.
 */
export function isConfirmed(
  instrument: Instrument,
  language: string | undefined,
  digest: string,
  confirmations: readonly KeyConfirmation[],
): boolean {
  return confirmations.some(
    (it) =>
      parseCanonical(it.questionnaire).url === instrument.url &&
      it.version === instrument.version &&
      it.rater === instrument.rater &&
      it.digest === digest &&
      covers(it.language, language),
  );
}
