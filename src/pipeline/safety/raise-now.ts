import type { QuestionnaireResponse } from 'fhir/r4.js';
import { literal } from '../../domain/reference.ts';
import { chainOf, respondBy } from '../../domain/safety-chain.ts';
import { safetyTaskId, signKey } from '../../domain/safety-identity.ts';
import { FhirError } from '../../fhir/port.ts';
import type { AlliancePorts } from '../compute-alliance.ts';
import { callingOf } from './apply-verdicts.ts';
import { detectSigns, signsOf } from './detect-signs.ts';
import { NOBODY_KNOWN } from './load-people.ts';
import { raiseSigns } from './raise-signs.ts';
import { candidates } from './recipients.ts';
import type { Given, RaiseOptions } from './safety-case.ts';
import { type SafetyPorts, withSafety } from './safety-ports.ts';
import { tellPeople, type Untold } from './tell-people.ts';
import { within } from './within.ts';

/** A patient waits for the crisis text: a mail server that hangs must not hold it back. */
const PATIENCE_MS = 2_000;

/**
 * Raises at once what these responses show, before anything is scored and whatever becomes of the scoring. Where the
 * server fails in between, people are told all the same, and the poll raises the rest. Does nothing without a safety path.
 */
export async function raiseNow(ports: AlliancePorts, given: readonly Given[], options: RaiseOptions): Promise<void> {
  const safety = withSafety(ports);
  if (safety === undefined || given.length === 0) return;
  try {
    await raiseSigns(safety, given, { patienceMs: PATIENCE_MS, ...options });
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    for (const { response } of given) await tellAtOnce(ports, response, options);
  }
}

/** Tells the site’s own list about the signs in a response that the server cannot take now; it waits in the outbox. */
export async function tellAtOnce(
  ports: AlliancePorts,
  response: QuestionnaireResponse,
  options: RaiseOptions,
): Promise<void> {
  const safety = withSafety(ports);
  const patient = literal(response.subject, ports.context.settings.baseUrl);
  if (safety === undefined || patient === undefined) return;
  const { server, context } = safety;
  const detected = await detectSigns(server, context.content, safety.safety.policy, [response], true);
  const signs = detected.flatMap(signsOf);
  const tasks = signs.map((it) => safetyTaskId(signKey(patient, response, it.item.linkId), 1));
  const untold = untoldOf(safety, tasks, options.now());
  await within(tellPeople(safety, untold, options.now, 'outbox'), PATIENCE_MS, undefined);
}

function untoldOf(ports: SafetyPorts, tasks: readonly string[], nowMs: number): Untold[] {
  const calling = callingOf(ports, NOBODY_KNOWN, nowMs);
  const [step] = chainOf(ports.safety.policy);
  if (step === undefined) return [];
  return tasks.map((task) => ({
    task,
    kind: 'safety-sign',
    step: step.name,
    respondBy: respondBy(ports.safety.policy, new Date(nowMs).toISOString()),
    candidates: candidates(undefined, step, calling),
    standing: undefined,
  }));
}
