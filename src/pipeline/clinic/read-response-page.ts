import type { Observation, Questionnaire } from 'fhir/r4.js';
import { isAboutAnother, isOwnRating, keptPatientSide, viewerRates } from '../../domain/overview-alliance.ts';
import { visitOf } from '../../domain/page/page-input.ts';
import { responsePage } from '../../domain/page/response-page.ts';
import { derivedFromResponses } from '../../domain/queries.ts';
import { literal } from '../../domain/reference.ts';
import type { WithheldWhy } from '../../domain/view/patient-view.ts';
import type { ResponseView } from '../../domain/view/response-view.ts';
import { lookAtPatient, type OverviewPorts, type WholeLook } from '../patient-overview.ts';
import { nameOf } from '../person-of-launch.ts';
import { pageInputOf, reaches } from './read-patient.ts';
import type { Reader } from './reader.ts';

/** What came of asking for one response. */
export type ResponsePage =
  /** With the ratings that it exposes to somebody who rates too. */
  | { readonly kind: 'shown'; readonly view: ResponseView; readonly exposes: readonly string[] }
  | { readonly kind: 'withheld'; readonly why: WithheldWhy }
  | { readonly kind: 'not-found' };

/**
 * One response with its scoring and origin, as this reader may see it: two requests with the reader’s own token.
 * @throws FhirError where the server is not reached
 */
export async function readResponsePage(
  ports: OverviewPorts,
  reader: Reader,
  { patient, response: id }: { readonly patient: string; readonly response: string },
  nowMs: number,
): Promise<ResponsePage> {
  const { server, context } = ports;
  const reference = `QuestionnaireResponse/${id}`;
  const look = await lookAtPatient(ports, { patient, viewer: reader.practitioner }, nowMs, () => [
    derivedFromResponses([reference]),
  ]);
  if (look === undefined || !look.overview.inScope || !reaches(look, reader, context)) return { kind: 'not-found' };
  const response = await server.read('QuestionnaireResponse', id);
  const about = literal(response?.subject, context.settings.baseUrl);
  if (response === undefined || about === undefined || !look.input.record.aliases.includes(about))
    return { kind: 'not-found' };
  const resolved = context.content.resolve(response.questionnaire);
  if (resolved.kind !== 'known') return { kind: 'not-found' };
  const { instrument, form } = resolved;
  const scores = look.resources.filter(
    (it): it is Observation =>
      it.resourceType === 'Observation' &&
      (it.derivedFrom ?? []).some((one) => literal(one, context.settings.baseUrl) === reference),
  );
  const own = scores.filter((it) => it.code.coding?.some((one) => one.code === instrument.id));
  const why = instrument.alliance ? withheld(instrument.rater, own[0], look) : undefined;
  if (why !== undefined) return { kind: 'withheld', why };
  const questionnaire = context.content.resources.find(
    (it): it is Questionnaire => it.resourceType === 'Questionnaire' && it.url === instrument.url,
  );
  const exposing = instrument.alliance && instrument.rater === 'patient' && viewerRates(look.input);
  return {
    kind: 'shown',
    exposes: exposing ? own.map((it) => `Observation/${it.id}`) : [],
    view: responsePage(
      {
        response,
        instrument,
        questionnaire,
        raw: form.answers(response),
        scores: own,
        name: nameOf(look.input.record.patient?.name) ?? '',
        isNeutral: isNeutral(instrument.id),
      },
      pageInputOf(look, context),
    ),
  };
}

/** Instruments of which structure and neutral labels alone ship. */
const NEUTRAL: ReadonlySet<string> = new Set(['wai-s-p', 'wai-s-t', 'hads', 'distress-thermometer']);
const isNeutral = (instrument: string): boolean => NEUTRAL.has(instrument);

/** Why one rater’s answers are kept from this reader: the same rule as for their score. */
function withheld(
  rater: 'patient' | 'therapist',
  score: Observation | undefined,
  { release, input }: WholeLook,
): WithheldWhy | undefined {
  if (rater === 'therapist') return release !== 'nothing' || isOwnRating(score, input) ? undefined : 'study';
  const kept = keptPatientSide(input, release, score === undefined ? undefined : visitOf(score));
  return kept ?? (isAboutAnother(score, input) ? 'not-your-role' : undefined);
}
