import { isDeepStrictEqual } from 'node:util';
import type { QuestionnaireResponse, QuestionnaireResponseItem } from 'fhir/r4.js';
import { type PaperEntry, paperEntryIdentifier } from '../../domain/paper-sheet.ts';
import { paperProvenance } from '../../domain/review-provenance.ts';
import type { FormLanguage } from '../../domain/view/form-view.ts';
import { FhirError, type Write } from '../../fhir/port.ts';
import type { IntakeOptions, Processed } from '../process-response.ts';
import { standingUnder } from '../store-response.ts';
import type { FormsPorts } from './forms-ports.ts';
import type { OpenedForm } from './open-form.ts';
import { responseOf } from './response-of.ts';
import { saveEntry, sendResponse } from './save-answers.ts';

/** The two independent entries of a paper form: drafts on the hospital’s server, seen by the safety path, never scored. */
export interface PaperEntries {
  readonly first: QuestionnaireResponse | undefined;
  readonly second: QuestionnaireResponse | undefined;
}

const entryForm = (form: OpenedForm, which: PaperEntry): OpenedForm => ({
  ...form,
  identifier: paperEntryIdentifier(form.identifier.value, which),
});

const entryOf = async (ports: FormsPorts, form: OpenedForm, which: PaperEntry) => {
  const { identifier } = entryForm(form, which);
  const wanted: QuestionnaireResponse = { resourceType: 'QuestionnaireResponse', status: 'in-progress', identifier };
  return (await standingUnder(ports.asPerson, wanted)).find((it) => it.status === 'in-progress');
};

/** What was entered so far. */
export const entriesOf = async (ports: FormsPorts, form: OpenedForm): Promise<PaperEntries> => ({
  first: await entryOf(ports, form, 'first'),
  second: await entryOf(ports, form, 'second'),
});

/** Top-level linkIds whose answers differ, in the form’s order. */
export function differencesOf({ questionnaire }: OpenedForm, { first, second }: PaperEntries): readonly string[] {
  if (first === undefined || second === undefined) return [];
  return (questionnaire.item ?? [])
    .map((it) => it.linkId)
    .filter((linkId) => !isDeepStrictEqual(answersTo(first, linkId), answersTo(second, linkId)));
}

/** What was answered: a server may add what says nothing. */
const answersTo = ({ item }: QuestionnaireResponse, linkId: string): unknown =>
  JSON.parse(
    JSON.stringify(
      (item ?? []).filter((it) => it.linkId === linkId),
      (name, value: unknown) => (name === 'id' || name === 'display' || name === 'text' ? undefined : value),
    ),
  );

export interface Entering extends Omit<IntakeOptions, 'over' | 'draft'> {
  /** `Practitioner/…` who enters or decides. */
  readonly by: string;
}

export interface PaperAnswers {
  readonly items: readonly QuestionnaireResponseItem[];
  readonly language: FormLanguage;
  /** Local day on the paper. */
  readonly answeredOn: string;
}

export type Entered =
  | { readonly kind: 'first-entered'; readonly response: QuestionnaireResponse }
  | { readonly kind: 'differs'; readonly entries: PaperEntries; readonly differences: readonly string[] }
  | { readonly kind: 'counted'; readonly processed: Processed }
  | { readonly kind: 'refused'; readonly processed: Processed }
  /** The same person may not enter it twice; both stand already. */
  | { readonly kind: 'same-person' | 'both-entered' };

/** The first entry, or the second by another person: where both agree it counts, else a person decides. */
export async function enterPaper(
  ports: FormsPorts,
  form: OpenedForm,
  answers: PaperAnswers,
  entering: Entering,
): Promise<Entered> {
  const entries = await entriesOf(ports, form);
  if (entries.second !== undefined) return { kind: 'both-entered' };
  const which = entries.first === undefined ? 'first' : 'second';
  if (entries.first?.author?.reference === entering.by) return { kind: 'same-person' };
  const entry = responseOf(entryForm(form, which), answers, {
    status: 'in-progress',
    authored: answers.answeredOn,
    author: entering.by,
  });
  const processed = await saveEntry(ports, entryForm(form, which), entry, entering);
  if (processed.kind !== 'stored') return { kind: 'refused', processed };
  if (which === 'first') return { kind: 'first-entered', response: processed.response };
  const both: PaperEntries = { first: entries.first, second: processed.response };
  const differences = [...differencesOf(form, both), ...(both.first?.authored === entry.authored ? [] : [AUTHORED])];
  if (differences.length > 0) return { kind: 'differs', entries: both, differences };
  return hand(ports, form, both, entries.first ?? entry, { ...entering, note: 'Two independent entries agree.' });
}

/** The day on the paper is compared as an item of its own. */
export const AUTHORED = 'authored';

/** Counts what a person chose, item by item, of two entries that differ. */
export async function resolvePaper(
  ports: FormsPorts,
  form: OpenedForm,
  choices: Readonly<Record<string, 'first' | 'second'>>,
  entering: Entering & { readonly note: string },
): Promise<
  Entered | { readonly kind: 'undecided'; readonly linkIds: readonly string[] } | { readonly kind: 'nothing' }
> {
  const entries = await entriesOf(ports, form);
  const { first, second } = entries;
  if (first === undefined || second === undefined) return { kind: 'nothing' };
  const differences = [...differencesOf(form, entries), ...(first.authored === second.authored ? [] : [AUTHORED])];
  const undecided = differences.filter((it) => choices[it] === undefined);
  if (undecided.length > 0) return { kind: 'undecided', linkIds: undecided };
  const chosen = (linkId: string): QuestionnaireResponse => (choices[linkId] === 'second' ? second : first);
  const item = (form.questionnaire.item ?? []).flatMap(
    ({ linkId }) =>
      (differences.includes(linkId) ? chosen(linkId) : first).item?.filter((it) => it.linkId === linkId) ?? [],
  );
  const authored = chosen(AUTHORED).authored;
  const decided = { ...first, item, ...(authored === undefined ? {} : { authored }) };
  return hand(ports, form, entries, decided, entering);
}

/** Handed in as one response: by the patient, written down by the first transcriber, vouched for by whoever came last. */
async function hand(
  ports: FormsPorts,
  form: OpenedForm,
  entries: PaperEntries,
  decided: QuestionnaireResponse,
  entering: Entering & { readonly note: string },
): Promise<Entered> {
  const wanted: QuestionnaireResponse = {
    resourceType: 'QuestionnaireResponse',
    status: 'in-progress',
    identifier: form.identifier,
  };
  // What the patient had begun on a telephone gives way to the paper that she handed over.
  const begun = (await standingUnder(ports.asPerson, wanted)).find((it) => it.status === 'in-progress');
  const { processed } = await sendResponse(
    ports,
    form,
    { items: decided.item ?? [], language: languageIn(decided) },
    {
      ...entering,
      version: begun?.meta?.versionId,
      key: `paper-${form.taskId}`,
      author: decided.author?.reference ?? entering.by,
      authored: decided.authored ?? '',
    },
  );
  if (processed.kind !== 'stored' && processed.kind !== 'kept') return { kind: 'refused', processed };
  if (processed.kind === 'stored') await settle(ports, entries, processed.response, entering);
  return { kind: 'counted', processed };
}

/** The entries are over, and who wrote and who vouched is on record. A failure here changes nothing of what counts. */
async function settle(
  { server }: FormsPorts,
  { first, second }: PaperEntries,
  counted: QuestionnaireResponse,
  { by, note, now }: Entering & { readonly note: string },
): Promise<void> {
  const provenance = paperProvenance(`QuestionnaireResponse/${counted.id}`, {
    transcribers: [first, second].flatMap((it) => it?.author?.reference ?? []),
    by,
    note,
    at: new Date(now()).toISOString(),
  });
  const { clientIds } = await server.capabilities();
  const { id: _id, ...unnamed } = provenance;
  await server
    .transaction([
      ...[first, second].flatMap((it): Write[] =>
        it?.id === undefined ? [] : [{ method: 'PUT', resource: { ...it, status: 'stopped' } }],
      ),
      clientIds ? { method: 'PUT', resource: provenance } : { method: 'POST', resource: unnamed },
    ])
    .catch((error: unknown) => {
      if (!(error instanceof FhirError)) throw error;
    });
}

const languageIn = ({ language }: QuestionnaireResponse): FormLanguage =>
  (['en', 'es', 'ca'] as const).find((it) => it === language) ?? 'es';
