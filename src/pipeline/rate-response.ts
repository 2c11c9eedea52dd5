import type { QuestionnaireResponse, Reference } from 'fhir/r4.js';
import type { Form } from '../content/port.ts';
import { PLATFORM_DEVICE_ID } from '../domain/canonicals.ts';
import { practitioner, treating } from '../domain/care.ts';
import { consented } from '../domain/consent.ts';
import { responseKey } from '../domain/derived-identity.ts';
import { RATING_USE } from '../domain/derived-observation.ts';
import { type Authored, readAuthored } from '../domain/instant.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { Issue } from '../domain/outcome.ts';
import type { PatientRecord } from '../domain/patient-record.ts';
import type { RatedScore, Rating } from '../domain/rating.ts';
import { literal } from '../domain/reference.ts';
import { compileScoring } from '../domain/scoring.ts';
import { OF_TWO_PATIENTS } from './contested.ts';
import type { PipelineContext, Surroundings } from './context.ts';

/** One response with what is around it: what every rule below looks at. */
interface Case {
  readonly response: QuestionnaireResponse;
  readonly form: Form;
  readonly record: PatientRecord;
  readonly context: PipelineContext;
  readonly surroundings: Surroundings;
}

export type Rated =
  | { readonly kind: 'rating'; readonly rating: Rating; readonly warnings: readonly Issue[] }
  | { readonly kind: 'refused'; readonly issues: readonly Issue[] }
  | { readonly kind: 'no-consent' };

const refusal = (
  reason: string,
  diagnostics: string,
  expression: string,
  code: Issue['code'] = 'business-rule',
): Issue => ({
  severity: 'error',
  code,
  reason,
  diagnostics,
  expression: `QuestionnaireResponse.${expression}`,
});

/** Reads one completed response whole. Each rule is one function below; the first that refuses gives the reason. */
export function rateResponse(it: Case): Rated {
  const authored = readAuthored(it.response.authored, it.context.settings.timeZone);
  const identity = [
    patientIsKnown(it),
    identifierIsOnePatients(it),
    authoredIsReadable(authored),
    raterMayRate(it, authored),
  ];
  const issues = identity.filter((issue) => issue !== undefined);
  const findings = it.form.validate(it.response);
  issues.push(...findings.filter((issue) => issue.severity === 'error'));
  if (issues.length > 0 || authored === undefined) return { kind: 'refused', issues };
  if (!hasConsent(it, authored)) return { kind: 'no-consent' };
  const therapist = ratedTherapist(it, authored);
  if (typeof therapist === 'object') return { kind: 'refused', issues: [therapist] };
  const rating = ratingOf(it, authored, therapist);
  const warnings = [
    ...findings,
    ...zoneWarning(authored),
    ...unclearTherapist(it, therapist),
    ...disagreements(it, rating),
  ];
  return { kind: 'rating', rating, warnings };
}

function patientIsKnown({ record }: Case): Issue | undefined {
  if (record.subject.startsWith('Practitioner/') || record.patient !== undefined) return undefined;
  return refusal('unknown-patient', 'The server holds no such patient.', 'subject', 'not-found');
}

function identifierIsOnePatients({ response, surroundings }: Case): Issue | undefined {
  if (!surroundings.contested.has(responseKey(response))) return undefined;
  return refusal(
    OF_TWO_PATIENTS,
    'Responses of two patients carry this identifier: nobody can tell whose answers these are.',
    'identifier',
    'duplicate',
  );
}

function authoredIsReadable(authored: Authored | undefined): Issue | undefined {
  if (authored !== undefined) return undefined;
  return refusal(
    'authored-missing',
    'The response does not say, to the month at least, when it was answered.',
    'authored',
    'required',
  );
}

/** Who answered: `source`, else `author`; a self-report form of another publisher that names neither is its subject's. */
function raterReference({ response, form }: Case): Reference | undefined {
  const named = response.source ?? response.author;
  return (
    named ??
    (form.equivalent && form.instrument.rater === 'patient' && !form.instrument.alliance ? response.subject : undefined)
  );
}

function raterOf(it: Case): string | undefined {
  const reference = raterReference(it);
  const { baseUrl } = it.context.settings;
  return practitioner(reference, it.surroundings.roles, baseUrl) ?? literal(reference, baseUrl);
}

function raterMayRate(it: Case, authored: Authored | undefined): Issue | undefined {
  const rater = raterOf(it);
  const place = it.response.source === undefined && it.response.author !== undefined ? 'author' : 'source';
  const wrong = (diagnostics: string) => refusal('wrong-rater', diagnostics, place);
  if (rater === undefined)
    return wrong('The response does not say who answered, or names somebody this server does not hold.');
  if (it.form.instrument.rater === 'patient')
    return rater === it.record.subject
      ? undefined
      : wrong('This form is answered by the patient it is about; somebody else answered.');
  if (it.form.instrument.subject === 'Practitioner')
    return rater === it.record.subject
      ? undefined
      : wrong('This form is answered by the therapist it is about; somebody else answered.');
  if (authored === undefined || caring(it, authored).includes(rater)) return undefined;
  return wrong(
    'This form is answered by a therapist who cares for the patient; the one who answered did not at that time.',
  );
}

const caring = (it: Case, authored: Authored): string[] =>
  treating(it.record, authored.date, it.surroundings.roles, it.context.settings);

function hasConsent(it: Case, authored: Authored): boolean {
  const { content, settings } = it.context;
  return consented(it.record.consents, 'digital-follow-up', authored.epochMs, content.consent, settings.timeZone);
}

const THERAPIST_ITEM = 'rated-therapist';

/** Whose work is rated: the named therapist, else the only one treating then; `undefined` where nobody can tell. */
function ratedTherapist(it: Case, authored: Authored): string | undefined | Issue {
  const { instrument } = it.form;
  if (!instrument.alliance) return undefined;
  if (instrument.rater === 'therapist') return raterOf(it);
  const answer = it.response.item?.find((item) => item.linkId === THERAPIST_ITEM)?.answer?.[0]?.valueReference;
  if (answer !== undefined) {
    const named = practitioner(answer, it.surroundings.roles, it.context.settings.baseUrl);
    return (
      named ??
      refusal(
        'unknown-therapist',
        'The rated therapist is nobody this server holds.',
        `item.where(linkId='${THERAPIST_ITEM}').answer[0]`,
        'not-found',
      )
    );
  }
  const candidates = caring(it, authored);
  return candidates.length === 1 ? candidates[0] : undefined;
}

function unclearTherapist({ form }: Case, therapist: string | undefined): Issue[] {
  if (!form.instrument.alliance || therapist !== undefined) return [];
  return [
    {
      severity: 'warning',
      code: 'incomplete',
      reason: 'therapist-unclear',
      diagnostics:
        'The response does not say whose work it rates, and not exactly one therapist was treating then: it is scored, without dyad or change.',
      expression: `QuestionnaireResponse.item.where(linkId='${THERAPIST_ITEM}')`,
    },
  ];
}

function zoneWarning(authored: Authored): Issue[] {
  if (!authored.zoneAssumed) return [];
  return [
    {
      severity: 'information',
      code: 'incomplete',
      reason: 'zone-assumed',
      diagnostics: 'The time carries no zone and was read as local time.',
      expression: 'QuestionnaireResponse.authored',
    },
  ];
}

type Score = ReturnType<typeof compileScoring>;
const compiled = new WeakMap<Instrument, Score>();

function scoringOf(instrument: Instrument): Score {
  let score = compiled.get(instrument);
  if (score === undefined) {
    score = compileScoring(instrument);
    compiled.set(instrument, score);
  }
  return score;
}

function ratingOf(it: Case, authored: Authored, therapist: string | undefined): Rating {
  const { response, form, record } = it;
  const { instrument } = form;
  const scores = scoringOf(instrument)(form.answers(response));
  const byMeasure = new Map<string, RatedScore>();
  for (const [measure, score] of scores.measures)
    byMeasure.set(
      measure,
      'value' in score ? { value: score.value, prorated: score.prorated } : { value: undefined, prorated: false },
    );
  return {
    response: `QuestionnaireResponse/${response.id}`,
    key: responseKey(response),
    instrument,
    subject: instrument.subject === 'Practitioner' ? `Device/${PLATFORM_DEVICE_ID}` : record.subject,
    rater: raterOf(it) ?? record.subject,
    therapist,
    authored,
    language: response.language,
    amended: response.status === 'amended',
    scores: byMeasure,
    answered: scores.answered,
    uniform: scores.uniform,
    keyConfirmed: it.context.content.keyConfirmed(instrument.id, response.language),
    accepted: response.meta?.tag?.some((tag) => tag.system === RATING_USE && tag.code === 'accepted') ?? false,
  };
}

/** Totals that the response itself carries are compared, never believed. */
function disagreements({ form, response }: Case, rating: Rating): Issue[] {
  return [...form.storedScores(response)].flatMap(([measure, stored]): Issue[] => {
    const computed = rating.scores.get(measure)?.value;
    if (computed !== undefined && Math.abs(computed - stored) < 1e-6) return [];
    return [
      {
        severity: 'warning',
        code: 'value',
        reason: 'stored-total-disagrees',
        diagnostics: `The stored ${measure} is not what the answers give; the answers count.`,
        expression: 'QuestionnaireResponse.item',
      },
    ];
  });
}
