import { createHash } from 'node:crypto';
import { OVERRIDE_REASON } from '../../domain/cds-card.ts';
import type { CardFeedback } from '../../domain/cds-feedback.ts';
import { localDate } from '../../domain/instant.ts';
import type { FhirServer } from '../../fhir/port.ts';
import type { Holding } from '../../pipeline/compute-held.ts';
import { countFeedback } from '../../pipeline/count-feedback.ts';
import type { Lease } from '../../state/port.ts';
import { refusal } from '../refusal.ts';
import { keyOfCard } from './card-id.ts';
import { isJson } from './hook-request.ts';

/** One entry as it came: what it says of a card, and by what a repetition of it is known. */
export interface Entry {
  readonly feedback: CardFeedback;
  readonly id: string;
}

const MOST = 500;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** RFC 3339; CDS Hooks asks for UTC, and an offset says the same instant. */
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;
const DAY_MS = 86_400_000;
const OLDEST_MS = 366 * DAY_MS;
const AHEAD_MS = 5 * 60_000;

const malformed = (index: number, what: string) =>
  refusal(400, 'structure', 'feedback-malformed', `feedback[${index}]: ${what}`);

/** By what feedback is told apart and counted. */
export interface Counting {
  /** Keys that a card may have been made for. */
  readonly keys: readonly string[];
  /** Codes of `CodeSystem/cds-override-reason`. */
  readonly reasons: readonly string[];
  readonly nowMs: number;
  readonly timeZone: string;
}

/**
 * Reads a body of the feedback endpoint. A comment is not read at all, and of a reason that is not one of ours only that
 * there was one: both may hold anything.
 * @throws Refusal 400 with the place
 */
export function readFeedback(body: unknown, counting: Counting): Entry[] {
  if (!isJson(body) || !Array.isArray(body.feedback))
    throw refusal(400, 'structure', 'feedback-malformed', 'The body must be an object with an array feedback.');
  if (body.feedback.length > MOST) throw refusal(413, 'too-long', 'too-long', `More than ${MOST} entries in one call.`);
  return body.feedback.map((it: unknown, index: number) => entryOf(it, index, counting));
}

function entryOf(it: unknown, index: number, { keys, reasons, nowMs, timeZone }: Counting): Entry {
  if (!isJson(it)) throw malformed(index, 'no object.');
  const { card, outcome, outcomeTimestamp: at } = it;
  if (typeof card !== 'string' || !UUID.test(card)) throw malformed(index, 'card must be the uuid of a card.');
  if (outcome !== 'accepted' && outcome !== 'overridden')
    throw malformed(index, 'outcome must be accepted or overridden.');
  const ms = typeof at === 'string' && INSTANT.test(at) ? Date.parse(at) : Number.NaN;
  if (Number.isNaN(ms)) throw malformed(index, 'outcomeTimestamp must be an RFC 3339 date and time.');
  if (ms > nowMs + AHEAD_MS || ms < nowMs - OLDEST_MS)
    throw malformed(index, 'outcomeTimestamp is in the future, or more than a year ago.');
  if (outcome === 'accepted' && !hasSuggestion(it.acceptedSuggestions))
    throw malformed(index, 'an accepted card names the acceptedSuggestions.');
  return {
    feedback: {
      key: keyOfCard(card, keys) ?? 'unknown',
      outcome,
      ...(outcome === 'overridden' ? { reason: reasonOf(it.overrideReason, reasons) } : {}),
      month: localDate(ms, timeZone).slice(0, 7),
    },
    id: createHash('sha256')
      .update(JSON.stringify([card.toLowerCase(), outcome, ms]))
      .digest('hex'),
  };
}

const hasSuggestion = (it: unknown): boolean =>
  Array.isArray(it) && it.length > 0 && it.every((one) => isJson(one) && typeof one.id === 'string');

function reasonOf(it: unknown, reasons: readonly string[]): string {
  const reason = isJson(it) ? it.reason : undefined;
  if (!isJson(reason)) return 'none-given';
  const { system, code } = reason;
  return system === OVERRIDE_REASON && typeof code === 'string' && reasons.includes(code) ? code : 'other';
}

/** What counting works with. */
export interface FeedbackPorts {
  readonly server: FhirServer;
  readonly holding: Holding;
}

/** A client that got no answer sends it again: for so long it is known. */
const KNOWN_MS = DAY_MS;

/** Counts each entry once, on whichever replica it arrives. @throws FhirError where the report cannot be written */
export function feedbackCounter({ server, holding }: FeedbackPorts): (all: readonly Entry[]) => Promise<void> {
  const { state, now, holder } = holding;
  const known: { readonly lease: Lease; readonly untilMs: number }[] = [];
  return async (all) => {
    const fresh: { readonly entry: Entry; readonly lease: Lease }[] = [];
    for (const entry of all) {
      const lease = await state.acquire([`cds-feedback/${entry.id}`], holder, KNOWN_MS, now());
      if (lease !== undefined) fresh.push({ entry, lease });
    }
    try {
      await countFeedback(
        server,
        fresh.map((it) => it.entry.feedback),
        holding,
      );
    } catch (error) {
      for (const { lease } of fresh) await lease.release();
      throw error;
    }
    for (const { lease } of fresh) known.push({ lease, untilMs: now() + KNOWN_MS });
    while (known[0] !== undefined && known[0].untilMs < now()) await known.shift()?.lease.release();
  };
}
