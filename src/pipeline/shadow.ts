import type { QuestionnaireResponse } from 'fhir/r4.js';
import { levelOf } from '../domain/care-plan.ts';
import { readAuthored } from '../domain/instant.ts';
import { membershipOf } from '../domain/membership.ts';
import { episodesOfType, participants, type Query, responsesOf, steppedCarePlans } from '../domain/queries.ts';
import { literal, typeOf } from '../domain/reference.ts';
import {
  courseFrom,
  type Forecast,
  forecastOf,
  type Minutes,
  type ShadowEvent,
  shadowSteps,
} from '../domain/shadow.ts';
import { chartsOf } from '../domain/step-chart.ts';
import { deathOf, deciderOf, type StepRecord } from '../domain/step-record.ts';
import type { ResourceType, Search } from '../fhir/port.ts';
import { ask, bySubject, resourcesOf } from './by-subject.ts';
import type { AlliancePorts } from './compute-alliance.ts';
import { subjectOf } from './gathering.ts';
import { detectSigns, safetyCanonicals } from './safety/detect-signs.ts';
import { measuresRead } from './steps/find-step-changes.ts';
import { loadStepRecords } from './steps/load-step-records.ts';
import { armHasLevels, ruleNamed, type StepContext, stepContext } from './steps/step-context.ts';

export interface ShadowOptions {
  readonly weeks: number;
  readonly minutes: Minutes;
  readonly nowMs: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, of: number) => void;
}

/** What the coordinator is shown: the forecast, and what it is made of. */
export interface Shadow {
  readonly forecast: Forecast;
  /** Oldest first. */
  readonly events: readonly ShadowEvent[];
}

const CHUNK = 40;
const DAY_MS = 86_400_000;

/**
 * What stepped care and the safety path would have asked of people over the last weeks, computed from what stands on the
 * hospital’s server. Reads only: nothing is written, and nobody is told.
 * @throws FhirError where the server is not reached
 */
export async function lookInShadow(ports: AlliancePorts, options: ShadowOptions): Promise<Shadow> {
  const { nowMs, weeks } = options;
  const fromMs = nowMs - weeks * 7 * DAY_MS;
  const context = stepContext(ports.context, nowMs);
  const patients = await everybody(ports);
  const events: ShadowEvent[] = [];
  const days = { inLevels: 0, overdue: 0 };
  let [inScope, inLevels] = [0, 0];
  options.onProgress?.(0, patients.length);
  for (let start = 0; start < patients.length; start += CHUNK) {
    options.signal?.throwIfAborted();
    const chunk = patients.slice(start, start + CHUNK);
    const records = (await recordsOf(ports, chunk)).filter((it) => membershipOf(it, context.settings).inScope);
    inScope += records.length;
    for (const record of records) {
      const course = stepsOf(record, context, fromMs);
      if (course === undefined) continue;
      inLevels += 1;
      events.push(...course.events);
      days.inLevels += course.days;
      days.overdue += course.overdueDays;
    }
    events.push(...(await signsOf(ports, records, context, fromMs)));
    options.onProgress?.(start + chunk.length, patients.length);
  }
  events.sort((a, b) => a.atMs - b.atMs);
  const share = days.inLevels === 0 ? undefined : days.overdue / days.inLevels;
  return {
    events,
    forecast: forecastOf(events, { fromMs, weeks, patients: inScope, inLevels }, share, options.minutes),
  };
}

const recordsOf = ({ server, context }: AlliancePorts, patients: readonly string[]): Promise<StepRecord[]> =>
  loadStepRecords(server, patients, {
    baseUrl: context.settings.baseUrl,
    measures: measuresRead(context.content.protocol),
  });

/** Everybody of the programme, by what puts them there. */
async function everybody({ server, context }: AlliancePorts): Promise<string[]> {
  const { study, episodeType, baseUrl } = context.settings;
  const queries: Query<ResourceType>[] = [
    ...(study === undefined ? [] : [participants(study)]),
    ...(episodeType === undefined ? [] : [episodesOfType(episodeType)]),
    steppedCarePlans(),
  ];
  const found = new Set<string>();
  for (const query of queries)
    for await (const page of server.search(query as Search))
      for (const it of page.resources) {
        const patient = literal(subjectOf(it), baseUrl);
        if (patient !== undefined && typeOf(patient) === 'Patient') found.add(patient);
      }
  return [...found];
}

/**
 * The steps of one patient who has levels, or would have: from the plan that was in force when the weeks began, else from
 * the inclusion at the lowest; no longer than the course, or the patient, lived.
 */
function stepsOf(record: StepRecord, context: StepContext, fromMs: number) {
  const { protocol, settings, moment } = context;
  const { arm, inclusion } = membershipOf(record, settings);
  if (arm !== undefined && !armHasLevels({ protocol }, arm)) return undefined;
  const charts = chartsOf(record, settings.baseUrl).filter((it) => it.plans.length > 0);
  const chart = charts.find((it) => it.present !== undefined) ?? charts.at(-1);
  const span = chart === undefined ? undefined : courseFrom(chart.plans, fromMs);
  if (chart !== undefined && span === undefined) return undefined;
  const enrolledMs = span?.enrolledMs ?? readAuthored(inclusion, moment.zone)?.epochMs;
  const level = span === undefined ? protocol.levels[0]?.code : levelOf(span.plan);
  const toMs = Math.min(moment.nowMs, span?.endMs ?? Number.POSITIVE_INFINITY, diedMs(record, moment.zone));
  if (enrolledMs === undefined || level === undefined || enrolledMs > toMs || toMs < fromMs) return undefined;
  const sinceMs = span?.sinceMs ?? enrolledMs;
  const began = Math.max(fromMs, sinceMs);
  const { steps, overdueDays } = shadowSteps({
    protocol,
    observations: record.derived,
    level,
    sinceMs,
    enrolledMs,
    fromMs: began,
    toMs,
    zone: moment.zone,
  });
  const events = steps.map((it): ShadowEvent => {
    const deciders = ruleNamed(context, it.rule)?.decision.deciders ?? [];
    const owner = deciderOf(record, deciders, { ...moment, nowMs: it.atMs }, settings);
    const kind = it.direction === 'up' ? 'step-up' : 'step-down';
    return { atMs: it.atMs, kind, patient: record.subject, owner, rule: it.rule };
  });
  return { events, overdueDays, days: Math.max(1, Math.floor((toMs - began) / DAY_MS) + 1) };
}

/** When the patient died; of whom only that is known, before everything: nobody is asked about them. */
function diedMs(record: StepRecord, zone: string): number {
  const death = deathOf(record);
  if (death === undefined) return Number.POSITIVE_INFINITY;
  return readAuthored(death.at, zone)?.epochMs ?? Number.NEGATIVE_INFINITY;
}

/** Answers of these weeks that would have been signs of danger; who would have been told first. */
async function signsOf(
  { server, context: pipeline }: AlliancePorts,
  records: readonly StepRecord[],
  context: StepContext,
  fromMs: number,
): Promise<ShadowEvent[]> {
  if (records.length === 0) return [];
  const { content } = pipeline;
  const { safety } = context.protocol;
  const names = safetyCanonicals(content, safety);
  const aliases = records.flatMap((it) => it.aliases);
  const [page] = await ask(server, [responsesOf(aliases, names)]);
  const found = resourcesOf(page, 'QuestionnaireResponse');
  const given = (it: QuestionnaireResponse): number =>
    (readAuthored(it.authored, context.moment.zone)?.epochMs ?? Date.parse(it.meta?.lastUpdated ?? '')) || 0;
  const recent = found.filter((it) => given(it) >= fromMs && given(it) <= context.moment.nowMs);
  const of = bySubject(recent, (it) => it.subject, context.settings.baseUrl);
  const roles = safety.chain.slice(0, 1).map((it) => it.role);
  const events: ShadowEvent[] = [];
  for (const record of records) {
    const own = record.aliases.flatMap((it) => of.get(it) ?? []);
    for (const { response, items } of await detectSigns(server, content, safety, own)) {
      const atMs = given(response);
      const owner = deciderOf(record, roles, { ...context.moment, nowMs: atMs }, context.settings);
      for (const { sign } of items)
        if (sign !== undefined) events.push({ atMs, kind: 'sign', patient: record.subject, owner });
    }
  }
  return events;
}
