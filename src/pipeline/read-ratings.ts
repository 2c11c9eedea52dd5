import type { QuestionnaireResponse } from 'fhir/r4.js';
import type { Form, Resolved } from '../content/port.ts';
import { responseKey } from '../domain/derived-identity.ts';
import type { Issue } from '../domain/outcome.ts';
import type { PatientRecord } from '../domain/patient-record.ts';
import { type Rating, totalOf } from '../domain/rating.ts';
import type { PipelineContext, Surroundings } from './context.ts';
import { rateResponse } from './rate-response.ts';

/** What became of one response. */
export type Fate =
  | 'scored'
  | 'unscorable'
  | 'refused'
  /** Of a Questionnaire nobody here knows. */
  | 'ignored'
  /** In progress or stopped: not scored yet. */
  | 'unfinished'
  /** Entered in error. */
  | 'withdrawn'
  /** A copy of a response that counts. */
  | 'duplicate'
  | 'no-consent';

export interface ResponseOutcome {
  readonly response: string;
  readonly versionId: string | undefined;
  readonly fate: Fate;
  readonly issues: readonly Issue[];
  readonly rating?: Rating;
}

/** The form behind a response's `questionnaire`; issues say why another publisher's could not be read. */
export type Forms = (
  questionnaire: string | undefined,
) => Resolved | { readonly kind: 'unreadable'; readonly issues: readonly Issue[] };

const FINISHED: ReadonlySet<string> = new Set(['completed', 'amended']);

/** Every response of one subject with what became of it, and the ratings that may be scored. */
export function readRatings(
  record: PatientRecord,
  forms: Forms,
  context: PipelineContext,
  surroundings: Surroundings,
): ResponseOutcome[] {
  const newest = newestCopies(record.responses, forms);
  return record.responses.map((response): ResponseOutcome => {
    const outcome = (fate: Fate, issues: readonly Issue[] = []): ResponseOutcome => ({
      response: `QuestionnaireResponse/${response.id}`,
      versionId: response.meta?.versionId,
      fate,
      issues,
    });
    const resolved = forms(response.questionnaire);
    if (resolved.kind === 'ignored') return outcome('ignored');
    if (response.status === 'entered-in-error') return outcome('withdrawn');
    if (!FINISHED.has(response.status)) return outcome('unfinished');
    if (resolved.kind !== 'known') return outcome('refused', unreadable(resolved));
    if (newest.get(copyKey(response, resolved.form)) !== response) return outcome('duplicate');
    const rated = rateResponse({ response, form: resolved.form, record, context, surroundings });
    if (rated.kind === 'no-consent') return outcome('no-consent');
    if (rated.kind === 'refused') return outcome('refused', rated.issues);
    const fate = totalOf(rated.rating) === undefined ? 'unscorable' : 'scored';
    return { ...outcome(fate, rated.warnings), rating: rated.rating };
  });
}

const copyKey = (response: QuestionnaireResponse, form: Form): string =>
  `${form.instrument.id}|${responseKey(response)}`;

/** Of the copies of one response the one that the server changed last; between equals the greater id. */
function newestCopies(responses: readonly QuestionnaireResponse[], forms: Forms): Map<string, QuestionnaireResponse> {
  const newest = new Map<string, QuestionnaireResponse>();
  for (const response of responses) {
    const resolved = forms(response.questionnaire);
    if (resolved.kind !== 'known' || !FINISHED.has(response.status)) continue;
    const key = copyKey(response, resolved.form);
    const other = newest.get(key);
    if (other === undefined || isLater(response, other)) newest.set(key, response);
  }
  return newest;
}

function isLater(a: QuestionnaireResponse, b: QuestionnaireResponse): boolean {
  const [aTime, bTime] = [a.meta?.lastUpdated ?? '', b.meta?.lastUpdated ?? ''];
  return aTime === bTime ? (a.id ?? '') > (b.id ?? '') : Date.parse(aTime) > Date.parse(bTime);
}

function unreadable(resolved: Exclude<ReturnType<Forms>, { kind: 'known' | 'ignored' }>): readonly Issue[] {
  const expression = 'QuestionnaireResponse.questionnaire';
  if (resolved.kind === 'unreadable') return resolved.issues;
  if (resolved.kind === 'unknown-version')
    return [
      {
        severity: 'error',
        code: 'not-supported',
        reason: 'unknown-version',
        expression,
        diagnostics: `Version ${resolved.asked} of this questionnaire is not known here.`,
      },
    ];
  return [
    {
      severity: 'error',
      code: 'not-found',
      reason: 'questionnaire-not-found',
      expression,
      diagnostics: 'The server does not hold this questionnaire, so its items cannot be told apart.',
    },
  ];
}
