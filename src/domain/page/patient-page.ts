import type { Identifier } from 'fhir/r4.js';
import { codeSystem } from '../canonicals.ts';
import { levelOf } from '../care-plan.ts';
import { consented } from '../consent.ts';
import { languageOf } from '../contact.ts';
import { dayNumber, localDate } from '../instant.ts';
import { isPaused, pauseReason, presentPause } from '../plan-pause.ts';
import type { ConsentPolicy, ConsentPurpose } from '../programme.ts';
import type { Words } from '../protocol.ts';
import { literal } from '../reference.ts';
import { FLAG_DETAIL } from '../safety-sign.ts';
import { deathOf } from '../step-record.ts';
import type { PatientBanner, PatientRights, PatientView } from '../view/patient-view.ts';
import { allianceView, withoutAbsent } from './alliance-page.ts';
import { contactsOf } from './contacts-page.ts';
import { dueOf } from './due-page.ts';
import { levelsOf, pastProposalsOf, proposalOf, staysOf } from './levels-page.ts';
import { distressOf, toolsOf } from './measures-page.ts';
import { named, type PageInput, today } from './page-input.ts';

/** What a page needs beside the look: the site’s policies and words. */
export interface PageMore {
  readonly consent: ConsentPolicy;
  readonly rights: PatientRights;
  readonly name: string;
  readonly activity: (canonical: string) => Words;
  readonly safetyOutcomes: readonly string[];
  /** The patient takes part in the study now. */
  readonly inStudy: boolean;
}

/** The page of one patient as its reader may see it; an instant says when it was made. */
export function patientPage(input: PageInput, more: PageMore): PatientView {
  const proposal = proposalOf(input, more.activity);
  return {
    banner: bannerOf(input, more),
    asOf: new Date(input.look.moment.nowMs).toISOString(),
    rights: more.rights,
    signs: input.overview.signs.map((it) => ({
      task: it.task,
      takenUp: it.takenUp,
      ...withoutAbsent({
        raisedAt: it.raisedAt,
        respondBy: it.respondBy,
        owner: it.owner === undefined ? undefined : named(it.owner, input),
        responseId: answersOfSign(it.task, input),
      }),
    })),
    safetyOutcomes: more.safetyOutcomes.map((code) => ({
      code,
      title: input.say(codeSystem('safety-outcome'), code),
    })),
    ...(proposal === undefined ? {} : { proposal }),
    due: dueOf(input, more.rights.reschedule),
    alliance: allianceView(input),
    distress: distressOf(input),
    levels: input.look.hasLevels ? levelsOf(input, more.activity) : [],
    stays: staysOf(input),
    pastProposals: pastProposalsOf(input),
    contacts: contactsOf(input),
    tools: toolsOf(input),
  };
}

/** Id of the response that a sign of danger came from, as its Flag names it. */
function answersOfSign(task: string, { look, resources }: PageInput): string | undefined {
  const { baseUrl } = look.settings;
  const focus = literal(look.tasks.find((it) => it.id === task)?.focus, baseUrl);
  const flag = resources.find((it) => it.resourceType === 'Flag' && `Flag/${it.id}` === focus);
  if (flag?.resourceType !== 'Flag') return undefined;
  const named = literal(flag.extension?.find((it) => it.url === FLAG_DETAIL)?.valueReference, baseUrl);
  return named?.startsWith('QuestionnaireResponse/') ? named.slice('QuestionnaireResponse/'.length) : undefined;
}

const PURPOSES: readonly ConsentPurpose[] = ['digital-follow-up', 'contact', 'research', 'alliance-release'];

function bannerOf(input: PageInput, more: PageMore): PatientBanner {
  const { record, moment, settings, hasLevels, protocol } = input.look;
  const { patient } = record;
  const { level } = input.overview;
  const onHold = record.carePlans.find(isPaused);
  const pause = onHold === undefined ? undefined : presentPause(onHold);
  const code = level?.code ?? (onHold === undefined ? undefined : levelOf(onHold));
  const known = protocol.levels.find((it) => it.code === code);
  const now = known === undefined ? undefined : { code: known.code, rank: known.rank, title: known.title };
  return {
    id: patient?.id ?? '',
    name: more.name,
    language: languageOf(patient),
    consents: PURPOSES.map((purpose) => ({
      purpose,
      title: input.say(codeSystem('consent-purpose'), purpose),
      given: consented(record.consents, purpose, moment.nowMs, more.consent, settings.timeZone),
    })),
    mode: more.inStudy ? 'study' : 'care',
    ...withoutAbsent({
      birthDate: patient?.birthDate,
      age: ageOn(patient?.birthDate, today(input)),
      recordNumber: recordNumberOf(patient?.identifier),
      level: hasLevels && now !== undefined ? { ...now, ...withoutAbsent({ since: level?.since }) } : undefined,
      paused:
        pause === undefined
          ? undefined
          : {
              since: localDate(pause.fromMs, settings.timeZone),
              ...withoutAbsent({ reason: onHold === undefined ? undefined : pauseReason(onHold) }),
              ...(pause.toMs === undefined ? {} : { until: localDate(pause.toMs, settings.timeZone) }),
            },
      deceased: deathOf(record) === undefined ? undefined : true,
    }),
  };
}

/** Completed years; absent without a whole date of birth. */
export function ageOn(birthDate: string | undefined, date: string): number | undefined {
  if (birthDate === undefined || !/^\d{4}-\d{2}-\d{2}$/.test(birthDate) || Number.isNaN(dayNumber(birthDate)))
    return undefined;
  const years = Number(date.slice(0, 4)) - Number(birthDate.slice(0, 4));
  return date.slice(5) < birthDate.slice(5) ? years - 1 : years;
}

/** The number of the record as the hospital uses it: a medical record number, else the first that is not old. */
export function recordNumberOf(identifiers: readonly Identifier[] | undefined): string | undefined {
  const current = (identifiers ?? []).filter((it) => it.use !== 'old' && it.value !== undefined);
  const isNumber = (it: Identifier) => it.type?.coding?.some((one) => one.code === 'MR') ?? false;
  return (current.find(isNumber) ?? current[0])?.value;
}
