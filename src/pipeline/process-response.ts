import type { QuestionnaireResponse } from 'fhir/r4.js';
import { v5 } from 'uuid';
import { responseKey } from '../domain/derived-identity.ts';
import type { Issue } from '../domain/outcome.ts';
import { literal } from '../domain/reference.ts';
import { FhirError } from '../fhir/port.ts';
import { type Caller, mayAnswer } from './caller.ts';
import type { AlliancePorts } from './compute-alliance.ts';
import { waitedFor } from './compute-held.ts';
import { computeNow, type Now } from './compute-now.ts';
import { asksForSafety, examineResponse, unknownForm } from './examine-response.ts';
import { enqueueResponse, isPassing, waitsBehind } from './keep-response.ts';
import type { Fate } from './read-ratings.ts';
import { readResponse } from './read-response.ts';
import { raiseNow, tellAtOnce } from './safety/raise-now.ts';
import { stored, unstored } from './safety/safety-case.ts';
import { identified } from './store-response.ts';

export interface IntakeOptions extends Now {
  readonly caller: Caller;
  /** A new UUID for a response that brings no identifier. */
  readonly newId: () => string;
  /** Stored only over this version of what carries its identifier (`undefined`: over nothing). */
  readonly over?: { readonly version: string | undefined };
  /** A draft is stored and looked at for signs of danger, and nothing is computed; what cannot be stored now is not kept. */
  readonly draft?: true;
}

/** What became of a response that was handed in. */
export type Processed =
  | {
      readonly kind: 'stored';
      /** False where the same response stood there already, or an earlier one was replaced. */
      readonly created: boolean;
      readonly response: QuestionnaireResponse;
      /** Of this response; absent where it could not be computed now: the next run does. */
      readonly fate: Fate | undefined;
      readonly issues: readonly Issue[];
    }
  /** The server cannot take it now: it waits, encrypted, and is delivered in order. */
  | {
      readonly kind: 'kept';
      readonly identifier: QuestionnaireResponse['identifier'];
      readonly issues: readonly Issue[];
    }
  /** Nothing was stored. */
  | {
      readonly kind: 'invalid' | 'forbidden' | 'outside' | 'duplicate' | 'busy';
      readonly issues: readonly Issue[];
    };

/**
 * Takes in one response: checks it, stores it on the hospital's server, and computes at once whomever it is about. What
 * the server cannot take now is kept in the outbox. A response to a form that asks for suicidality is stored even where
 * it is refused, so that the answer is seen; the next run raises its review.
 * @throws nothing that carries content; StateError where Vincle's own state fails
 */
export async function processResponse(ports: AlliancePorts, body: unknown, options: IntakeOptions): Promise<Processed> {
  const read = readResponse(body);
  if (!('resourceType' in read)) return { kind: 'invalid', issues: read };
  const { content } = ports.context;
  const resolved = content.resolve(read.questionnaire);
  const instrument = 'instrument' in resolved ? resolved.instrument : undefined;
  const unknown = resolved.kind === 'needs-questionnaire' ? undefined : unknownForm(resolved);
  if (unknown !== undefined && !asksForSafety(instrument, content)) return { kind: 'invalid', issues: [unknown] };
  const response = identified(withRater(read, options.caller), instrument, options.newId);
  const lease = await waitedFor(`intake/${v5(responseKey(response), v5.URL)}`, { ...options, state: ports.state });
  if (lease === undefined) return busy();
  try {
    if (await waitsBehind(ports, response, options.draft === true)) {
      if (options.draft !== true) return await keep(ports, response, options);
      // It waits with its author; what it says must reach a person now.
      await tellAtOnce(ports, response, options);
      return busy();
    }
    const processed = await store(ports, response, options);
    // Nobody keeps it, and what it says must reach a person all the same.
    if (isTurnedAway(processed)) await raiseNow(ports, [unstored(response)], options);
    return processed;
  } catch (error) {
    if (!isPassing(error)) throw error;
    if (options.draft !== true) return keep(ports, response, options);
    // Its author keeps it and sends it again; what it says must reach a person now.
    await tellAtOnce(ports, response, options);
    throw error;
  } finally {
    await lease.release();
  }
}

/** Whoever handed it in may do so, and it is about somebody of the programme: only there was no place for it. */
const isTurnedAway = ({ kind, issues }: Processed): boolean =>
  kind === 'duplicate' || (kind === 'invalid' && issues.some((it) => it.reason === SERVER_REFUSED));

/** Who answered is who holds the token, where the response does not say. */
function withRater(response: QuestionnaireResponse, caller: Caller): QuestionnaireResponse {
  if (response.source !== undefined || response.author !== undefined || caller.kind === 'system') return response;
  return { ...response, source: { reference: caller.kind === 'patient' ? caller.patient : caller.practitioner } };
}

const SERVER_REFUSED = 'server-refused';

const ATTEMPTS = 3;

async function store(
  ports: AlliancePorts,
  response: QuestionnaireResponse,
  options: IntakeOptions,
): Promise<Processed> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const examined = await examineResponse(ports, response, options.caller, options.now(), options.over);
    if (examined.kind !== 'welcome') return examined;
    const { storing, issues } = examined;
    if (storing.kind === 'stands') return computed(ports, storing.response, false, issues, options);
    try {
      const result = await ports.server.write(storing.write);
      const id = result.id ?? ('resource' in storing.write ? storing.write.resource.id : undefined);
      const { versionId } = result;
      const kept = {
        ...response,
        ...(id === undefined ? {} : { id }),
        meta: { ...response.meta, ...(versionId === undefined ? {} : { versionId }) },
      };
      return await computed(ports, kept, result.status === 201, issues, options);
    } catch (error) {
      if (!(error instanceof FhirError)) throw error;
      if (error.kind === 'rejected' || error.kind === 'not-found') return serverRefused(error);
      // Somebody else wrote first: look again at what stands there.
      if (error.kind !== 'conflict') throw error;
    }
  }
  return busy();
}

async function computed(
  ports: AlliancePorts,
  response: QuestionnaireResponse,
  created: boolean,
  issues: readonly Issue[],
  options: IntakeOptions,
): Promise<Processed> {
  await raiseNow(ports, [stored(response)], options);
  if (options.draft === true) return { kind: 'stored', created, response, fate: 'unfinished', issues };
  const { outcomes } = await computeNow(ports, [response], options);
  const own = outcomes.find((it) => it.response === `QuestionnaireResponse/${response.id}`);
  return {
    kind: 'stored',
    created,
    response,
    fate: own?.fate,
    issues: own === undefined ? issues : merged(issues, own.issues),
  };
}

const merged = (a: readonly Issue[], b: readonly Issue[]): readonly Issue[] => {
  const all = new Map([...a, ...b].map((it) => [`${it.reason}@${it.expression ?? ''}`, it]));
  return [...all.values()];
};

/** Into the outbox, as far as it can be told without the server that the response is welcome. */
async function keep(ports: AlliancePorts, response: QuestionnaireResponse, options: IntakeOptions): Promise<Processed> {
  const { content, settings } = ports.context;
  const resolved = content.resolve(response.questionnaire);
  const instrument = 'instrument' in resolved ? resolved.instrument : undefined;
  const denied = mayAnswer(options.caller, response, instrument, new Map(), settings.baseUrl);
  // Who holds a role only the server knows: that is asked again before it is delivered.
  const byRole =
    options.caller.kind === 'practitioner' &&
    denied?.reason === 'not-the-rater' &&
    `${response.source?.reference} ${response.author?.reference}`.includes('PractitionerRole/');
  if (denied !== undefined && !byRole) return { kind: 'forbidden', issues: [denied] };
  if (!/^(Patient|Practitioner)\//.test(literal(response.subject, settings.baseUrl) ?? ''))
    return { kind: 'outside', issues: [refusal('forbidden', 'outside', 'Nobody of the programme is named.')] };
  const issues = resolved.kind === 'known' ? resolved.form.validate(response) : [];
  if (issues.some((it) => it.severity === 'error') && !asksForSafety(instrument, content))
    return { kind: 'invalid', issues };
  const label = `QuestionnaireResponse to ${instrument?.id ?? 'a form'}`;
  await enqueueResponse(ports, response, { caller: options.caller, label, nowMs: options.now() });
  await tellAtOnce(ports, response, options);
  return { kind: 'kept', identifier: response.identifier, issues };
}

const refusal = (code: Issue['code'], reason: string, diagnostics: string): Issue => ({
  severity: 'error',
  code,
  reason,
  diagnostics,
  expression: 'QuestionnaireResponse',
});

const busy = (): Processed => ({
  kind: 'busy',
  issues: [refusal('conflict', 'busy', 'The same response is being taken in: try again in a moment.')],
});

/** Where the server says, and what kind of fault it is; its words may quote the response and stay out. */
function serverRefused({ outcome }: FhirError): Processed {
  const issues = (outcome?.issue ?? [])
    .filter((it) => it.severity === 'error' || it.severity === 'fatal')
    .slice(0, 20)
    .map((it): Issue => {
      const place = it.expression?.[0] ?? it.location?.[0];
      const plain = place !== undefined && /^[A-Za-z0-9_.[\]]{1,200}$/.test(place);
      return {
        ...refusal(it.code, SERVER_REFUSED, 'The hospital’s FHIR server does not take this response.'),
        ...(plain ? { expression: place } : {}),
      };
    });
  return {
    kind: 'invalid',
    issues:
      issues.length > 0
        ? issues
        : [refusal('processing', SERVER_REFUSED, 'The hospital’s FHIR server does not take this response.')],
  };
}
