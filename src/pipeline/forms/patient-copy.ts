import type { QuestionnaireResponse, QuestionnaireResponseItem, QuestionnaireResponseItemAnswer } from 'fhir/r4.js';
import { wordsOf } from '../../content/words.ts';
import type { AccessEvent } from '../../domain/access-event.ts';
import { codeSystem } from '../../domain/canonicals.ts';
import { responseKey, scoreId } from '../../domain/derived-identity.ts';
import type { Words } from '../../domain/protocol.ts';
import { escaped } from '../../domain/queries.ts';
import { literal } from '../../domain/reference.ts';
import type { CopyAnswer, CopyLook, CopyResponse, CopyView } from '../../domain/view/copy-view.ts';
import type { FormItem } from '../../domain/view/form-item.ts';
import type { FormLanguage } from '../../domain/view/form-view.ts';
import { FhirError } from '../../fhir/port.ts';
import { type AccessSources, readAccesses } from '../audit/read-accesses.ts';
import { ask, resourcesOf } from '../by-subject.ts';
import { titleOf } from './due-forms.ts';
import { languageOfTag } from './form-words.ts';
import type { FormsPorts } from './forms-ports.ts';
import { questionnaireOf } from './open-form.ts';
import { renderForm } from './render-form.ts';
import { readingOf } from './view-form.ts';

/** The newest so many. */
const MOST = 50;
const UNREADABLE: Words = {
  en: 'The record of who looked cannot be read now.',
  es: 'El registro de quién lo ha visto no se puede leer ahora.',
  ca: 'El registre de qui ho ha vist no es pot llegir ara.',
};

/** What a patient answered herself, in words, who reads it and who looked. A therapist’s rating is never in it. */
export async function patientCopy(
  ports: FormsPorts,
  accesses: Pick<AccessSources, 'chain'>,
  patient: string,
  spoken: FormLanguage,
  nowMs: number,
): Promise<CopyView> {
  const { baseUrl } = ports.context.settings;
  const [page] = await ask(ports.asPerson, [
    {
      type: 'QuestionnaireResponse',
      params: [
        ['subject', escaped(patient)],
        ['status', 'completed,amended'],
        ['_sort', '-authored'],
        ['_count', '200'],
      ],
    },
  ]);
  const own = resourcesOf(page, 'QuestionnaireResponse')
    .filter((it) => isOwn(it, patient, baseUrl))
    .sort((a, b) => ((a.authored ?? '') < (b.authored ?? '') ? 1 : -1))
    .slice(0, MOST);
  const looks = await looksAt(ports, accesses, patient);
  const responses: CopyResponse[] = [];
  for (const it of own) {
    const copied = await copyOf(ports, it, patient);
    if (copied === undefined) continue;
    responses.push({
      ...copied,
      looks: looks === undefined ? { state: 'missing', why: UNREADABLE } : looksOf(ports, looks, it, patient, spoken),
    });
  }
  return { responses, asOf: new Date(nowMs).toISOString() };
}

/** Answered by the patient, and about the patient; what somebody wrote down for her too. */
const isOwn = (it: QuestionnaireResponse, patient: string, baseUrl: string): boolean =>
  literal(it.subject, baseUrl) === patient &&
  literal(it.source ?? it.author, baseUrl) === patient &&
  (it.status === 'completed' || it.status === 'amended');

async function copyOf(
  ports: FormsPorts,
  response: QuestionnaireResponse,
  owner: string,
): Promise<Omit<CopyResponse, 'looks'> | undefined> {
  const found = await questionnaireOf(ports, response.questionnaire ?? '');
  if (!('questionnaire' in found)) return undefined;
  const { questionnaire, instrument, resources } = found;
  const asked = languageOfTag(response.language) ?? 'es';
  const isOurs = instrument !== undefined && instrument.url === questionnaire.url;
  const wording = isOurs ? ports.context.content.wording?.(instrument.id, asked) : undefined;
  const form = renderForm({ questionnaire, asked, wording, resources });
  return {
    id: response.id ?? '',
    title: titleOf({ questionnaire }),
    authored: response.authored ?? '',
    language: form.language,
    answers: answersIn(form.items, response.item ?? []),
    readers: readingOf(ports.context, { instrument, owner }).who,
  };
}

/** Every question of a form with its answer in words. */
export function answersIn(form: readonly FormItem[], items: readonly QuestionnaireResponseItem[]): CopyAnswer[] {
  return form.flatMap((item): CopyAnswer[] => {
    const own = items.filter((it) => it.linkId === item.linkId);
    if (item.type === 'display') return [];
    const below = own.flatMap((it) => [...(it.item ?? []), ...(it.answer ?? []).flatMap((one) => one.item ?? [])]);
    const inside = item.items === undefined || own.length === 0 ? [] : answersIn(item.items, below);
    if (item.type === 'group') return inside;
    const said = own.flatMap((it) => it.answer ?? []).flatMap((it) => answerText(item, it) ?? []);
    const answer = said.length === 0 ? {} : { answer: said.join('; ') };
    return [{ linkId: item.linkId, question: item.text ?? item.linkId, ...answer }, ...inside];
  });
}

const YES = new Map<unknown, string>([
  [true, '✓'],
  [false, '✗'],
]);

/** An answer as it was read when it was given: the option’s own words. */
function answerText(item: FormItem, answer: QuestionnaireResponseItemAnswer): string | undefined {
  const { valueCoding } = answer;
  if (valueCoding !== undefined) {
    const option = item.options?.find(
      ({ value }) =>
        'valueCoding' in value &&
        value.valueCoding.code === valueCoding.code &&
        (value.valueCoding.system ?? '') === (valueCoding.system ?? ''),
    );
    return option?.label ?? valueCoding.display ?? valueCoding.code;
  }
  const { valueQuantity } = answer;
  if (valueQuantity !== undefined) return [valueQuantity.value, valueQuantity.unit].filter(Boolean).join(' ');
  const value: unknown =
    answer.valueBoolean ??
    answer.valueInteger ??
    answer.valueDecimal ??
    answer.valueString ??
    answer.valueDate ??
    answer.valueDateTime ??
    answer.valueTime ??
    answer.valueUri;
  return value === undefined ? undefined : (YES.get(value) ?? String(value));
}

/** Every access to this patient’s data; `undefined` where the record of them cannot be read. */
async function looksAt(
  { server, state }: FormsPorts,
  { chain }: Pick<AccessSources, 'chain'>,
  patient: string,
): Promise<readonly AccessEvent[] | undefined> {
  try {
    return await readAccesses({ server, state, ...(chain === undefined ? {} : { chain }) }, { patient });
  } catch (error) {
    if (error instanceof FhirError) return undefined;
    throw error;
  }
}

/** Kinds of data in which an answer, or the score made of it, is seen although no one response is named. */
const SEEN_IN: ReadonlySet<string> = new Set(['QuestionnaireResponse', 'Observation']);
const kindOf = (resource: string): string => resource.split('/')[0] ?? resource;

function looksOf(
  { context }: FormsPorts,
  events: readonly AccessEvent[],
  response: QuestionnaireResponse,
  patient: string,
  language: FormLanguage,
): CopyLook[] {
  const { id, meta, authored } = response;
  const words = wordsOf(context.content.resources);
  const resolved = context.content.resolve(response.questionnaire ?? '');
  const rating = resolved.kind === 'known' && resolved.instrument.alliance ? resolved.instrument : undefined;
  // Whoever opens the chart sees every score of hers but how she rates the alliance: of that each look is named.
  const named = new Set([
    `QuestionnaireResponse/${id}`,
    ...(rating === undefined ? [] : [`Observation/${scoreId(rating.id, responseKey(response))}`]),
  ]);
  const since = meta?.lastUpdated ?? authored ?? '';
  const isOf = (it: AccessEvent): boolean =>
    it.resources.some((one) => named.has(one)) ||
    (rating === undefined && it.at >= since && it.resources.some((one) => SEEN_IN.has(kindOf(one))));
  return events
    .filter((it) => it.ok && it.action === 'read' && isOf(it))
    .map((it): CopyLook => {
      const isSelf = it.who.reference === patient;
      const role = it.who.roles.flatMap((one) => words(codeSystem('role'), one, language) ?? [])[0];
      return { at: it.at, who: isSelf ? '' : [role, it.who.name].filter(Boolean).join(' · '), isSelf };
    });
}
