import type { CarePlan, CodeableConcept, Coding, Element, Extension, Reference } from 'fhir/r4.js';
import { codeSystem, DEVICE_ID, structureDefinition } from './canonicals.ts';
import {
  DECISION,
  type Decision,
  EPISODE,
  EVIDENCE,
  POSITION,
  type Position,
  RULE,
  STATUS_REASON,
} from './care-plan.ts';
import { coding, type Display, TAG } from './derived-observation.ts';
import { STEPPED_CARE } from './membership.ts';
import { moved, type PlanEvent } from './plan-state.ts';
import type { Level, Protocol, StepRule, Words } from './protocol.ts';
import { CARE_PLAN_IDENTIFIER } from './step-identity.ts';
import type { Evidence } from './stepping.ts';

export const STEP_REASON = codeSystem('step-reason');

/** What any CarePlan of one patient has in common. */
export interface PlanFrame {
  /** `Patient/…` */
  readonly patient: string;
  /** `EpisodeOfCare/…` */
  readonly episode: string | undefined;
  readonly protocol: Protocol;
  /** `CareTeam/…` */
  readonly careTeams: readonly string[];
  readonly tags: readonly Coding[];
  readonly display: Display;
}

/** A text in English with its translations; Catalan stands in an extension of its own (docs/decisions/catalan-labels.md). */
export const translations = (words: Words): Element => ({
  extension: [
    {
      url: 'http://hl7.org/fhir/StructureDefinition/translation',
      extension: [
        { url: 'lang', valueCode: 'es' },
        { url: 'content', valueString: words.es },
      ],
    },
    {
      url: structureDefinition('label'),
      extension: [
        { url: 'language', valueString: 'ca' },
        { url: 'content', valueString: words.ca },
      ],
    },
  ],
});

function framed(frame: PlanFrame, id: string, level: Level, extensions: readonly Extension[]) {
  const episode: Extension[] =
    frame.episode === undefined ? [] : [{ url: EPISODE, valueReference: { reference: frame.episode } }];
  const all = [...episode, ...extensions];
  return {
    resourceType: 'CarePlan' as const,
    id,
    meta: {
      profile: [structureDefinition('stepped-care-plan')],
      ...(frame.tags.length === 0 ? {} : { tag: [...frame.tags] }),
    },
    language: 'en',
    ...(all.length === 0 ? {} : { extension: all }),
    identifier: [{ system: CARE_PLAN_IDENTIFIER, value: id }],
    instantiatesCanonical: [`${frame.protocol.url}|${frame.protocol.version}`],
    category: [{ coding: [coding(STEPPED_CARE, level.code, frame.display)] }],
    title: level.title.en,
    _title: translations(level.title),
    subject: { reference: frame.patient },
    ...(frame.careTeams.length === 0 ? {} : { careTeam: frame.careTeams.map((reference) => ({ reference })) }),
  };
}

/** What makes a level begin. */
export interface Beginning {
  readonly id: string;
  readonly level: Level;
  /** `Practitioner/…` */
  readonly by: string;
  /** An instant (UTC). */
  readonly at: string;
  /** `Task/…` of the level’s activities. */
  readonly activities: readonly string[];
  readonly replaces?: CarePlan;
  readonly basedOn?: CarePlan;
}

/** The plan in force from `at` on. */
export function activePlan(frame: PlanFrame, beginning: Beginning): CarePlan {
  const { id, level, by, at, activities, replaces, basedOn } = beginning;
  return {
    ...framed(frame, id, level, []),
    ...(basedOn === undefined ? {} : { basedOn: [{ reference: `CarePlan/${basedOn.id}` }] }),
    ...(replaces === undefined ? {} : { replaces: [{ reference: `CarePlan/${replaces.id}` }] }),
    status: 'active',
    intent: 'plan',
    period: { start: at },
    created: at,
    author: { reference: by },
    ...(activities.length === 0 ? {} : { activity: activities.map((reference) => ({ reference: { reference } })) }),
  };
}

/** What a rule proposes. */
export interface Proposing {
  readonly id: string;
  readonly rule: StepRule;
  readonly level: Level;
  /** The plan in force, which the proposed one would follow. */
  readonly present: CarePlan;
  readonly evidence: readonly Evidence[];
  readonly sentence: Words;
  readonly at: string;
}

const valued = (it: Evidence): Extension => ({
  url: EVIDENCE,
  extension: [
    { url: 'measure', valueCode: it.reading.measure },
    ...(it.reading.component === undefined ? [] : [{ url: 'component', valueCode: it.reading.component }]),
    { url: 'value', valueDecimal: it.reading.value },
    { url: 'status', valueCode: it.reading.status },
    { url: 'effective', valueDateTime: it.reading.effective },
    { url: 'comparator', valueString: it.comparison.comparator },
    { url: 'limit', valueDecimal: it.comparison.value },
    ...(it.reading.keyUnconfirmed ? [{ url: 'key-unconfirmed', valueBoolean: true }] : []),
  ],
});

/** The Observation with what it said when something came to rest on it. */
export const readingReference = (it: Evidence): Reference => ({
  reference: it.reading.observation,
  extension: [valued(it)],
});

/** A draft that waits for a clinician: it orders nothing. */
export function proposedPlan(frame: PlanFrame, proposing: Proposing): CarePlan {
  const { id, rule, level, evidence, sentence, at, present } = proposing;
  const ruleExtension: Extension = {
    url: RULE,
    extension: [
      { url: 'canonical', valueCanonical: frame.protocol.url },
      { url: 'version', valueString: frame.protocol.version },
      { url: 'action', valueString: rule.id },
    ],
  };
  const unconfirmed = evidence.some((it) => it.reading.keyUnconfirmed);
  const tags = unconfirmed ? [...frame.tags, coding(TAG, 'key-unconfirmed', frame.display)] : frame.tags;
  return {
    ...framed({ ...frame, tags }, id, level, [ruleExtension]),
    replaces: [{ reference: `CarePlan/${present.id}` }],
    status: 'draft',
    intent: 'proposal',
    description: sentence.en,
    _description: translations(sentence),
    created: at,
    author: { reference: `Device/${DEVICE_ID}` },
    supportingInfo: evidence.map(readingReference),
  };
}

/** Why a CarePlan is no longer in force: a code of `CodeSystem/step-reason`, and a person’s own words. */
export interface Reason {
  readonly code: string;
  readonly text?: string;
}

export const reasonConcept = (reason: Reason, display: Display): CodeableConcept => ({
  coding: [coding(STEP_REASON, reason.code, display)],
  ...(reason.text === undefined ? {} : { text: reason.text }),
});

const withExtensions = (plan: CarePlan, ...more: readonly Extension[]): CarePlan => ({
  ...plan,
  extension: [...(plan.extension ?? []), ...more],
});

function withReason(plan: CarePlan, reason: Reason, display: Display): CarePlan {
  const others = (plan.extension ?? []).filter((it) => it.url !== STATUS_REASON);
  return withExtensions(
    { ...plan, extension: others },
    { url: STATUS_REASON, valueCodeableConcept: reasonConcept(reason, display) },
  );
}

/** A proposal or plan after an event that is no decision. @throws IllegalStepError */
export const afterEvent = (plan: CarePlan, event: PlanEvent, reason: Reason, display: Display): CarePlan =>
  withReason(moved(plan, event), reason, display);

/** A plan that is no longer in force from `end` on, an instant (UTC). @throws IllegalStepError */
export function closedPlan(plan: CarePlan, event: PlanEvent, reason: Reason, end: string, display: Display): CarePlan {
  const start = plan.period?.start;
  const after = start !== undefined && Date.parse(end) < Date.parse(start) ? start : end;
  return { ...afterEvent(plan, event, reason, display), period: { ...plan.period, end: after } };
}

const EVENT = { approved: 'approve', declined: 'decline', overridden: 'override' } as const;

/** The proposal with what a named clinician decided about it. @throws IllegalStepError where it waits no longer */
export function decidedProposal(proposal: CarePlan, decision: Decision, display: Display): CarePlan {
  const { outcome, level, by, at, reason, enterer } = decision;
  const after = withExtensions(moved(proposal, EVENT[outcome]), {
    url: DECISION,
    extension: [
      { url: 'outcome', valueCode: outcome },
      ...(level === undefined ? [] : [{ url: 'level', valueCode: level }]),
      { url: 'by', valueReference: { reference: by } },
      { url: 'at', valueDateTime: at },
      ...(reason === undefined ? [] : [{ url: 'reason', valueString: reason }]),
      ...(enterer === undefined ? [] : [{ url: 'enterer', valueString: enterer }]),
    ],
  });
  if (outcome === 'approved') return after;
  return withReason(after, { code: outcome, ...(reason === undefined ? {} : { text: reason }) }, display);
}

/** The CarePlan with what the patient said about it. */
export function withPosition(plan: CarePlan, position: Position): CarePlan {
  const { kind, level, at, recordedBy, note, enterer } = position;
  return withExtensions(plan, {
    url: POSITION,
    extension: [
      { url: 'kind', valueCode: kind },
      ...(level === undefined ? [] : [{ url: 'level', valueCode: level }]),
      { url: 'at', valueDateTime: at },
      { url: 'recorded-by', valueReference: { reference: recordedBy } },
      ...(note === undefined ? [] : [{ url: 'note', valueString: note }]),
      ...(enterer === undefined ? [] : [{ url: 'enterer', valueString: enterer }]),
    ],
  });
}
