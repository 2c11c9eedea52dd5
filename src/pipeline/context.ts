import type { Content } from '../content/port.ts';
import type { PractitionerOfRole } from '../domain/care.ts';
import type { Display } from '../domain/derived-observation.ts';
import type { ProgrammeSettings } from '../domain/patient-record.ts';

/** What every stage asks: content, settings, and the names of codes. */
export interface PipelineContext {
  readonly content: Content;
  readonly settings: ProgrammeSettings;
  readonly display: Display;
}

/** What is known about other resources while one chunk of subjects is read. */
export interface Surroundings {
  readonly roles: PractitionerOfRole;
  /** Response keys (`system|value`) that more than one patient's responses carry. */
  readonly contested: ReadonlySet<string>;
}

/**
 * What searches name a response’s form by: each canonical without version, and ours with it too, because some servers
 * match `url|version` only as a whole.
 */
export const searchedCanonicals = (content: Content): string[] => [
  ...content.questionnaireUrls,
  ...content.instruments.map((it) => `${it.url}|${it.version}`),
];
