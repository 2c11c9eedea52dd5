import type { CarePlan } from 'fhir/r4.js';
import { treating } from '../../domain/care.ts';
import { type Position, positionsOf } from '../../domain/care-plan.ts';
import { withPosition } from '../../domain/care-plan-build.ts';
import { localDate } from '../../domain/instant.ts';
import type { LevelCode } from '../../domain/protocol.ts';
import { literal } from '../../domain/reference.ts';
import { isActive, type StepRecord } from '../../domain/step-record.ts';
import type { AlliancePorts } from '../compute-alliance.ts';
import type { Lost } from './decide.ts';
import { type Asked, type Doing, type NotDone, withPerson } from './held-person.ts';
import { levelNamed, type StepContext } from './step-context.ts';
import { StepLedger } from './step-ledger.ts';
import { bringUpToDate } from './step-person.ts';

/** What the patient said, as a clinician who cares for the patient records it. */
export interface PositionRequest {
  /** Agreement and refusal are about a proposal, a wish about the plan in force. Id of the CarePlan. */
  readonly carePlan: string;
  /** `Patient/…`: of nobody else, where it is said. */
  readonly patient?: string;
  readonly kind: Position['kind'];
  /** Of a wish. */
  readonly level?: LevelCode;
  readonly note?: string;
  /** `Practitioner/…` */
  readonly by: string;
  readonly enterer?: string;
}

export type Positioned =
  | { readonly kind: 'recorded'; readonly already: boolean }
  | Lost
  | {
      readonly kind: 'not-allowed';
      readonly reason: 'not-active' | 'not-in-your-care' | 'unknown-level' | 'not-a-proposal' | 'not-a-plan';
    }
  | { readonly kind: 'not-found' }
  | NotDone;

/** Records the patient’s agreement to a proposal, refusal of it, or wish for another level. It decides nothing. */
export async function recordAgreement(
  ports: AlliancePorts,
  request: PositionRequest,
  doing: Doing,
): Promise<Positioned> {
  const standing = await ports.server.read('CarePlan', request.carePlan);
  const patient = literal(standing?.subject, ports.context.settings.baseUrl);
  if (patient === undefined || (request.patient ?? patient) !== patient) return { kind: 'not-found' };
  return withPerson<Positioned>(ports, patient, doing, (record, context) => positioned(record, request, context));
}

const no = (reason: Extract<Positioned, { kind: 'not-allowed' }>['reason']): Asked<Positioned> => ({
  result: { kind: 'not-allowed', reason },
});

function positioned(record: StepRecord, request: PositionRequest, context: StepContext): Asked<Positioned> {
  const { settings, moment, now } = context;
  const ledger = new StepLedger(record, context);
  bringUpToDate(ledger, context);
  const plan = ledger.record.carePlans.find((it) => it.id === request.carePlan);
  if (plan === undefined) return { result: { kind: 'not-found' } };
  if (!isActive(record, request.by)) return no('not-active');
  const today = localDate(moment.nowMs, moment.zone);
  if (!treating(record, today, record.roles, settings).includes(request.by)) return no('not-in-your-care');
  if (request.kind === 'wished' && plan.intent !== 'plan') return no('not-a-plan');
  if (request.kind !== 'wished' && plan.intent !== 'proposal') return no('not-a-proposal');
  if (request.level !== undefined && levelNamed(context, request.level) === undefined) return no('unknown-level');
  if (plan.status !== 'draft' && plan.status !== 'active') return { result: { kind: 'lost', what: plan.status } };
  const last = positionsOf(plan, settings.baseUrl).at(-1);
  const same = last?.kind === request.kind && last.level === request.level && last.recordedBy === request.by;
  if (same) return { result: { kind: 'recorded', already: true } };
  const { kind, level, note, by, enterer } = request;
  const optional = {
    ...(level === undefined ? {} : { level }),
    ...(note === undefined ? {} : { note }),
    ...(enterer === undefined ? {} : { enterer }),
  };
  const after: CarePlan = withPosition(plan, { kind, at: now, recordedBy: by, ...optional });
  ledger.plan(plan.intent === 'proposal' ? 'proposal' : 'plan', after);
  ledger.say({
    event: kind,
    targets: [after],
    at: now,
    by,
    informant: record.subject,
    part: now,
    ...(note === undefined ? {} : { reason: note }),
    ...(enterer === undefined ? {} : { enterer }),
  });
  return { ledger, result: { kind: 'recorded', already: false } };
}
