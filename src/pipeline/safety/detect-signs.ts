import type { QuestionnaireResponse } from 'fhir/r4.js';
import type { Content } from '../../content/port.ts';
import type { Instrument } from '../../domain/instrument.ts';
import type { SafetyItem, SafetyPolicy } from '../../domain/protocol.ts';
import { type AskedItem, type SafetySign, signsIn } from '../../domain/safety.ts';
import { FhirError, type FhirServer } from '../../fhir/port.ts';
import { searchedCanonicals } from '../context.ts';
import { FormLibrary } from '../form-library.ts';
import type { Forms } from '../read-ratings.ts';

/** A response to a form that asks for signs of danger, and those that it gives. */
export interface Detected {
  readonly response: QuestionnaireResponse;
  /** Every safety item of the form, by the instrument’s linkId, with its sign where it has one. */
  readonly items: readonly { readonly item: SafetyItem; readonly sign: SafetySign | undefined }[];
}

/** Instruments with a safety item, by id. */
export const instrumentsOf = (policy: SafetyPolicy): ReadonlySet<string> =>
  new Set(policy.items.map((it) => it.instrument));

/** What searches name the forms by that may carry a safety item. */
export function safetyCanonicals(content: Content, policy: SafetyPolicy): string[] {
  const asking = instrumentsOf(policy);
  return searchedCanonicals(content).filter((name) => {
    const resolved = content.resolve(name);
    return 'instrument' in resolved && asking.has(resolved.instrument.id);
  });
}

const hasSign = (it: Detected): boolean => it.items.some(({ sign }) => sign !== undefined);

/** The signs alone. */
export const signsOf = (it: Detected): SafetySign[] => it.items.flatMap(({ sign }) => sign ?? []);

/**
 * Reads every response for signs, another publisher’s form fetched from the server where it must be. A form that cannot
 * be fetched is read by linkIds and codes alone; where not even they tell, any answer is a sign. `away`: the server is not asked.
 */
export async function detectSigns(
  server: FhirServer,
  content: Content,
  policy: SafetyPolicy,
  responses: readonly QuestionnaireResponse[],
  away = false,
): Promise<readonly Detected[]> {
  const forms = new FormLibrary(server, content);
  try {
    if (!away) await forms.learn(responses);
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
  }
  return responses.flatMap((response): Detected[] => {
    const asked = askedIn(response, forms.resolve, content, policy);
    if (asked.length === 0) return [];
    const signs = signsIn(response, asked);
    const detected = {
      response,
      items: asked.map(({ item }) => ({ item, sign: signs.find((it) => it.item === item) })),
    };
    const own = asked.some((it) => it.questions.length > 0 || it.ours || it.illegible);
    return own || hasSign(detected) ? [detected] : [];
  });
}

/** How the form of a response asks each safety item; nothing for a form that Vincle does not know at all. */
function askedIn(
  response: QuestionnaireResponse,
  forms: Forms,
  content: Content,
  policy: SafetyPolicy,
): readonly AskedItem[] {
  const resolved = forms(response.questionnaire);
  if (resolved.kind === 'ignored') return [];
  const form = resolved.kind === 'known' ? resolved.form : undefined;
  const instrument = instrumentOf(resolved, response, content);
  return policy.items.map((item) => {
    const concerns = instrument?.id === item.instrument;
    return {
      item,
      questions: concerns ? (form?.asks(item.linkId) ?? []) : [],
      options: optionsOf(item, content),
      ours:
        concerns && (form === undefined ? response.questionnaire?.split('|')[0] === instrument.url : !form.equivalent),
      illegible: concerns && form === undefined && !isLegible(response, instrument, content),
    };
  });
}

const instrumentOf = (resolved: ReturnType<Forms>, { questionnaire }: QuestionnaireResponse, content: Content) => {
  if (resolved.kind === 'ignored') return undefined;
  if (resolved.kind !== 'unreadable') return resolved.instrument;
  const named = content.resolve(questionnaire);
  return 'instrument' in named ? named.instrument : undefined;
};

function optionsOf(item: SafetyItem, content: Content): ReadonlyMap<string, number> {
  const instrument = content.instruments.findLast((it) => it.id === item.instrument);
  return instrument?.items.find((it) => it.linkId === item.linkId)?.weights ?? new Map();
}

/** Whether the questions of a form that is not at hand can be told by the instrument’s linkIds, or by the codes of its items. */
function isLegible({ item }: QuestionnaireResponse, instrument: Instrument, content: Content): boolean {
  const known = new Set([...instrument.items.map((it) => it.linkId), ...itemCodes(instrument, content)]);
  const ids: string[] = [];
  const walk = (items: unknown, depth: number): void => {
    if (!Array.isArray(items) || depth > 30) return;
    for (const it of items as readonly { linkId?: unknown; item?: unknown }[]) {
      if (typeof it?.linkId === 'string') ids.push(it.linkId);
      walk(it?.item, depth + 1);
    }
  };
  walk(item, 0);
  return ids.some((id) => known.has(id) || known.has(id.replace(/^.*\//, '')));
}

/** Codes of the items of our own form, which other publishers use as linkIds. */
function itemCodes(instrument: Instrument, content: Content): string[] {
  const own = content.resources.find((it) => it.resourceType === 'Questionnaire' && it.url === instrument.url);
  if (own?.resourceType !== 'Questionnaire') return [];
  const codes: string[] = [];
  const walk = (items: typeof own.item): void => {
    for (const it of items ?? []) {
      for (const code of it.code ?? []) if (code.code !== undefined) codes.push(code.code);
      walk(it.item);
    }
  };
  walk(own.item);
  return codes;
}
