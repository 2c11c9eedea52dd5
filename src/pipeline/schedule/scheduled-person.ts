import type { QuestionnaireResponse } from 'fhir/r4.js';
import { practitioner, treating } from '../../domain/care.ts';
import { consented } from '../../domain/consent.ts';
import { hourOfDay, localDate, readAuthored } from '../../domain/instant.ts';
import { membershipOf } from '../../domain/membership.ts';
import type { Arrived, Scheduled, StopReason } from '../../domain/occasion.ts';
import { isPaused, pausesOf } from '../../domain/plan-pause.ts';
import { totalOf } from '../../domain/rating.ts';
import { literal } from '../../domain/reference.ts';
import { type Chart, chartsOf, replacedBy } from '../../domain/step-chart.ts';
import { deathOf, isActive, plansOf, rolesOf, type StepRecord } from '../../domain/step-record.ts';
import type { PipelineContext } from '../context.ts';
import { type Forms, readRatings } from '../read-ratings.ts';

const THERAPIST = 'psycho-oncologist';
const RATED_THERAPIST = 'rated-therapist';
const ON_STUDY: ReadonlySet<string> = new Set([
  'on-study',
  'on-study-intervention',
  'on-study-observation',
  'follow-up',
]);

/** Everything the schedule asks about one person, read from the record; `responses` are those of all their records. */
export function scheduledPerson(
  record: StepRecord,
  responses: readonly QuestionnaireResponse[],
  forms: Forms,
  context: PipelineContext,
  nowMs: number,
): Scheduled {
  const { content, settings } = context;
  const zone = settings.timeZone;
  const membership = membershipOf(record, settings);
  const { plans } = plansOf(record);
  const charts = chartsOf(record, settings.baseUrl).filter((it) => it.present !== undefined);
  const chart = charts.toSorted((a, b) => (a.enrolledMs ?? 0) - (b.enrolledMs ?? 0))[0];
  const stopped: StopReason | undefined =
    deathOf(record) !== undefined ? 'deceased' : membership.inScope ? undefined : 'left-programme';
  const mayResearch = consented(record.consents, 'research', nowMs, content.consent, zone);
  const onStudy = isOnStudy(record, settings.study, settings.baseUrl);
  const mayAsk = consented(record.consents, 'digital-follow-up', nowMs, content.consent, zone);
  return {
    patient: record.subject,
    anchors: {
      inclusion: membership.inclusion,
      course: chart?.enrolledMs === undefined ? undefined : localDate(chart.enrolledMs, zone),
    },
    arm: membership.arm,
    course: courseOf(chart, settings.baseUrl),
    paused: chart === undefined && plans.some(isPaused),
    pauses: plans.flatMap(pausesOf),
    ...(stopped === undefined ? {} : { stopped }),
    ...(onStudy && mayResearch ? {} : { studyStopped: 'research-withdrawn' }),
    ...(mayAsk ? {} : { patientStopped: 'consent-withdrawn' }),
    therapistsOn: (date) => therapistsOn(record, date, context),
    derived: record.derived,
    arrived: record.aliases.flatMap((alias) => arrivedOf(record, alias, responses, forms, context)),
  };
}

const isOnStudy = (record: StepRecord, study: string | undefined, baseUrl: string): boolean =>
  record.researchSubjects.some(
    (it) => study !== undefined && literal(it.study, baseUrl) === study && ON_STUDY.has(it.status),
  );

/** The plan in force, and the one with which its course began: levels come and go within one course. */
function courseOf(chart: Chart | undefined, baseUrl: string): Scheduled['course'] {
  if (chart?.present === undefined) return undefined;
  const seen = new Set<string>();
  let first = chart.present;
  for (;;) {
    seen.add(`CarePlan/${first.id}`);
    const former = replacedBy(first, baseUrl).flatMap(
      (it) => chart.plans.find((p) => `CarePlan/${p.id}` === it) ?? [],
    )[0];
    if (former === undefined || seen.has(`CarePlan/${former.id}`)) break;
    first = former;
  }
  return { first: `CarePlan/${first.id}`, present: `CarePlan/${chart.present.id}` };
}

/**
 * Whose work with the patient is rated: the psycho-oncologists in their care; where nobody says who that is, the care
 * manager; else the only person who treats them. Nobody who left.
 */
function therapistsOn(record: StepRecord, date: string, { settings }: PipelineContext): readonly string[] {
  const present = treating(record, date, record.roles, settings).filter((it) => isActive(record, it));
  const moment = { nowMs: hourOfDay(date, 12, settings.timeZone), zone: settings.timeZone };
  const named = present.filter((it) => rolesOf(record, it, moment, settings.baseUrl).has(THERAPIST));
  if (named.length > 0) return named;
  const managers = new Set(
    record.episodes.flatMap((it) => practitioner(it.careManager, record.roles, settings.baseUrl) ?? []),
  );
  const managing = present.filter((it) => managers.has(it));
  if (managing.length > 0) return managing;
  return present.length === 1 ? present : [];
}

/** What came from one of the person’s records, read as the alliance reads it. */
function arrivedOf(
  record: StepRecord,
  alias: string,
  responses: readonly QuestionnaireResponse[],
  forms: Forms,
  context: PipelineContext,
): Arrived[] {
  const { baseUrl } = context.settings;
  const patient = record.patients.find((it) => `Patient/${it.id}` === alias);
  const own = responses.filter((it) => literal(it.subject, baseUrl) === alias);
  if (own.length === 0) return [];
  const outcomes = readRatings({ ...record, subject: alias, patient, responses: own }, forms, context, {
    roles: record.roles,
    contested: new Set(),
  });
  const finished = outcomes.flatMap(({ rating, response }): Arrived[] =>
    rating === undefined
      ? []
      : [
          {
            response,
            instrument: rating.instrument.id,
            rater: rating.rater === alias ? record.subject : rating.rater,
            therapist: rating.therapist,
            date: rating.authored.date,
            epochMs: rating.authored.epochMs,
            finished: true,
            hasTotal: totalOf(rating) !== undefined,
          },
        ],
  );
  const drafts = own.filter((it) => it.status === 'in-progress');
  return [...finished, ...drafts.flatMap((it) => draftOf(it, record, alias, forms, context))];
}

function draftOf(
  response: QuestionnaireResponse,
  record: StepRecord,
  alias: string,
  forms: Forms,
  { settings }: PipelineContext,
): Arrived[] {
  const resolved = forms(response.questionnaire);
  const written = readAuthored(response.authored ?? response.meta?.lastUpdated, settings.timeZone);
  if (resolved.kind !== 'known' || written === undefined) return [];
  const who = response.source ?? response.author ?? response.subject;
  const rater = practitioner(who, record.roles, settings.baseUrl) ?? literal(who, settings.baseUrl) ?? alias;
  const rated = response.item?.find((it) => it.linkId === RATED_THERAPIST)?.answer?.[0]?.valueReference;
  return [
    {
      response: `QuestionnaireResponse/${response.id}`,
      instrument: resolved.instrument.id,
      rater: rater === alias ? record.subject : rater,
      therapist: practitioner(rated, record.roles, settings.baseUrl),
      date: written.date,
      epochMs: written.epochMs,
      finished: false,
      hasTotal: false,
    },
  ];
}
