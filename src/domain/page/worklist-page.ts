import type { CarePlan, Communication, Patient, Task } from 'fhir/r4.js';
import { levelOf, ruleOf } from '../care-plan.ts';
import { daysApart, localDate, readAuthored } from '../instant.ts';
import type { Instrument } from '../instrument.ts';
import type { Protocol, Words } from '../protocol.ts';
import { isQuestionnaireTask } from '../questionnaire-task.ts';
import { isOpen } from '../review-task.ts';
import { isSafetyTask, stateOf } from '../safety-sign.ts';
import type { Need, NeedView, WorklistRow, WorklistView } from '../view/worklist-view.ts';
import type { AllianceNews } from './alliance-news.ts';
import { withoutAbsent } from './alliance-page.ts';
import { contactIn } from './contacts-page.ts';
import { ageOn, recordNumberOf } from './patient-page.ts';

/** What is known of one patient of a worklist. */
export interface WorklistPatient {
  readonly patient: Patient;
  readonly name: string;
  readonly signs: readonly Task[];
  readonly proposals: readonly CarePlan[];
  readonly overdue: readonly Task[];
  /** How the patient’s rating changed, as far as the reader may be told. */
  readonly alliance: AllianceNews | undefined;
  /** The plan in force. */
  readonly plan: CarePlan | undefined;
}

/** What every row is worded and dated with. */
export interface WorklistContext {
  readonly protocol: Protocol;
  readonly instruments: readonly Instrument[];
  /** What a form is called, by the id of its instrument. */
  readonly formTitle: (instrument: string) => Words;
  readonly nowMs: number;
  readonly zone: string;
  readonly baseUrl: string;
}

const WEIGHT: readonly Need[] = ['safety', 'proposal', 'overdue', 'alliance-change'];
const SIGN: Words = {
  en: 'Sign of danger, nobody has taken it up',
  es: 'Señal de peligro, nadie se ha hecho cargo',
  ca: 'Senyal de perill, ningú se n’ha fet càrrec',
};
const SIGN_TAKEN: Words = {
  en: 'Sign of danger, taken up, not closed',
  es: 'Señal de peligro, alguien se ocupa, sin cerrar',
  ca: 'Senyal de perill, algú se n’ocupa, sense tancar',
};

/** What waits for somebody, the heaviest first. */
export function needsOf(it: WorklistPatient, context: WorklistContext): readonly NeedView[] {
  const signs = it.signs.filter((task) => isSafetyTask(task) && stateOf(task) !== 'closed');
  const open = signs.some((task) => stateOf(task) === 'raised');
  return [
    ...(signs.length === 0
      ? []
      : [{ kind: 'safety' as const, text: open ? SIGN : SIGN_TAKEN, ...(open ? { late: true as const } : {}) }]),
    ...it.proposals.map((plan) => ({
      kind: 'proposal' as const,
      text: proposalWords(plan, it.plan, context),
      ...(lateSince(plan, context) === undefined ? {} : { late: true as const }),
    })),
    ...it.overdue.flatMap((task) => overdueNeed(task, context)),
    ...(it.alliance === undefined ? [] : [{ kind: 'alliance-change' as const, text: it.alliance.text }]),
  ];
}

const levelIn = (plan: CarePlan | undefined, { protocol }: WorklistContext) => {
  const code = plan === undefined ? undefined : levelOf(plan);
  return protocol.levels.find((it) => it.code === code);
};

function proposalWords(plan: CarePlan, present: CarePlan | undefined, context: WorklistContext): Words {
  const to = levelIn(plan, context);
  const isDown = (to?.rank ?? 0) < (levelIn(present, context)?.rank ?? 0);
  const title = to?.title ?? { en: '', es: '', ca: '' };
  const since = lateSince(plan, context);
  const late: Words =
    since === undefined
      ? { en: '', es: '', ca: '' }
      : {
          en: `, ${since} ${since === 1 ? 'day' : 'days'} late`,
          es: `, con ${since} ${since === 1 ? 'día' : 'días'} de retraso`,
          ca: `, amb ${since} ${since === 1 ? 'dia' : 'dies'} de retard`,
        };
  return isDown
    ? {
        en: `Step down to: ${title.en}${late.en}`,
        es: `Bajar a: ${title.es}${late.es}`,
        ca: `Baixar a: ${title.ca}${late.ca}`,
      }
    : {
        en: `Step up to: ${title.en}${late.en}`,
        es: `Subir a: ${title.es}${late.es}`,
        ca: `Pujar a: ${title.ca}${late.ca}`,
      };
}

/** Days since a proposal was to be decided, by the rule that made it; `undefined` while there is time. */
function lateSince(plan: CarePlan, { protocol, nowMs, zone }: WorklistContext): number | undefined {
  const rule = protocol.rules.find((it) => it.id === ruleOf(plan)?.action);
  const created = readAuthored(plan.created, zone);
  if (rule === undefined || created === undefined) return undefined;
  const due = created.epochMs + rule.decision.decideWithinDays * 86_400_000;
  return due >= nowMs ? undefined : daysApart(localDate(due, zone), localDate(nowMs, zone));
}

const instrumentOf = (task: Task, { instruments }: WorklistContext): Instrument | undefined => {
  const canonical = task.input?.find((it) => it.valueCanonical !== undefined)?.valueCanonical?.split('|')[0];
  return instruments.find((it) => it.url === canonical);
};

function overdueNeed(task: Task, context: WorklistContext): NeedView[] {
  const form = instrumentOf(task, context);
  const end = task.restriction?.period?.end;
  if (form === undefined || end === undefined || !isQuestionnaireTask(task) || !isOpen(task)) return [];
  const title = context.formTitle(form.id);
  const days = daysApart(localDate(Date.parse(end), context.zone), localDate(context.nowMs, context.zone));
  return [
    {
      kind: 'overdue',
      text: {
        en: `${title.en}: overdue ${days} ${days === 1 ? 'day' : 'days'}`,
        es: `${title.es}: ${days} ${days === 1 ? 'día' : 'días'} de retraso`,
        ca: `${title.ca}: ${days} ${days === 1 ? 'dia' : 'dies'} de retard`,
      },
    },
  ];
}

const plain = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** What the reader asks the list for. */
export interface WorklistAsked {
  readonly q: string;
  readonly need: Need | 'all' | 'none';
  readonly sort: 'need' | 'name';
  readonly page: number;
}

const PAGE = 25;

/** One page of the list: who fits, in the order asked, and how many have each need. */
export function pageOf(
  all: readonly WorklistPatient[],
  asked: WorklistAsked,
  context: WorklistContext,
): { readonly shown: readonly { readonly it: WorklistPatient; readonly needs: readonly NeedView[] }[] } & Omit<
  WorklistView,
  'rows'
> {
  const rows = all.map((it) => ({ it, needs: needsOf(it, context) }));
  const has = (needs: readonly NeedView[], kind: Need) => needs.some((one) => one.kind === kind);
  const wanted = plain(asked.q.trim());
  const fitting = rows
    .filter(
      ({ it }) => wanted === '' || plain(`${it.name} ${recordNumberOf(it.patient.identifier) ?? ''}`).includes(wanted),
    )
    .filter(({ needs }) =>
      asked.need === 'all' ? true : asked.need === 'none' ? needs.length === 0 : has(needs, asked.need),
    );
  const weight = (needs: readonly NeedView[]) =>
    needs.length === 0
      ? WEIGHT.length
      : Math.min(...needs.map((one) => WEIGHT.indexOf(one.kind) - (one.late === true ? 0.5 : 0)));
  const byName = (a: WorklistPatient, b: WorklistPatient) =>
    a.name.localeCompare(b.name) || (a.patient.id ?? '').localeCompare(b.patient.id ?? '');
  const sorted = fitting.toSorted((a, b) =>
    asked.sort === 'name' ? byName(a.it, b.it) : weight(a.needs) - weight(b.needs) || byName(a.it, b.it),
  );
  const pages = Math.max(1, Math.ceil(sorted.length / PAGE));
  const page = Math.min(Math.max(1, asked.page), pages);
  const count = (kind: Need) => rows.filter(({ needs }) => has(needs, kind)).length;
  return {
    shown: sorted.slice((page - 1) * PAGE, page * PAGE),
    total: sorted.length,
    counts: {
      all: rows.length,
      safety: count('safety'),
      proposal: count('proposal'),
      overdue: count('overdue'),
      'alliance-change': count('alliance-change'),
    },
    page,
    pages,
    asOf: new Date(context.nowMs).toISOString(),
  };
}

/** One row, with what was asked for the shown page alone. */
export function rowOf(
  { it, needs }: { readonly it: WorklistPatient; readonly needs: readonly NeedView[] },
  due: readonly Task[],
  contacts: readonly Communication[],
  context: WorklistContext,
): WorklistRow {
  const level = levelIn(it.plan, context);
  return {
    id: it.patient.id ?? '',
    name: it.name,
    needs,
    ...withoutAbsent({
      age: ageOn(it.patient.birthDate, localDate(context.nowMs, context.zone)),
      recordNumber: recordNumberOf(it.patient.identifier),
      level: level === undefined ? undefined : { code: level.code, rank: level.rank, title: level.title },
      lastContact: lastOf(contacts, context),
      nextDue: nextOf(due, context),
      paused: it.plan?.status === 'on-hold' ? true : undefined,
    }),
  };
}

const lastOf = (contacts: readonly Communication[], { zone, baseUrl }: WorklistContext): string | undefined =>
  contacts
    .flatMap((it) => contactIn(it, zone, baseUrl))
    .map((it) => it.date)
    .sort()
    .at(-1);

function nextOf(due: readonly Task[], context: WorklistContext): WorklistRow['nextDue'] {
  const next = due
    .flatMap((task) => {
      const [form, end] = [instrumentOf(task, context), task.restriction?.period?.end];
      return form === undefined || end === undefined || Date.parse(end) < context.nowMs || !isOpen(task)
        ? []
        : [{ title: context.formTitle(form.id), date: localDate(Date.parse(end), context.zone) }];
    })
    .sort((a, b) => a.date.localeCompare(b.date));
  return next[0];
}
