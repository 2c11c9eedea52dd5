import type { QuestionnaireResponse, Reference } from 'fhir/r4.js';
import { RATING_USE } from '../domain/derived-observation.ts';
import type { Issue } from '../domain/outcome.ts';

const STATUSES: ReadonlySet<unknown> = new Set(['in-progress', 'completed', 'amended', 'entered-in-error', 'stopped']);

const wrong = (reason: string, diagnostics: string, place = ''): Issue => ({
  severity: 'error',
  code: reason === 'element-missing' ? 'required' : 'structure',
  reason,
  diagnostics,
  expression: `QuestionnaireResponse${place === '' ? '' : `.${place}`}`,
});

type Fields = Readonly<Record<string, unknown>>;
const isFields = (it: unknown): it is Fields => typeof it === 'object' && it !== null && !Array.isArray(it);
const isText = (it: unknown): boolean => it === undefined || (typeof it === 'string' && it.length <= 2_000);
const isReference = (it: unknown): it is Reference | undefined =>
  it === undefined || (isFields(it) && isText(it.reference));

/**
 * Reads what came over HTTP as a QuestionnaireResponse, as far as intake itself looks at it; the answers are checked by
 * the form. What a caller must not decide (server's own meta, whether a rating counts) is taken out.
 */
export function readResponse(body: unknown): QuestionnaireResponse | readonly Issue[] {
  if (!isFields(body) || body.resourceType !== 'QuestionnaireResponse')
    return [wrong('wrong-resource', 'The body is no QuestionnaireResponse.')];
  const issues = [...elementIssues(body), ...identifierIssues(body.identifier)];
  if (issues.length > 0) return issues;
  const { id: _id, meta: _meta, ...rest } = body;
  const meta = keptMeta(body.meta);
  return { ...rest, ...(meta === undefined ? {} : { meta }) } as unknown as QuestionnaireResponse;
}

function elementIssues(body: Fields): Issue[] {
  const issues: Issue[] = [];
  if (!STATUSES.has(body.status)) issues.push(wrong('element-missing', 'The status is missing or unknown.', 'status'));
  if (typeof body.questionnaire !== 'string')
    issues.push(wrong('element-missing', 'It does not say which questionnaire it answers.', 'questionnaire'));
  for (const name of ['questionnaire', 'authored', 'language'])
    if (!isText(body[name])) issues.push(wrong('malformed-element', `${name} is no text.`, name));
  for (const name of ['subject', 'source', 'author', 'encounter'])
    if (!isReference(body[name])) issues.push(wrong('malformed-element', `${name} is no reference.`, name));
  if (body.item !== undefined && !isItems(body.item, 0))
    issues.push(wrong('malformed-element', 'The items are not as FHIR has them.', 'item'));
  return issues;
}

/** Deeper than any questionnaire, shallow enough for every walk over it. */
const DEEPEST = 30;

function isItems(items: unknown, depth: number): boolean {
  return (
    Array.isArray(items) &&
    depth <= DEEPEST &&
    items.every(
      (it: unknown) =>
        isFields(it) &&
        (it.item === undefined || isItems(it.item, depth + 1)) &&
        (it.answer === undefined ||
          (Array.isArray(it.answer) &&
            it.answer.every(
              (one: unknown) => isFields(one) && (one.item === undefined || isItems(one.item, depth + 1)),
            ))),
    )
  );
}

function identifierIssues(identifier: unknown): Issue[] {
  if (identifier === undefined) return [];
  const whole =
    isFields(identifier) &&
    [identifier.system, identifier.value].every((it) => typeof it === 'string' && it !== '' && it.length <= 500);
  return whole
    ? []
    : [wrong('identifier-incomplete', 'An identifier needs a system and a value, or is left out.', 'identifier')];
}

function keptMeta(meta: unknown): QuestionnaireResponse['meta'] {
  if (!isFields(meta)) return undefined;
  const codings = (it: unknown) =>
    Array.isArray(it) ? it.filter((one: unknown) => isFields(one) && one.system !== RATING_USE) : [];
  const profile = Array.isArray(meta.profile)
    ? meta.profile.filter((it: unknown): it is string => typeof it === 'string')
    : [];
  const [tag, security] = [codings(meta.tag), codings(meta.security)];
  return {
    ...(profile.length === 0 ? {} : { profile }),
    ...(tag.length === 0 ? {} : { tag }),
    ...(security.length === 0 ? {} : { security }),
  };
}
