import type { Questionnaire, QuestionnaireItem } from 'fhir/r4.js';
import type { Instrument, ScoredItem } from '../domain/instrument.ts';
import type { Issue } from '../domain/outcome.ts';
import { type Option, optionsOf, type Terminology } from './answer-options.ts';
import { canonicalOf } from './canonical.ts';
import { type DeclaredCode, type DeclaredItem, type Equivalence, equivalentReader } from './equivalence.ts';
import { type FormParts, makeForm, type Question, type ReadAnswer } from './form.ts';
import type { Form } from './port.ts';
import { type ItemNode, readTree, whereLinkId } from './questionnaire-tree.ts';
import { issueAt } from './response-issues.ts';
import type { ValidatorCache } from './response-validator.ts';

/** What binding looks at beside the Questionnaire itself. */
export interface Binding {
  readonly instrument: Instrument;
  readonly equivalence: Equivalence;
  /** Codes of the instrument's own items, by linkId: how an item is told where the declaration names no codes. */
  readonly codes: ReadonlyMap<string, readonly DeclaredCode[]>;
  readonly terminology: Terminology;
  readonly validators: ValidatorCache;
  readonly baseUrl: string | undefined;
}

/** The Form that a declaration alone gives, without its Questionnaire: answers are read, other items are let be. */
export function declaredForm({
  instrument,
  equivalence,
  baseUrl,
}: Omit<Binding, 'codes' | 'terminology' | 'validators'>): Form {
  const questions = new Map<string, Question>();
  for (const declared of equivalence.items) {
    const item = instrument.items.find((it) => it.linkId === declared.item);
    if (item === undefined) continue;
    const read = equivalentReader(item, equivalence, new Map());
    for (const linkId of declared.linkIds) questions.set(linkId, { scored: item.linkId, read });
  }
  return makeForm({ ...frame(instrument, equivalence, baseUrl), questions, structure: () => [] });
}

/** The Form of a publisher whose responses are refused, with the declared reason. */
export function refusedForm({
  instrument,
  equivalence,
  baseUrl,
}: Omit<Binding, 'codes' | 'terminology' | 'validators'>): Form {
  const reason = issueAt('form-refused', 'QuestionnaireResponse.questionnaire', 'error', equivalence.refuse);
  return makeForm({ ...frame(instrument, equivalence, baseUrl), questions: new Map(), structure: () => [reason] });
}

function frame(
  instrument: Instrument,
  equivalence: Equivalence,
  baseUrl: string | undefined,
): Omit<FormParts, 'questions' | 'structure'> {
  return {
    canonical: equivalence.questionnaires[0] ?? '',
    instrument,
    equivalent: true,
    scores: new Map(
      equivalence.scores.flatMap(({ measure, linkIds }) => linkIds.map((linkId) => [linkId, measure] as const)),
    ),
    aliases: equivalence.questionnaires,
    baseUrl,
  };
}

/**
 * Binds another publisher's Questionnaire: finds each scored item by its declared linkId or its code, and checks that
 * its answers can be read. Issues say, item by item, why it cannot be: an item that is missing or stands twice, answers
 * that are not the instrument's.
 */
export function bindForm(questionnaire: Questionnaire, binding: Binding): Form | readonly Issue[] {
  const { instrument, equivalence, terminology, validators, baseUrl } = binding;
  const tree = readTree(questionnaire);
  if (!(tree instanceof Map)) return tree as readonly Issue[];
  const found = instrument.items.map((item) => bindItem(item, tree, questionnaire, binding));
  const issues = found.flatMap((it) => it.issues);
  if (issues.length > 0) return issues;
  const questions = new Map(found.flatMap((it) => it.questions));
  const aliased = withAliases(questionnaire, tree, equivalence, found);
  const base = frame(instrument, equivalence, baseUrl);
  const own =
    questionnaire.url === undefined
      ? base.canonical
      : canonicalOf({ url: questionnaire.url, version: questionnaire.version });
  return makeForm({
    ...base,
    canonical: own,
    questions,
    scores: new Map([...scoreItems(tree, instrument), ...base.scores]),
    structure: validators.validatorOf({ questionnaire: aliased, terminology, systemOptional: true }),
  });
}

interface BoundItem {
  readonly node: QuestionnaireItem | undefined;
  readonly scored: string;
  readonly questions: readonly (readonly [string, Question])[];
  readonly issues: readonly Issue[];
}

function bindItem(
  item: ScoredItem,
  tree: ReadonlyMap<string, ItemNode>,
  questionnaire: Questionnaire,
  binding: Binding,
): BoundItem {
  const declared = binding.equivalence.items.find((it) => it.item === item.linkId);
  const codes =
    declared !== undefined && declared.codes.length > 0 ? declared.codes : (binding.codes.get(item.linkId) ?? []);
  const nodes = matching(tree, declared, codes);
  const [node] = nodes;
  const refused = (issue: Issue): BoundItem => ({
    node: undefined,
    scored: item.linkId,
    questions: [],
    issues: [issue],
  });
  const named = codes.map((it) => it.code).join(', ');
  if (node === undefined)
    return refused(
      problem(
        'item-not-found',
        'Questionnaire.item',
        `The form has no question for ${item.linkId}${named === '' ? '' : ` (${named})`}: it is not the whole instrument.`,
      ),
    );
  const place = `Questionnaire.descendants().where(${whereLinkId(node.linkId)})`;
  if (nodes.length > 1)
    return refused(
      problem(
        'item-ambiguous',
        place,
        `The form has several questions for ${item.linkId}, so nobody can tell which counts.`,
      ),
    );
  const options = optionsOf(node, questionnaire, binding.terminology);
  const read = equivalentReader(item, binding.equivalence, publishedWeights(options ?? []));
  const unreadable = optionIssue(node, options, read, item);
  if (unreadable !== undefined) return refused(problem('options-differ', place, unreadable));
  const linkIds = new Set([node.linkId, ...(declared?.linkIds ?? [])]);
  return {
    node,
    scored: item.linkId,
    questions: [...linkIds].map((linkId) => [linkId, { scored: item.linkId, read }] as const),
    issues: [],
  };
}

const problem = (reason: string, expression: string, sentence: string): Issue =>
  issueAt(reason, expression, 'error', sentence);

/** Questions of the declared linkIds; only where there is none, questions of the codes. */
function matching(
  tree: ReadonlyMap<string, ItemNode>,
  declared: DeclaredItem | undefined,
  codes: readonly DeclaredCode[],
): readonly QuestionnaireItem[] {
  const named = (declared?.linkIds ?? []).flatMap((linkId) => tree.get(linkId)?.item ?? []);
  if (named.length > 0) return named;
  const isNamed = (item: QuestionnaireItem): boolean =>
    item.type !== 'group' &&
    item.type !== 'display' &&
    codes.some((code) => item.code?.some((it) => it.code === code.code && it.system === code.system));
  return [...tree.values()].map((it) => it.item).filter(isNamed);
}

const publishedWeights = (options: readonly Option[]): ReadonlyMap<string, number> =>
  new Map(
    options.flatMap((it) =>
      it.kind === 'Coding' && it.weight !== undefined ? [[`${it.system ?? ''}|${it.code}`, it.weight] as const] : [],
    ),
  );

/** Why the answers that a question offers are not those of the instrument's item; nothing where they are, or are not known. */
function optionIssue(
  node: QuestionnaireItem,
  options: readonly Option[] | undefined,
  read: ReadAnswer,
  item: ScoredItem,
): string | undefined {
  if (!['choice', 'open-choice', 'integer', 'decimal'].includes(node.type))
    return `The question for ${item.linkId} asks for a ${node.type}, which is no answer of the instrument.`;
  if (options === undefined) return undefined;
  const values = options.map((it) => read(asAnswer(it)));
  if (values.includes(undefined))
    return `The question for ${item.linkId} offers an answer that cannot be read as one of the instrument's: neither its code nor its weight was declared, or they contradict each other.`;
  return new Set(values).size === values.length
    ? undefined
    : `The question for ${item.linkId} offers two answers that would count the same.`;
}

const asAnswer = (option: Option) =>
  option.kind === 'Coding'
    ? { valueCoding: { code: option.code, ...(option.system === undefined ? {} : { system: option.system }) } }
    : option.kind === 'Integer'
      ? { valueInteger: option.value }
      : { valueString: option.value };

/** Items that state a score: those that carry a code of the instrument's total. */
function scoreItems(tree: ReadonlyMap<string, ItemNode>, instrument: Instrument): (readonly [string, string])[] {
  const isTotal = (item: QuestionnaireItem): boolean =>
    item.type !== 'group' &&
    instrument.totalCodes.some((code) => item.code?.some((it) => it.code === code.code && it.system === code.system));
  return [...tree.values()].flatMap(({ item }) => (isTotal(item) ? [[item.linkId, 'total'] as const] : []));
}

/**
 * The Questionnaire with the declared linkIds that it lacks: some publishers' responses do not use the linkIds of their
 * own Questionnaire, and content says so. A copy of the question stands under the other name.
 */
function withAliases(
  questionnaire: Questionnaire,
  tree: ReadonlyMap<string, ItemNode>,
  equivalence: Equivalence,
  found: readonly BoundItem[],
): Questionnaire {
  const copies = found.flatMap(({ node, questions }) => {
    if (node === undefined) return [];
    const { item: _below, enableWhen: _when, required: _required, ...question } = node;
    return questions.filter(([linkId]) => !tree.has(linkId)).map(([linkId]) => ({ ...question, linkId }));
  });
  const scores = equivalence.scores.flatMap((it) => it.linkIds).filter((linkId) => !tree.has(linkId));
  const stored = scores.map((linkId): QuestionnaireItem => ({ linkId, type: 'quantity' }));
  return copies.length + stored.length === 0
    ? questionnaire
    : { ...questionnaire, item: [...(questionnaire.item ?? []), ...copies, ...stored] };
}
