import { isDeepStrictEqual } from 'node:util';
import type { QuestionnaireResponse } from 'fhir/r4.js';
import { v5 } from 'uuid';
import type { CrisisView } from '../../domain/view/form-view.ts';
import { type IntakeOptions, type Processed, processResponse } from '../process-response.ts';
import { crisisOn } from '../safety/advice.ts';
import { standingUnder } from '../store-response.ts';
import type { FormsPorts } from './forms-ports.ts';
import type { OpenedForm } from './open-form.ts';
import { type Answering, type Answers, responseOf } from './response-of.ts';
import { markAnswered, markBegun } from './settle-task.ts';
import { storeOwn } from './store-own.ts';

export interface Saving extends Omit<IntakeOptions, 'over' | 'draft'> {
  /** Version of the draft that was read; `undefined` where there was none. */
  readonly version: string | undefined;
}

/** What became of answers, and what whoever gave them reads at once. */
export interface Saved {
  readonly processed: Processed;
  readonly crisis: CrisisView | undefined;
}

/** The site’s words where the answers ask for them; that nobody watches, where that is so. */
export async function crisisView(
  ports: FormsPorts,
  response: QuestionnaireResponse,
  nowMs: number,
): Promise<CrisisView | undefined> {
  const said = await crisisOn(ports, response, nowMs);
  const text = said?.crisis ?? said?.nobody;
  if (said === undefined || text === undefined) return undefined;
  return { text, contacts: [], ...(said.nobody === undefined ? {} : { nobodyWatches: true }) };
}

/** Saves a draft on the hospital’s server, where the safety path looks at it at once. */
export async function saveDraft(ports: FormsPorts, form: OpenedForm, answers: Answers, saving: Saving): Promise<Saved> {
  const authored = new Date(saving.now()).toISOString();
  const response = responseOf(form, answers, { status: 'in-progress', authored });
  const crisis = await crisisView(ports, response, saving.now());
  const processed = await store(ports, form, response, { ...saving, over: { version: saving.version }, draft: true });
  const settled = await sameAgain(ports, response, processed);
  if (settled.kind === 'stored') await markBegun(ports, form.taskId, saving.now());
  return { processed: settled, crisis };
}

/** Stores one entry of a paper form: a draft that the safety path sees, over nothing. */
export async function saveEntry(
  ports: FormsPorts,
  form: OpenedForm,
  entry: QuestionnaireResponse,
  options: Omit<IntakeOptions, 'over' | 'draft'>,
): Promise<Processed> {
  const processed = await store(ports, form, entry, { ...options, over: { version: undefined }, draft: true });
  return sameAgain(ports, entry, processed);
}

export interface Sending extends Saving {
  /** Made by the page: what is sent twice with one key is one response. */
  readonly key: string;
  /** Who wrote down what was answered on paper. */
  readonly author?: string;
  /** Instant at which it was answered, where it is not now. */
  readonly authored?: string;
}

/** Hands in: once, however often it is sent. Where the hospital’s server is away it is kept and handed on. */
export async function sendResponse(
  ports: FormsPorts,
  form: OpenedForm,
  answers: Answers,
  sending: Sending,
): Promise<Saved> {
  const authored = sending.authored ?? (await stampOf(ports, form, sending));
  const answering: Answering = {
    status: 'completed',
    authored,
    ...(sending.author === undefined ? {} : { author: sending.author }),
  };
  const response = responseOf(form, answers, answering);
  const crisis = await crisisView(ports, response, sending.now());
  const over = { over: { version: sending.version } };
  const processed = await store(ports, form, response, { ...sending, ...over });
  const settled = await sameAgain(ports, response, processed);
  if (settled.kind === 'stored')
    await markAnswered(ports, form.taskId, `QuestionnaireResponse/${settled.response.id}`, sending.now());
  return { processed: settled, crisis };
}

const store = (
  ports: FormsPorts,
  form: OpenedForm,
  response: QuestionnaireResponse,
  options: IntakeOptions,
): Promise<Processed> =>
  form.instrument === undefined ? storeOwn(ports, form, response, options) : processResponse(ports, response, options);

const DAY_MS = 86_400_000;

/** When this key was first sent: the same bytes are sent again, so that what waits in the outbox waits once. */
async function stampOf({ state }: FormsPorts, form: OpenedForm, { key, now }: Sending): Promise<string> {
  const id = `handed/${v5(`${form.identifier.value}|${key}`, v5.URL)}`;
  const [at, until] = [new Date(now()).toISOString(), new Date(now() + 7 * DAY_MS).toISOString()];
  const kept = await state.kept(id, at);
  if (typeof kept === 'string') return kept;
  await state.keep(id, at, until);
  return at;
}

const AGAIN: ReadonlySet<string> = new Set(['already-answered', 'draft-conflict']);

/** What stands there already with these very answers was sent before: an answer of ours was lost, or a button pressed twice. */
async function sameAgain(
  { server }: FormsPorts,
  response: QuestionnaireResponse,
  processed: Processed,
): Promise<Processed> {
  if (processed.kind !== 'duplicate' || !processed.issues.some((it) => AGAIN.has(it.reason))) return processed;
  const [standing] = await standingUnder(server, response);
  if (standing === undefined || standing.status !== response.status) return processed;
  if (!isDeepStrictEqual(plain(standing.item), plain(response.item))) return processed;
  return { kind: 'stored', created: false, response: standing, fate: undefined, issues: [] };
}

/** A server may add what says nothing: compared is what was answered. */
const plain = (items: QuestionnaireResponse['item']): unknown =>
  JSON.parse(
    JSON.stringify(items ?? [], (name, value: unknown) => (name === 'id' || name === 'display' ? undefined : value)),
  );
