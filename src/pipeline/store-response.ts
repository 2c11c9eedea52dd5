import type { QuestionnaireResponse } from 'fhir/r4.js';
import { v5 } from 'uuid';
import { BASE } from '../domain/canonicals.ts';
import { responseKey } from '../domain/derived-identity.ts';
import { RELEASE } from '../domain/derived-observation.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { Issue } from '../domain/outcome.ts';
import { escaped } from '../domain/queries.ts';
import { literal } from '../domain/reference.ts';
import { sameDerived } from '../domain/same-resource.ts';
import type { FhirServer, Write } from '../fhir/port.ts';

/** System of the identifier that a response is given at intake when it brings none. */
export const RESPONSE_IDENTIFIER = `${BASE}/identifier/response`;
const NAMESPACE = v5(RESPONSE_IDENTIFIER, v5.URL);
const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';

/** A response that can be told again whenever it is sent: with an identifier, and with the labels of its instrument. */
export function identified(
  response: QuestionnaireResponse,
  instrument: Instrument | undefined,
  newId: () => string,
): QuestionnaireResponse {
  const identifier = response.identifier ?? { system: RESPONSE_IDENTIFIER, value: newId() };
  return labelled({ ...response, identifier }, instrument);
}

/** An alliance rating is hidden from the other one of the two, whatever whoever sent it thought of that. */
function labelled(response: QuestionnaireResponse, instrument: Instrument | undefined): QuestionnaireResponse {
  if (!instrument?.alliance) return response;
  const code = instrument.rater === 'patient' ? 'blinded-from-therapist' : 'blinded-from-patient';
  const others = (response.meta?.security ?? []).filter((it) => it.system !== RELEASE && it.system !== CONFIDENTIALITY);
  const security = [...others, { system: CONFIDENTIALITY, code: 'R' }, { system: RELEASE, code }];
  return { ...response, meta: { ...response.meta, security } };
}

/** What must be sent so that the server holds this response once. */
export type Storing =
  | { readonly kind: 'write'; readonly write: Write }
  /** The same response stands there already, word for word: an answer was lost, nothing is written. */
  | { readonly kind: 'stands'; readonly response: QuestionnaireResponse }
  | { readonly kind: 'refused'; readonly issues: readonly Issue[] };

/** Encoded, because an identifier comes from outside: an `&` in it would be another search parameter. */
const whereIdentified = ({ identifier }: QuestionnaireResponse): string =>
  `identifier=${encodeURIComponent(`${escaped(identifier?.system ?? '')}|${escaped(identifier?.value ?? '')}`)}`;

/** The write for a server that could not be asked what it holds; it may be repeated. */
export const blindWrite = (response: QuestionnaireResponse): Write =>
  response.status === 'amended'
    ? { method: 'PUT', resource: response, where: `QuestionnaireResponse?${whereIdentified(response)}` }
    : { method: 'POST', resource: response, ifNoneExist: whereIdentified(response) };

/** The write for a response, given what the server holds under its identifier. It may be repeated. */
export function storing(
  response: QuestionnaireResponse,
  standing: readonly QuestionnaireResponse[],
  clientIds: boolean,
  baseUrl: string,
): Storing {
  const subject = literal(response.subject, baseUrl);
  if (standing.some((it) => literal(it.subject, baseUrl) !== subject))
    return refused('identifier-of-two-patients', 'A response of somebody else carries this identifier.');
  const [present] = standing;
  if (present !== undefined && !sameHand(present, response))
    return refused(
      'identifier-of-another-form',
      'Another form, or the same by somebody else, carries this identifier.',
    );
  if (present === undefined) return { kind: 'write', write: created(response, clientIds) };
  if (sameDerived(present, { ...response, id: present.id ?? '' })) return { kind: 'stands', response: present };
  const isOpen = present.status === 'in-progress' || present.status === 'stopped';
  if (!isOpen && response.status !== 'amended' && response.status !== 'entered-in-error')
    return refused(
      'already-answered',
      'A finished response carries this identifier: a correction has the status amended.',
    );
  const versionId = present.meta?.versionId;
  return {
    kind: 'write',
    write: {
      method: 'PUT',
      resource: { ...response, id: present.id ?? '' },
      ...(versionId === undefined ? {} : { ifMatch: versionId }),
    },
  };
}

const urlOf = (it: QuestionnaireResponse): string | undefined => it.questionnaire?.split('|')[0];

/** A correction is of the same form, by whoever answered it. */
const sameHand = (a: QuestionnaireResponse, b: QuestionnaireResponse): boolean =>
  urlOf(a) === urlOf(b) && (a.source ?? a.author)?.reference === (b.source ?? b.author)?.reference;

/** PUT by an id that follows from the identifier creates exactly once; a conditional create, almost. */
function created(response: QuestionnaireResponse, clientIds: boolean): Write {
  if (!clientIds) return { method: 'POST', resource: response, ifNoneExist: whereIdentified(response) };
  return { method: 'PUT', resource: { ...response, id: v5(responseKey(response), NAMESPACE) } };
}

const refused = (reason: string, diagnostics: string): Storing => ({
  kind: 'refused',
  issues: [
    { severity: 'error', code: 'duplicate', reason, diagnostics, expression: 'QuestionnaireResponse.identifier' },
  ],
});

/** Whole responses that carry the identifier, whoever they are about. */
export async function standingUnder(
  server: FhirServer,
  { identifier }: QuestionnaireResponse,
): Promise<readonly QuestionnaireResponse[]> {
  const [page] = await server.searchAll([
    {
      type: 'QuestionnaireResponse',
      params: [['identifier', `${escaped(identifier?.system ?? '')}|${escaped(identifier?.value ?? '')}`]],
    },
  ]);
  // A server may ignore the parameter and return everything.
  return (page?.resources ?? []).filter(
    (it): it is QuestionnaireResponse =>
      it.resourceType === 'QuestionnaireResponse' &&
      it.identifier?.system === identifier?.system &&
      it.identifier?.value === identifier?.value,
  );
}
