import type { CarePlan, Extension } from 'fhir/r4.js';
import { structureDefinition } from './canonicals.ts';
import { STEPPED_CARE } from './membership.ts';
import type { Comparison, LevelCode } from './protocol.ts';
import { literal } from './reference.ts';

export const RULE = structureDefinition('rule');
export const DECISION = structureDefinition('decision');
export const EVIDENCE = structureDefinition('evidence');
export const POSITION = structureDefinition('patient-position');
export const AMENDED = structureDefinition('evidence-amended');
export const EPISODE = 'http://hl7.org/fhir/StructureDefinition/workflow-episodeOfCare';
export const STATUS_REASON = structureDefinition('status-reason');

const named = (extensions: readonly Extension[] | undefined, url: string): Extension[] =>
  (extensions ?? []).filter((it) => it.url === url);

const part = (extension: Extension, name: string): Extension | undefined => named(extension.extension, name)[0];

/** Code of the level, where the CarePlan is of stepped care. */
export const levelOf = (plan: CarePlan): LevelCode | undefined =>
  plan.category?.flatMap((it) => it.coding ?? []).find((it) => it.system === STEPPED_CARE)?.code;

export const isProposal = (plan: CarePlan): boolean => plan.intent === 'proposal';

/** `EpisodeOfCare/…` */
export const episodeOf = (plan: CarePlan, baseUrl: string): string | undefined =>
  literal(named(plan.extension, EPISODE)[0]?.valueReference, baseUrl);

/** Version of the protocol that a CarePlan follows, of the canonical with that URL. */
export const protocolVersionOf = (plan: CarePlan, url: string): string | undefined =>
  plan.instantiatesCanonical?.find((it) => it.startsWith(`${url}|`))?.slice(url.length + 1);

export interface RuleNamed {
  readonly canonical: string;
  readonly version: string;
  readonly action: string;
}

/** The rule that proposed. */
export function ruleOf(plan: CarePlan): RuleNamed | undefined {
  const rule = named(plan.extension, RULE)[0];
  if (rule === undefined) return undefined;
  const [canonical, version, action] = [
    part(rule, 'canonical')?.valueCanonical,
    part(rule, 'version')?.valueString,
    part(rule, 'action')?.valueString,
  ];
  return canonical === undefined || version === undefined || action === undefined
    ? undefined
    : { canonical, version, action };
}

/** Who decided what about a proposal. */
export interface Decision {
  readonly outcome: 'approved' | 'declined' | 'overridden';
  /** The level chosen instead, where it was overridden. */
  readonly level?: LevelCode;
  /** `Practitioner/…` */
  readonly by: string;
  /** An instant (UTC). */
  readonly at: string;
  readonly reason?: string;
  /** The operator whose command recorded it. */
  readonly enterer?: string;
}

const OUTCOMES: ReadonlySet<string | undefined> = new Set(['approved', 'declined', 'overridden']);
const isOutcome = (code: string | undefined): code is Decision['outcome'] => OUTCOMES.has(code);

export function decisionOf(plan: CarePlan, baseUrl: string): Decision | undefined {
  const decision = named(plan.extension, DECISION)[0];
  if (decision === undefined) return undefined;
  const outcome = part(decision, 'outcome')?.valueCode;
  const level = part(decision, 'level')?.valueCode;
  const by = literal(part(decision, 'by')?.valueReference, baseUrl);
  const at = part(decision, 'at')?.valueDateTime;
  const reason = part(decision, 'reason')?.valueString;
  const enterer = part(decision, 'enterer')?.valueString;
  if (!isOutcome(outcome) || by === undefined || at === undefined) return undefined;
  return {
    outcome,
    by,
    at,
    ...(level === undefined ? {} : { level }),
    ...(reason === undefined ? {} : { reason }),
    ...(enterer === undefined ? {} : { enterer }),
  };
}

/** What the patient said about a step. */
export interface Position {
  readonly kind: 'agreed' | 'refused' | 'wished';
  readonly level?: LevelCode;
  readonly at: string;
  /** `Practitioner/…` */
  readonly recordedBy: string;
  readonly note?: string;
  readonly enterer?: string;
}

const KINDS: ReadonlySet<string | undefined> = new Set(['agreed', 'refused', 'wished']);
const isKind = (code: string | undefined): code is Position['kind'] => KINDS.has(code);

/** Everything the patient said, in the order recorded. */
export function positionsOf(plan: CarePlan, baseUrl: string): Position[] {
  return named(plan.extension, POSITION).flatMap((it): Position[] => {
    const kind = part(it, 'kind')?.valueCode;
    const level = part(it, 'level')?.valueCode;
    const at = part(it, 'at')?.valueDateTime;
    const recordedBy = literal(part(it, 'recorded-by')?.valueReference, baseUrl);
    const note = part(it, 'note')?.valueString;
    if (!isKind(kind) || at === undefined || recordedBy === undefined) return [];
    return [
      {
        kind,
        at,
        recordedBy,
        ...(level === undefined ? {} : { level }),
        ...(note === undefined ? {} : { note }),
      },
    ];
  });
}

/** What an Observation said when a proposal rested on it. */
export interface EvidenceThen {
  /** `Observation/…` */
  readonly observation: string;
  readonly measure: string;
  readonly component: string | undefined;
  readonly value: number;
  readonly status: string;
  readonly effective: string;
  readonly comparator: Comparison['comparator'] | undefined;
  readonly limit: number | undefined;
}

const COMPARATORS: ReadonlySet<string | undefined> = new Set(['>=', '>', '<=', '<']);
const isComparator = (text: string | undefined): text is Comparison['comparator'] => COMPARATORS.has(text);

export function evidenceOf(plan: CarePlan, baseUrl: string): EvidenceThen[] {
  return (plan.supportingInfo ?? []).flatMap((it): EvidenceThen[] => {
    const observation = literal(it, baseUrl);
    const evidence = named(it.extension, EVIDENCE)[0];
    if (observation === undefined || evidence === undefined) return [];
    const [measure, value, status, effective] = [
      part(evidence, 'measure')?.valueCode,
      part(evidence, 'value')?.valueDecimal,
      part(evidence, 'status')?.valueCode,
      part(evidence, 'effective')?.valueDateTime,
    ];
    const comparator = part(evidence, 'comparator')?.valueString;
    if (measure === undefined || value === undefined || status === undefined || effective === undefined) return [];
    return [
      {
        observation,
        measure,
        component: part(evidence, 'component')?.valueCode,
        value,
        status,
        effective,
        comparator: isComparator(comparator) ? comparator : undefined,
        limit: part(evidence, 'limit')?.valueDecimal,
      },
    ];
  });
}

/** Code of `CodeSystem/step-reason`: why the CarePlan is no longer in force. */
export const statusReasonOf = (plan: CarePlan): string | undefined =>
  named(plan.extension, STATUS_REASON)[0]?.valueCodeableConcept?.coding?.[0]?.code;

/** Observations whose amendment is already marked on this CarePlan. */
export const marksOf = (plan: CarePlan, baseUrl: string): string[] =>
  named(plan.extension, AMENDED).flatMap((it) => literal(part(it, 'observation')?.valueReference, baseUrl) ?? []);
