import type { Provenance, ProvenanceAgent } from 'fhir/r4.js';
import { codeSystem } from './canonicals.ts';
import { coding, type Display } from './derived-observation.ts';
import { safetyProvenanceId } from './safety-identity.ts';

const SAFETY_EVENT = codeSystem('safety-event');
const PARTICIPANT = 'http://terminology.hl7.org/CodeSystem/provenance-participant-type';

/** What a person did about a sign: codes of `CodeSystem/safety-event`. */
export interface SafetyEvent {
  readonly event: 'acknowledged' | 'closed';
  /** `Task/…`, and what else changed with it. */
  readonly targets: readonly string[];
  /** Id of the Task, from which the Provenance has its own. */
  readonly task: string;
  /** `Practitioner/…` */
  readonly by: string;
  /** The operator whose command recorded it, where that is not who decided. */
  readonly enterer?: string;
  readonly at: string;
}

/** Who took a sign up or closed it, and when. */
export function safetyProvenance({ event, targets, task, by, enterer, at }: SafetyEvent, display: Display): Provenance {
  const agent = (code: string, who: ProvenanceAgent['who']): ProvenanceAgent => ({
    type: { coding: [{ system: PARTICIPANT, code }] },
    who,
  });
  return {
    resourceType: 'Provenance',
    id: safetyProvenanceId(event, task),
    target: targets.map((reference) => ({ reference })),
    occurredDateTime: at,
    recorded: at,
    activity: { coding: [coding(SAFETY_EVENT, event, display)] },
    agent: [
      agent('author', { reference: by }),
      ...(enterer === undefined ? [] : [agent('enterer', { display: enterer })]),
    ],
  };
}
