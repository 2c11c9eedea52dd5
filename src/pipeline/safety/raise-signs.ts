import { literal, typeOf } from '../../domain/reference.ts';
import type { Lease } from '../../state/port.ts';
import { waitedFor } from '../compute-held.ts';
import { detectSigns } from './detect-signs.ts';
import { judgeAll } from './judge-signs.ts';
import type { Case, Given, RaiseOptions } from './safety-case.ts';
import type { SafetyPorts } from './safety-ports.ts';
import { emptySafetyRun, type SafetyRun } from './safety-run.ts';

const CHUNK = 40;

/**
 * Raises what is a sign in these responses and was not raised before: Flag, urgent Task, and somebody is told. Nobody of
 * the programme is counted `outside`. One writer for a patient at a time, under a lease of the safety path’s own, so that
 * it never waits for scoring.
 */
export async function raiseSigns(
  ports: SafetyPorts,
  given: readonly Given[],
  options: RaiseOptions,
): Promise<SafetyRun> {
  const run = emptySafetyRun();
  const { baseUrl } = ports.context.settings;
  const detected = await detectSigns(
    ports.server,
    ports.context.content,
    ports.safety.policy,
    given.map((it) => it.response),
  );
  const references = new Map(given.map((it) => [it.response, it.reference]));
  const cases = detected.flatMap((it): Case[] => {
    const patient = literal(it.response.subject, baseUrl);
    const reference = references.get(it.response);
    return patient === undefined || typeOf(patient) !== 'Patient' || reference === undefined
      ? []
      : [{ ...it, patient, reference }];
  });
  run.read = detected.length;
  run.outside = detected.length - cases.length;
  cases.sort((a, b) => (a.patient < b.patient ? -1 : a.patient > b.patient ? 1 : 0));
  for (let start = 0; start < cases.length; start += CHUNK)
    await raiseHeld(ports, cases.slice(start, start + CHUNK), options, run);
  return run;
}

const keyOf = (patient: string): string => `safety/${patient}`;

async function raiseHeld(ports: SafetyPorts, cases: readonly Case[], options: RaiseOptions, run: SafetyRun) {
  if (options.dryRun) return judgeAll(ports, cases, options, run);
  const patients = [...new Set(cases.map((it) => it.patient))];
  const holding = { ...options, state: ports.state };
  const all = await ports.state.acquire(patients.map(keyOf), options.holder, LEASE_MS, options.now());
  if (all !== undefined) return released(all, () => judgeAll(ports, cases, options, run));
  for (const patient of patients) {
    const lease = await waitedFor(keyOf(patient), holding);
    const own = cases.filter((it) => it.patient === patient);
    if (lease === undefined) run.failed += own.length;
    else await released(lease, () => judgeAll(ports, own, options, run));
  }
}

/** Longer than a batch and a transaction take; short, because whoever was killed keeps it to its end. */
const LEASE_MS = 30_000;

async function released(lease: Lease, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } finally {
    await lease.release();
  }
}
