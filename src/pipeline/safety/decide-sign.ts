import type { Flag, Task } from 'fhir/r4.js';
import { idOf, literal, typeOf } from '../../domain/reference.ts';
import { type SafetyEvent, safetyProvenance } from '../../domain/safety-provenance.ts';
import {
  acknowledgedTask,
  closedTask,
  endedFlag,
  isSafetyTask,
  type SignState,
  stateOf,
} from '../../domain/safety-sign.ts';
import { FhirError, type Write } from '../../fhir/port.ts';
import { byDeviceIdentifier } from '../server-ids.ts';
import type { SafetyPorts } from './safety-ports.ts';

/** Who acts on a sign. */
export interface Acting {
  /** Id of the Task on the server. */
  readonly task: string;
  /** `Practitioner/…`: a named clinician. */
  readonly by: string;
  /** The operator whose command records it, where that is somebody else. */
  readonly enterer?: string;
  /** Only a sign of this patient (`Patient/…`). */
  readonly patient?: string;
  readonly now: () => number;
}

export type Acted =
  | { readonly kind: 'done'; readonly state: SignState; readonly task: Task }
  /** Somebody was first: who, and what they did. */
  | {
      readonly kind: 'already';
      readonly state: 'acknowledged' | 'closed';
      readonly by: string | undefined;
      readonly at: string | undefined;
    }
  /** No Task of that id, or one that is no safety review, or of another patient. */
  | { readonly kind: 'not-found' }
  | { readonly kind: 'unknown-outcome'; readonly outcomes: readonly string[] }
  /** Whoever acts is no Practitioner that the server knows as working here. */
  | { readonly kind: 'not-a-clinician' }
  /** The Task changed under our hands again and again. */
  | { readonly kind: 'conflict' }
  /** The server does not take it. */
  | { readonly kind: 'rejected' };

/** Takes a sign up: from now on it is this clinician’s, and the chain stops. @throws FhirError where the server is away */
export const acknowledge = (ports: SafetyPorts, acting: Acting): Promise<Acted> =>
  act(ports, acting, (task, at) => {
    const state = stateOf(task);
    if (state !== 'raised') return already(task, state);
    return { task: acknowledgedTask(task, acting.by, at), event: 'acknowledged' };
  });

/**
 * Closes a sign with an outcome that the protocol names. One that nobody had taken up is taken up by the same word.
 * @throws FhirError where the server is away
 */
export async function close(ports: SafetyPorts, acting: Acting, outcome: string): Promise<Acted> {
  const { outcomes } = ports.safety.policy;
  if (!outcomes.includes(outcome)) return { kind: 'unknown-outcome', outcomes };
  return act(ports, acting, (task, at) => {
    const state = stateOf(task);
    if (state === 'closed') return already(task, state);
    return { task: closedTask(task, acting.by, at, outcome, ports.context.display), event: 'closed' };
  });
}

const already = (task: Task, state: 'acknowledged' | 'closed'): Acted => ({
  kind: 'already',
  state,
  by: task.owner?.reference,
  at: task.lastModified,
});

type Change = { readonly task: Task; readonly event: SafetyEvent['event'] } | Acted;
const TRIES = 3;

async function act(ports: SafetyPorts, acting: Acting, change: (task: Task, at: string) => Change): Promise<Acted> {
  if (!(await isClinician(ports, acting.by))) return { kind: 'not-a-clinician' };
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    const task = await ports.server.read('Task', acting.task);
    const patient = literal(task?.for, ports.context.settings.baseUrl);
    if (task === undefined || !isSafetyTask(task)) return { kind: 'not-found' };
    if (acting.patient !== undefined && patient !== acting.patient) return { kind: 'not-found' };
    const at = new Date(acting.now()).toISOString();
    const changed = change(task, at);
    if ('kind' in changed) {
      if (stateOf(task) === 'closed') await endLeftFlag(ports, task);
      return changed;
    }
    try {
      await ports.server.transaction(await writesOf(ports, task, changed, acting, at));
      return { kind: 'done', state: stateOf(changed.task), task: changed.task };
    } catch (error) {
      if (!(error instanceof FhirError)) throw error;
      if (error.kind === 'rejected') return { kind: 'rejected' };
      // Somebody else wrote first: look again at what stands there.
      if (error.kind !== 'conflict') throw error;
    }
  }
  return { kind: 'conflict' };
}

/** On a server without transactions a closure may have been cut short after the Task: its Flag is ended by the next word. */
async function endLeftFlag(ports: SafetyPorts, task: Task): Promise<void> {
  const flag = await flagOf(ports, task);
  if (flag?.status !== 'active') return;
  const at = task.lastModified ?? task.executionPeriod?.end ?? '';
  await ports.server.write(guarded(endedFlag(flag, at), flag.meta?.versionId)).catch((error: unknown) => {
    if (!(error instanceof FhirError)) throw error;
  });
}

async function isClinician({ server }: SafetyPorts, by: string): Promise<boolean> {
  if (typeOf(by) !== 'Practitioner') return false;
  const person = await server.read('Practitioner', idOf(by));
  return person !== undefined && person.active !== false;
}

/** The Task first: whoever lost the race learns it there, before anything else is written. */
async function writesOf(
  ports: SafetyPorts,
  before: Task,
  { task, event }: { readonly task: Task; readonly event: SafetyEvent['event'] },
  acting: Acting,
  at: string,
): Promise<Write[]> {
  const flag = event === 'closed' ? await flagOf(ports, before) : undefined;
  const record = byDeviceIdentifier(
    safetyProvenance(
      {
        event,
        task: task.id ?? '',
        targets: [`Task/${task.id}`, ...(flag === undefined ? [] : [`Flag/${flag.id}`])],
        by: acting.by,
        at,
        ...(acting.enterer === undefined ? {} : { enterer: acting.enterer }),
      },
      ports.context.display,
    ),
  );
  const { clientIds } = await ports.server.capabilities();
  const { id: _own, ...unnamed } = record;
  return [
    guarded(task, before.meta?.versionId),
    ...(flag === undefined || flag.status !== 'active' ? [] : [guarded(endedFlag(flag, at), flag.meta?.versionId)]),
    clientIds ? { method: 'PUT', resource: record } : { method: 'POST', resource: unnamed },
  ];
}

const guarded = (resource: Task | Flag, versionId: string | undefined): Write => ({
  method: 'PUT',
  resource,
  ...(versionId === undefined ? {} : { ifMatch: versionId }),
});

async function flagOf({ server, context }: SafetyPorts, task: Task): Promise<Flag | undefined> {
  const reference = literal(task.focus, context.settings.baseUrl);
  return reference === undefined || typeOf(reference) !== 'Flag' ? undefined : server.read('Flag', idOf(reference));
}
