import type { CarePlan, Provenance, ProvenanceAgent } from 'fhir/r4.js';
import { codeSystem, DEVICE_ID } from './canonicals.ts';
import { coding, type Display } from './derived-observation.ts';
import { provenanceId } from './step-identity.ts';

const STEP_EVENT = codeSystem('step-event');
const PARTICIPANT = 'http://terminology.hl7.org/CodeSystem/provenance-participant-type';

/** Codes of `CodeSystem/step-event`. */
export type StepEvent =
  | 'enrolled'
  | 'proposed'
  | 'approved'
  | 'declined'
  | 'overridden'
  | 'withdrawn'
  | 'expired'
  | 'escalated'
  | 'ended'
  | 'held'
  | 'resumed'
  | 'agreed'
  | 'refused'
  | 'wished';

export interface Recorded {
  readonly event: StepEvent;
  /** What it is about, the first giving the Provenance its identity. */
  readonly targets: readonly CarePlan[];
  /** An instant (UTC). */
  readonly at: string;
  /** `Practitioner/…` who decided; absent where Vincle followed the protocol. */
  readonly by?: string;
  /** Whose word it is, where that is not who recorded it: `Patient/…`. */
  readonly informant?: string;
  /** The operator whose command recorded it. */
  readonly enterer?: string;
  /** `Observation/…`, `CarePlan/…` it rests on. */
  readonly sources?: readonly string[];
  readonly reason?: string;
  /** Tells apart what may happen to one target more than once. */
  readonly part?: string;
}

const agent = (type: string, who: ProvenanceAgent['who']): ProvenanceAgent => ({
  type: { coding: [{ system: PARTICIPANT, code: type }] },
  who,
});

/** Who did what to which CarePlan, when, on what grounds. */
export function provenance(recorded: Recorded, display: Display): Provenance {
  const { event, targets, at, by, informant, enterer, sources = [], reason, part } = recorded;
  return {
    resourceType: 'Provenance',
    id: provenanceId(event, targets[0]?.id ?? '', part),
    target: targets.map((it) => ({ reference: `CarePlan/${it.id}` })),
    occurredDateTime: at,
    recorded: at,
    activity: { coding: [coding(STEP_EVENT, event, display)] },
    ...(reason === undefined ? {} : { reason: [{ text: reason }] }),
    agent: [
      by === undefined ? agent('assembler', { reference: `Device/${DEVICE_ID}` }) : agent('author', { reference: by }),
      ...(informant === undefined ? [] : [agent('informant', { reference: informant })]),
      ...(enterer === undefined ? [] : [agent('enterer', { display: enterer })]),
    ],
    ...(sources.length === 0
      ? {}
      : { entity: sources.map((reference) => ({ role: 'source' as const, what: { reference } })) }),
  };
}
