import type { Questionnaire, Task, ValueSet } from 'fhir/r4.js';
import { v5 } from 'uuid';
import type { Instrument } from '../../domain/instrument.ts';
import { literal } from '../../domain/reference.ts';
import { isOpen } from '../../domain/review-task.ts';
import { FhirError } from '../../fhir/port.ts';
import { instrumentsOf } from '../safety/detect-signs.ts';
import { isOffered } from '../safety/safety-status.ts';
import { RESPONSE_IDENTIFIER } from '../store-response.ts';
import { type Answerer, canonicalOfTask, hasOpened, isFor } from './form-tasks.ts';
import type { FormsPorts } from './forms-ports.ts';
import { asksForDeath, fetchQuestionnaire, fetchValueSets } from './own-questionnaire.ts';
import { unsupportedItems } from './render-form.ts';

/** One Task’s form, open to the person who is asked. */
export interface OpenedForm {
  readonly task: Task;
  readonly taskId: string;
  /** `url|version` as the response names it. */
  readonly canonical: string;
  readonly questionnaire: Questionnaire;
  /** Absent of a hospital’s own form that carries no instrument. */
  readonly instrument: Instrument | undefined;
  /** ValueSets and CodeSystems by which its choices are read. */
  readonly resources: readonly { readonly resourceType: string }[];
  /** `Patient/…`, or `Practitioner/…` of what therapists say about the platform. */
  readonly subject: string;
  readonly owner: string;
  /** What every draft and the response of this Task are known by. */
  readonly identifier: { readonly system: string; readonly value: string };
}

/** Why a form is not opened. */
export type NotOpened =
  | { readonly kind: 'not-found' }
  /** Answered by a response that stands there. */
  | { readonly kind: 'answered'; readonly response: string | undefined }
  /** Its window has not opened, or nobody is asked any more. */
  | { readonly kind: 'closed' }
  | { readonly kind: 'unknown-form' }
  | { readonly kind: 'unsupported'; readonly linkIds: readonly string[] }
  | { readonly kind: 'safety-items-not-offered' };

export type Opening = { readonly kind: 'open'; readonly form: OpenedForm } | NotOpened;

const NAMESPACE = v5('https://w3id.org/vincle/identifier/questionnaire-task', v5.URL);
/** A Task that was opened can be answered while the hospital’s server is away. */
const KEPT_MS = 12 * 3_600_000;
const keptId = (who: Answerer, taskId: string): string => `form/${who.launch}/${taskId}`;

/** What the drafts and the response of a Task are known by; a personal link has its own, and shows no earlier answer. */
export const identifierOf = (taskId: string, who: Answerer) => ({
  system: RESPONSE_IDENTIFIER,
  value: v5(who.isLink ? `${taskId}|${who.launch}` : taskId, NAMESPACE),
});

/**
 * Opens the form of a Task for whoever is asked. The Task is read with the person’s own token; where the server is away,
 * what was opened in this launch before stands. @throws FhirError, Refusal of the person’s token
 */
export async function openForm(ports: FormsPorts, taskId: string, who: Answerer, nowMs: number): Promise<Opening> {
  const { baseUrl } = ports.context.settings;
  const task = await readTask(ports, taskId, who, nowMs);
  if (task === undefined || !isFor(task, who, baseUrl)) return { kind: 'not-found' };
  if (task.status === 'completed')
    return { kind: 'answered', response: literal(task.output?.[0]?.valueReference, baseUrl) };
  if (!isOpen(task) || !hasOpened(task, nowMs)) return { kind: 'closed' };
  return openTask(ports, task, taskId, who, nowMs);
}

/** The form of a Task that is known to be this person’s to answer. */
async function openTask(ports: FormsPorts, task: Task, taskId: string, who: Answerer, nowMs: number): Promise<Opening> {
  const { baseUrl } = ports.context.settings;
  const [subject, owner, named] = [literal(task.for, baseUrl), literal(task.owner, baseUrl), canonicalOfTask(task)];
  if (subject === undefined || owner === undefined || named === undefined) return { kind: 'not-found' };
  const found = await questionnaireOf(ports, named, { id: `${keptId(who, taskId)}/form`, nowMs });
  if (!('questionnaire' in found)) return found;
  return { kind: 'open', form: { task, taskId, subject, owner, identifier: identifierOf(taskId, who), ...found } };
}

async function readTask(
  { asPerson, state }: FormsPorts,
  taskId: string,
  who: Answerer,
  nowMs: number,
): Promise<Task | undefined> {
  try {
    const task = await asPerson.read('Task', taskId);
    if (task !== undefined) await state.keep(keptId(who, taskId), task, isoOf(nowMs + KEPT_MS));
    return task;
  } catch (error) {
    if (!isAway(error)) throw error;
    // Only this function writes there.
    const kept = (await state.kept(keptId(who, taskId), isoOf(nowMs))) as Task | undefined;
    if (kept === undefined) throw error;
    return kept;
  }
}

type Found = Pick<OpenedForm, 'canonical' | 'questionnaire' | 'instrument' | 'resources'>;

/** The Questionnaire that a Task names: what ships, else what the hospital’s server holds, of item types that are shown. */
export async function questionnaireOf(
  ports: FormsPorts,
  named: string,
  remembering?: Remembering,
): Promise<Found | NotOpened> {
  const { content } = ports.context;
  const resolved = content.resolve(named);
  if (resolved.kind === 'unknown-version') return { kind: 'unknown-form' };
  const instrument = 'instrument' in resolved ? resolved.instrument : undefined;
  const { offered } = isOffered(ports.safety);
  if (instrument !== undefined && !offered && instrumentsOf(content.protocol.safety).has(instrument.id))
    return { kind: 'safety-items-not-offered' };
  const shipped = content.resources.find(
    (it): it is Questionnaire =>
      it.resourceType === 'Questionnaire' &&
      instrument !== undefined &&
      `${it.url}|${it.version}` === canonical(instrument),
  );
  if (resolved.kind === 'known' && !resolved.form.equivalent && shipped !== undefined)
    return {
      canonical: canonical(resolved.instrument),
      questionnaire: shipped,
      instrument,
      resources: content.resources,
    };
  const fetched = await fetchForm(ports, named, remembering);
  return fetched === undefined ? { kind: 'unknown-form' } : formOf(ports, fetched, instrument);
}

/** A form as the hospital’s server has it. */
interface FetchedForm {
  readonly questionnaire: Questionnaire;
  readonly valueSets: readonly ValueSet[];
}

/** Where what was fetched is kept, and found again while the hospital’s server is away. */
interface Remembering {
  readonly id: string;
  readonly nowMs: number;
}

async function fetchForm(
  { asPerson, server, state }: FormsPorts,
  named: string,
  remembering: Remembering | undefined,
): Promise<FetchedForm | undefined> {
  try {
    const questionnaire = await fetchQuestionnaire(asPerson, named);
    if (questionnaire === undefined) return undefined;
    const fetched = { questionnaire, valueSets: await fetchValueSets(server, questionnaire) };
    if (remembering !== undefined) await state.keep(remembering.id, fetched, isoOf(remembering.nowMs + KEPT_MS));
    return fetched;
  } catch (error) {
    if (remembering === undefined || !isAway(error)) throw error;
    // Only this function writes there.
    const kept = (await state.kept(remembering.id, isoOf(remembering.nowMs))) as FetchedForm | undefined;
    if (kept === undefined) throw error;
    return kept;
  }
}

function formOf(
  { context }: FormsPorts,
  { questionnaire, valueSets }: FetchedForm,
  instrument: Instrument | undefined,
): Found | NotOpened {
  // The safety path reads the forms of instruments that content knows: in any other nobody would see the answer.
  if (instrument === undefined && asksForDeath(questionnaire)) return { kind: 'safety-items-not-offered' };
  const linkIds = unsupportedItems(questionnaire.item);
  if (linkIds.length > 0) return { kind: 'unsupported', linkIds };
  const version = questionnaire.version === undefined ? '' : `|${questionnaire.version}`;
  return {
    canonical: `${questionnaire.url}${version}`,
    questionnaire,
    instrument,
    resources: [...valueSets, ...context.content.resources],
  };
}

const isoOf = (ms: number): string => new Date(ms).toISOString();

const isAway = (error: unknown): boolean =>
  error instanceof FhirError && (error.kind === 'unreachable' || error.kind === 'throttled');

const canonical = (it: Instrument): string => `${it.url}|${it.version}`;
