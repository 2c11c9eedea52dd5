import type { StepRecord } from '../../domain/step-record.ts';
import type { AlliancePorts } from '../compute-alliance.ts';
import { type Holding, waitedFor } from '../compute-held.ts';
import { measuresRead } from './find-step-changes.ts';
import { loadStepRecords } from './load-step-records.ts';
import { type StepContext, stepContext } from './step-context.ts';
import type { StepLedger } from './step-ledger.ts';
import { leftHalfDone } from './step-person.ts';
import { writeSteps } from './write-steps.ts';

export type Doing = Omit<Holding, 'state'>;

/** What came of something that a person asked for and that no rule of stepped care speaks against. */
export type NotDone =
  /** Another writer kept hold of the patient: try again. */
  | { readonly kind: 'busy' }
  /** The server will not take it; the reason is its own. */
  | { readonly kind: 'rejected'; readonly reason: string };

/** What is to be written, if anything, and what the person is told once it stands. */
export interface Asked<T> {
  readonly ledger?: StepLedger;
  readonly result: T;
}

const ATTEMPTS = 4;

/**
 * Does what a person asked for to one patient, under the lease and over the versions read. Where somebody else wrote
 * meanwhile it is asked again over what stands there now: so whoever comes second is told who was first.
 * @throws FhirError where the server is not reached
 */
export async function withPerson<T>(
  ports: AlliancePorts,
  patient: string,
  doing: Doing,
  ask: (record: StepRecord, context: StepContext) => Asked<T>,
): Promise<T | NotDone> {
  const lease = await waitedFor(patient, { ...doing, state: ports.state });
  if (lease === undefined) return { kind: 'busy' };
  try {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const record = await personOf(ports, patient);
      const context = stepContext(ports.context, doing.now());
      const first = leftHalfDone(record, context);
      if (first !== undefined) {
        const sent = await writeSteps(ports.server, first);
        if (sent.kind === 'rejected') return sent;
        continue;
      }
      const { ledger, result } = ask(record, context);
      if (ledger === undefined) return result;
      const sent = await writeSteps(ports.server, ledger);
      if (sent.kind === 'written') return result;
      if (sent.kind === 'rejected') return sent;
    }
    return { kind: 'busy' };
  } finally {
    await lease.release();
  }
}

/** The person behind a patient; an empty record where the server holds none. */
export async function personOf({ server, context }: AlliancePorts, patient: string): Promise<StepRecord> {
  const { content, settings } = context;
  const options = { baseUrl: settings.baseUrl, measures: measuresRead(content.protocol) };
  const records = await loadStepRecords(server, [patient], options);
  const record = records.find((it) => it.aliases.includes(patient));
  if (record === undefined) throw new Error('A patient asked for was not among the records.');
  return record;
}
