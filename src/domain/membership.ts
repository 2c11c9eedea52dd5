import type { CarePlan, EpisodeOfCare, Period, ResearchSubject } from 'fhir/r4.js';
import { codeSystem } from './canonicals.ts';
import { readAuthored } from './instant.ts';
import type { PatientRecord, ProgrammeSettings } from './patient-record.ts';
import { literal } from './reference.ts';

/** The resources that put a patient into the programme. */
export type MembershipSources = Pick<PatientRecord, 'researchSubjects' | 'episodes' | 'carePlans'>;

export const STEPPED_CARE = codeSystem('stepped-care-level');

/** Whether a patient belongs to the programme, and since when. */
export interface Membership {
  readonly inScope: boolean;
  /** Local calendar date of inclusion; absent where no source gives a start. */
  readonly inclusion: string | undefined;
  /** `ResearchSubject.assignedArm` (intention to treat). */
  readonly arm: string | undefined;
  /** Why a person must look: no inclusion, or several that disagree. */
  readonly doubt: 'no-inclusion' | 'several-inclusions' | 'several-arms' | undefined;
}

/** R4 has no `entered-in-error` for a ResearchSubject; a server that writes it anyway is understood. */
const inError = (resource: { status?: string }): boolean => resource.status === 'entered-in-error';

const subjectsOf = (record: MembershipSources, settings: ProgrammeSettings): ResearchSubject[] =>
  settings.study === undefined
    ? []
    : record.researchSubjects.filter((it) => !inError(it) && literal(it.study, settings.baseUrl) === settings.study);

/** Episodes of the programme: `system|code` or a bare code against an EpisodeOfCare's types; none where no type is set. */
export function programmeEpisodes(
  record: Pick<MembershipSources, 'episodes'>,
  settings: Pick<ProgrammeSettings, 'episodeType'>,
): EpisodeOfCare[] {
  const { episodeType } = settings;
  if (episodeType === undefined) return [];
  const bar = episodeType.indexOf('|');
  const [system, code] = bar < 0 ? [undefined, episodeType] : [episodeType.slice(0, bar), episodeType.slice(bar + 1)];
  return record.episodes.filter(
    (it) =>
      !inError(it) &&
      it.type?.some((type) =>
        type.coding?.some((c) => c.code === code && (system === undefined || c.system === system)),
      ),
  );
}

const plansOf = (record: MembershipSources): CarePlan[] =>
  record.carePlans.filter(
    (it) => !inError(it) && it.category?.some((category) => category.coding?.some((c) => c.system === STEPPED_CARE)),
  );

/** Start dates of the first source that has any, ResearchSubject before EpisodeOfCare before CarePlan. */
function starts(sources: readonly (readonly { period?: Period | undefined }[])[], zone: string): string[] {
  for (const source of sources) {
    const dates = source.flatMap((it) => readAuthored(it.period?.start, zone)?.date ?? []);
    if (dates.length > 0) return dates.sort();
  }
  return [];
}

/**
 * Scope, inclusion and arm as the contract defines them. The earliest ResearchSubject that is not entered in error
 * gives the inclusion; without one the EpisodeOfCare; without one the first stepped-care CarePlan.
 */
export function membershipOf(record: MembershipSources, settings: ProgrammeSettings): Membership {
  const subjects = subjectsOf(record, settings);
  const episodes = programmeEpisodes(record, settings);
  const plans = plansOf(record);
  const inScope = subjects.length + episodes.length + plans.length > 0;
  const dates = starts([subjects, episodes, plans], settings.timeZone);
  const arms = new Set(subjects.flatMap((it) => it.assignedArm ?? []));
  const several = subjects.length > 1 && new Set(dates).size > 1;
  return {
    inScope,
    inclusion: dates[0],
    arm: arms.size === 1 ? [...arms][0] : undefined,
    doubt: !inScope
      ? undefined
      : dates.length === 0
        ? 'no-inclusion'
        : several
          ? 'several-inclusions'
          : arms.size > 1
            ? 'several-arms'
            : undefined,
  };
}
