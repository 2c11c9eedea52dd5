import type { Extension } from 'fhir/r4.js';
import type { Instrument } from '../domain/instrument.ts';
import type { SafetyItem, SafetyPolicy } from '../domain/protocol.ts';
import { canonicalOf, matchesCanonical } from './canonical.ts';
import { type Parts, type Place, partsOf, refuse, within } from './protocol-place.ts';

const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** The item of which every answer above 0 is a sign, whatever a site thinks of it (Kroenke et al. 2001: any of "several days" or more). */
const DEATH = { instrument: 'phq-9', linkId: 'phq9-9', atLeast: 1 } as const;

/** What content has that a safety policy may name. */
export interface SafetyWords {
  readonly instruments: readonly Instrument[];
  readonly roles: ReadonlySet<string>;
  readonly outcomes: ReadonlySet<string>;
}

/** Which answers must reach a person, and what follows. */
export function readSafety(extension: Extension | undefined, place: Place, words: SafetyWords): SafetyPolicy {
  const at = within(place, 'extension(safety-policy)');
  if (extension === undefined) refuse(at, 'malformed', 'A protocol needs a safety policy.');
  const parts = partsOf(extension ?? { url: '' }, at);
  const items = parts.all('item').flatMap((it) => readItem(partsOf(it.part, it.place), it.part, it.place, words));
  const outcomes = parts.codes('outcome');
  for (const it of outcomes.filter((code) => !words.outcomes.has(code)))
    refuse(within(at, 'outcome'), 'unknown-outcome', `CodeSystem/safety-outcome has no code ${it}.`);
  if (items.length === 0) refuse(within(at, 'item'), 'malformed', 'A safety policy needs an item.');
  if (outcomes.length === 0)
    refuse(within(at, 'outcome'), 'malformed', 'Without an outcome nobody could ever close a sign.');
  return {
    items,
    respondWithinMinutes: parts.whole('respond-within-minutes', 1),
    ...(extension?.extension?.some((it) => it.url === 'close-within-minutes')
      ? { closeWithinMinutes: parts.whole('close-within-minutes', 1) }
      : {}),
    chain: readChain(parts, at, words.roles),
    outcomes,
    watched: parts.all('watched').map((it) => readWatch(partsOf(it.part, it.place), it.place)),
  };
}

function readItem(parts: Parts, extension: Extension, place: Place, { instruments }: SafetyWords): SafetyItem[] {
  const [questionnaire, linkId, atLeast] = [
    parts.canonical('questionnaire'),
    parts.text('link-id'),
    parts.whole('at-least', 0),
  ];
  const instrument = instruments.find((it) => matchesCanonical(questionnaire, canonicalOf(it)));
  if (instrument === undefined) {
    refuse(within(place, 'questionnaire'), 'unknown-instrument', `There is no instrument ${questionnaire}.`);
    return [];
  }
  const item = instrument.items.find((it) => it.linkId === linkId);
  if (item === undefined)
    refuse(within(place, 'link-id'), 'unknown-item', `${instrument.id} has no scored item ${linkId}.`);
  else if (atLeast <= item.low || atLeast > item.high)
    refuse(
      within(place, 'at-least'),
      'out-of-range',
      `An answer to ${linkId} lies between ${item.low} and ${item.high}: ${atLeast} would be a sign always or never.`,
    );
  else if (instrument.id === DEATH.instrument && linkId === DEATH.linkId && atLeast > DEATH.atLeast)
    refuse(
      within(place, 'at-least'),
      'sign-set-too-high',
      `Any answer above 0 to ${linkId} (thoughts of death or of harming oneself) is a sign: at-least is ${DEATH.atLeast}.`,
    );
  const codes = (extension.extension ?? []).flatMap((it) => (it.url === 'code' ? (it.valueCoding?.code ?? []) : []));
  return [{ instrument: instrument.id, linkId, codes, atLeast }];
}

function readChain(parts: Parts, place: Place, roles: ReadonlySet<string>): SafetyPolicy['chain'] {
  const chain = parts.all('chain').map((it) => {
    const link = partsOf(it.part, it.place);
    const role = link.code('role');
    if (!roles.has(role)) refuse(within(it.place, 'role'), 'unknown-role', `CodeSystem/role has no code ${role}.`);
    return { afterMinutes: link.whole('after-minutes', 0), role };
  });
  const ascending = chain.every((it, index) => it.afterMinutes >= (chain[index - 1]?.afterMinutes ?? 0));
  if (chain[0]?.afterMinutes !== 0 || !ascending)
    refuse(
      within(place, 'chain'),
      'chain-out-of-order',
      'The first is told at minute 0, each further one not earlier.',
    );
  return chain;
}

function readWatch(parts: Parts, place: Place): SafetyPolicy['watched'][number] {
  const days = parts.codes('day').map((it) => WEEKDAYS.indexOf(it) + 1);
  const [from, to] = [parts.time('from'), parts.time('to')];
  if (days.length === 0 || days.includes(0)) refuse(within(place, 'day'), 'malformed', 'Days are mon … sun.');
  if (from === to) refuse(place, 'malformed', 'A watch that begins when it ends says nothing.');
  return { days, from, to };
}
