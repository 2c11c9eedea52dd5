import { createHash, randomBytes, randomInt, randomUUID, timingSafeEqual } from 'node:crypto';
import type { Task } from 'fhir/r4.js';
import { languageOf, phoneOf } from '../../domain/contact.ts';
import { localDate } from '../../domain/instant.ts';
import { idOf, literal } from '../../domain/reference.ts';
import { isOpen } from '../../domain/review-task.ts';
import type { Notify } from '../../notify/port.ts';
import type { AlliancePorts } from '../compute-alliance.ts';
import { canonicalOfTask } from './form-tasks.ts';

/** What is kept, sealed, of a link: never its code. */
export interface KeptLink {
  readonly id: string;
  /** `Patient/…` */
  readonly patient: string;
  readonly tasks: readonly string[];
  readonly expiresAt: string;
  readonly tries: number;
  readonly sent: number;
  /** Digest of the one-time code that was sent last, and until when it is good. */
  readonly code?: { readonly digest: string; readonly until: string };
}

export interface LinkPorts extends AlliancePorts {
  readonly notify: Notify;
}

const HOURS = 72;
export const TRIES = 5;
/** So many messages are sent for one link: it is no way to fill somebody’s telephone. */
const MESSAGES = 3;
export const DIGITS = 6;
const CODE_MINUTES = 10;
const LEASE_MS = 20_000;

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
const keyOf = (code: string): string => `link/${digest(code)}`;
const nameOf = (id: string): string => `link-id/${id}`;
const isSame = (a: string, b: string): boolean => timingSafeEqual(Buffer.from(a), Buffer.from(b));
const iso = (ms: number): string => new Date(ms).toISOString();

export interface MadeLink {
  readonly id: string;
  /** 256 bits, for the fragment of the address; it is nowhere kept. */
  readonly code: string;
  readonly expiresAt: string;
}

/** A link to these Tasks of one patient; nothing where one of them is not hers to answer. */
export async function makeLink(
  ports: AlliancePorts,
  patient: string,
  tasks: readonly Task[],
  nowMs: number,
): Promise<MadeLink | undefined> {
  const { baseUrl } = ports.context.settings;
  const isHers = (it: Task): boolean =>
    literal(it.owner, baseUrl) === patient &&
    literal(it.for, baseUrl) === patient &&
    isOpen(it) &&
    canonicalOfTask(it) !== undefined;
  if (tasks.length === 0 || !tasks.every(isHers)) return undefined;
  const [id, code, expiresAt] = [randomUUID(), randomBytes(32).toString('base64url'), iso(nowMs + HOURS * 3_600_000)];
  const link: KeptLink = { id, patient, tasks: tasks.flatMap((it) => it.id ?? []), expiresAt, tries: 0, sent: 0 };
  await ports.state.keep(keyOf(code), link, expiresAt);
  await ports.state.keep(nameOf(id), keyOf(code), expiresAt);
  return { id, code, expiresAt };
}

/** What is kept of a link that is worth something; `undefined` of any other. */
export async function linkOf({ state }: AlliancePorts, id: string, nowMs: number): Promise<KeptLink | undefined> {
  const key = await state.kept(nameOf(id), iso(nowMs));
  // Only this file writes there.
  return typeof key === 'string' ? ((await state.kept(key, iso(nowMs))) as KeptLink | undefined) : undefined;
}

/** Takes a link back; false where there is none any more. */
export async function revokeLink({ state }: AlliancePorts, id: string, nowMs: number): Promise<boolean> {
  const key = await state.take(nameOf(id), iso(nowMs));
  if (typeof key !== 'string') return false;
  await state.forget(key);
  return true;
}

export type Coded =
  | { readonly kind: 'sent'; readonly triesLeft: number }
  | { readonly kind: 'dead' | 'busy' | 'no-phone' | 'not-sent' };

/** A one-time code goes to the telephone in the record, whoever holds the link. Nothing is said of whose it is. */
export function sendCode(ports: LinkPorts, code: string, nowMs: number): Promise<Coded> {
  return withLink(ports, code, nowMs, async (link): Promise<Coded> => {
    if (link.sent >= MESSAGES) return { kind: 'not-sent' };
    const patient = await ports.server.read('Patient', idOf(link.patient));
    const phone = phoneOf(patient?.telecom, localDate(nowMs, ports.context.settings.timeZone));
    if (patient === undefined || phone === undefined) return { kind: 'no-phone' };
    const digits = String(randomInt(10 ** DIGITS)).padStart(DIGITS, '0');
    const until = iso(nowMs + CODE_MINUTES * 60_000);
    const next: KeptLink = { ...link, sent: link.sent + 1, code: { digest: digest(`${link.id}${digits}`), until } };
    await ports.state.keep(keyOf(code), next, link.expiresAt);
    const delivery = await ports.notify.send({
      id: randomUUID(),
      kind: 'one-time-code',
      to: { reference: link.patient, phone, language: languageOf(patient) },
      code: digits,
    });
    return delivery.kind === 'delivered' ? { kind: 'sent', triesLeft: TRIES - next.tries } : { kind: 'not-sent' };
  });
}

export type OpenedLink =
  | { readonly kind: 'open'; readonly patient: string; readonly tasks: readonly string[]; readonly endsAt: string }
  | { readonly kind: 'wrong'; readonly triesLeft: number }
  | { readonly kind: 'dead' | 'busy' };

/** Both codes: the link is used up. A wrong one is a try; after five the link is worth nothing. */
export function openLink(ports: AlliancePorts, code: string, oneTime: string, nowMs: number): Promise<OpenedLink> {
  return withLink(ports, code, nowMs, async (link): Promise<OpenedLink> => {
    const { state } = ports;
    const isGood =
      link.code !== undefined &&
      link.code.until > iso(nowMs) &&
      isSame(link.code.digest, digest(`${link.id}${oneTime}`));
    if (isGood) {
      await state.forget(keyOf(code));
      await state.forget(nameOf(link.id));
      return { kind: 'open', patient: link.patient, tasks: link.tasks, endsAt: link.expiresAt };
    }
    const tries = link.tries + 1;
    if (tries >= TRIES) {
      await state.forget(keyOf(code));
      await state.forget(nameOf(link.id));
      return { kind: 'dead' };
    }
    await state.keep(keyOf(code), { ...link, tries }, link.expiresAt);
    return { kind: 'wrong', triesLeft: TRIES - tries };
  });
}

/** One request at a time for each link, over all replicas: five tries are five. */
async function withLink<T>(
  { state }: AlliancePorts,
  code: string,
  nowMs: number,
  act: (link: KeptLink) => Promise<T>,
): Promise<T | { readonly kind: 'dead' | 'busy' }> {
  const lease = await state.acquire([keyOf(code)], randomUUID(), LEASE_MS, nowMs);
  if (lease === undefined) return { kind: 'busy' };
  try {
    // Only this file writes there.
    const link = (await state.kept(keyOf(code), iso(nowMs))) as KeptLink | undefined;
    return link === undefined ? { kind: 'dead' } : await act(link);
  } finally {
    await lease.release();
  }
}
