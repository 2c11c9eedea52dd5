import type { CarePlan } from 'fhir/r4.js';
import { levelOf } from '../../domain/care-plan.ts';
import { consented } from '../../domain/consent.ts';
import { membershipOf } from '../../domain/membership.ts';
import { isPaused } from '../../domain/plan-pause.ts';
import type { LevelCode } from '../../domain/protocol.ts';
import { literal } from '../../domain/reference.ts';
import { enrolmentId } from '../../domain/step-identity.ts';
import { type Barred, barredFrom, deathOf, plansOf, type StepRecord } from '../../domain/step-record.ts';
import type { AlliancePorts } from '../compute-alliance.ts';
import { beginLevel } from './begin-level.ts';
import type { Lost } from './decide.ts';
import { type Asked, type Doing, type NotDone, withPerson } from './held-person.ts';
import { allDeciders, armHasLevels, levelNamed, type StepContext } from './step-context.ts';
import { StepLedger } from './step-ledger.ts';
import { bringUpToDate } from './step-person.ts';

/** A named clinician takes a patient into stepped care. */
export interface EnrolRequest {
  /** `Patient/…` */
  readonly patient: string;
  /** `Practitioner/…` */
  readonly by: string;
  /** The lowest where none is said. */
  readonly level?: LevelCode;
  /** `EpisodeOfCare/…`; the patient’s own of the programme where none is said. */
  readonly episode?: string;
  readonly reason?: string;
  readonly enterer?: string;
}

export type Enrolled =
  | { readonly kind: 'enrolled'; readonly plan: string; readonly level: LevelCode; readonly already: boolean }
  /** A plan is in force: somebody enrolled the patient before. */
  | Lost
  | {
      readonly kind: 'not-allowed';
      readonly reason:
        | Barred
        | 'outside'
        | 'arm-without-levels'
        | 'deceased'
        | 'consent-missing'
        | 'unknown-level'
        | 'paused';
      readonly deciders?: readonly string[];
    }
  | { readonly kind: 'not-found' }
  | NotDone;

export const enrol = (ports: AlliancePorts, request: EnrolRequest, doing: Doing): Promise<Enrolled> =>
  withPerson<Enrolled>(ports, request.patient, doing, (record, context) =>
    enrolOn(record, request, { ...context, consent: ports.context.content.consent }),
  );

type EnrolContext = StepContext & { readonly consent: Parameters<typeof consented>[3] };

/** The enrolment over a record, with what is to be written. */
export function enrolOn(record: StepRecord, request: EnrolRequest, context: EnrolContext): Asked<Enrolled> {
  const refused = refusalOf(record, request, context);
  if (refused !== undefined) return { result: refused };
  const { settings, protocol, now } = context;
  const level = request.level === undefined ? protocol.levels[0] : levelNamed(context, request.level);
  if (level === undefined) return { result: { kind: 'not-allowed', reason: 'unknown-level' } };
  const ledger = new StepLedger(record, context);
  bringUpToDate(ledger, context);
  const episode = request.episode ?? episodeOf(record, context);
  const charts = ledger.charts();
  const chart = charts.find((it) => it.episode === episode);
  const inForce = charts.filter((it) => it.present !== undefined);
  const present = inForce.find((it) => [episode, it.episode].includes(undefined) || it.episode === episode)?.present;
  if (present !== undefined) return { ledger, result: before(present, request, settings.baseUrl) };
  if (plansOf(ledger.record).plans.some(isPaused)) return { ledger, result: { kind: 'not-allowed', reason: 'paused' } };
  const after = chart?.plans.at(-1)?.id;
  const { by, reason, enterer } = request;
  const id = enrolmentId(record.subject, episode, after);
  const plan = beginLevel(ledger, { id, level, episode, by, at: now }, context);
  ledger.say({
    event: 'enrolled',
    targets: [plan],
    at: now,
    by,
    ...(reason === undefined ? {} : { reason }),
    ...(enterer === undefined ? {} : { enterer }),
  });
  return { ledger, result: { kind: 'enrolled', plan: `CarePlan/${plan.id}`, level: level.code, already: false } };
}

/** A plan in force: the same enrolment asked for again, or somebody else’s. */
function before(present: CarePlan, request: EnrolRequest, baseUrl: string): Enrolled {
  const by = literal(present.author, baseUrl);
  const level = levelOf(present) ?? '';
  const same = by === request.by && present.replaces === undefined && (request.level ?? level) === level;
  if (same) return { kind: 'enrolled', plan: `CarePlan/${present.id}`, level, already: true };
  const at = present.period?.start;
  return { kind: 'lost', what: 'enrolled', ...(by === undefined ? {} : { by }), ...(at === undefined ? {} : { at }) };
}

function refusalOf(record: StepRecord, request: EnrolRequest, context: EnrolContext): Enrolled | undefined {
  const { settings, moment, protocol, consent } = context;
  if (record.patient === undefined) return { kind: 'not-found' };
  const membership = membershipOf(record, settings);
  if (!membership.inScope) return { kind: 'not-allowed', reason: 'outside' };
  if (deathOf(record) !== undefined) return { kind: 'not-allowed', reason: 'deceased' };
  if (!consented(record.consents, 'digital-follow-up', moment.nowMs, consent, moment.zone))
    return { kind: 'not-allowed', reason: 'consent-missing' };
  const { arm } = membership;
  if (arm !== undefined && !armHasLevels({ protocol }, arm))
    return { kind: 'not-allowed', reason: 'arm-without-levels' };
  const deciders = allDeciders(context);
  const barred = barredFrom(record, request.by, deciders, moment, settings);
  return barred === undefined ? undefined : { kind: 'not-allowed', reason: barred, deciders };
}

/** The patient’s episode of care in the programme; absent where there is none under way. */
function episodeOf(record: StepRecord, { settings }: StepContext): string | undefined {
  const [system, code] = (settings.episodeType ?? '').includes('|')
    ? (settings.episodeType ?? '').split('|')
    : [undefined, settings.episodeType];
  const running = record.episodes.filter((it) => it.status === 'active' || it.status === 'onhold');
  const typed = running.filter((it) =>
    it.type?.some((type) => type.coding?.some((c) => c.code === code && (system === undefined || c.system === system))),
  );
  const first = (code === undefined ? running : typed).toSorted((a, b) =>
    (a.period?.start ?? '').localeCompare(b.period?.start ?? ''),
  )[0];
  return first === undefined ? undefined : `EpisodeOfCare/${first.id}`;
}
