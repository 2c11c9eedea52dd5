import type { Observation, OperationOutcome, Patient, QuestionnaireResponse, Task } from 'fhir/r4.js';
import { codeSystem } from '../../domain/canonicals.ts';
import { RATING_USE } from '../../domain/derived-observation.ts';
import { withoutAbsent } from '../../domain/page/alliance-page.ts';
import { recordNumberOf } from '../../domain/page/patient-page.ts';
import type { Words } from '../../domain/protocol.ts';
import { byIds } from '../../domain/queries.ts';
import { idOf, literal, typeOf } from '../../domain/reference.ts';
import { isOpen } from '../../domain/review-task.ts';
import type { ReviewIssue, ReviewItem, ReviewView } from '../../domain/view/review-view.ts';
import { ask, resourcesOf } from '../by-subject.ts';
import { nameOf } from '../person-of-launch.ts';
import { titleOf } from './due-forms.ts';
import type { FormsPorts } from './forms-ports.ts';
import { reviewWords } from './review-words.ts';

/** Before the id of a rating that counts only once a coordinator accepts it. */
export const RATING = 'rating-';
const OPEN = 'requested,ready,received,accepted,in-progress,on-hold,draft';
const LINK_ID = /linkId='([^']{1,64})'/;

/** What waits for a coordinator: refused and doubtful responses, and later ratings that might be counted. */
export async function reviewQueue(
  ports: FormsPorts,
  { reason, page, size }: { readonly reason: string | undefined; readonly page: number; readonly size: number },
): Promise<ReviewView> {
  const [tasks, ratings] = await ask(ports.asPerson, [
    {
      type: 'Task',
      params: [
        ['code', `${codeSystem('task')}|review-response`],
        ['status', OPEN],
        ['_count', '1000'],
      ],
    },
    {
      type: 'Observation',
      params: [
        ['_tag', `${RATING_USE}|not-counted`],
        ['_count', '1000'],
      ],
    },
  ]);
  const { baseUrl } = ports.context.settings;
  const all = [
    ...resourcesOf(tasks, 'Task')
      .filter(isReview)
      .map((it) => itemOf(it, baseUrl)),
    ...(await undecided(ports, resourcesOf(ratings, 'Observation'))).flatMap((it) => ratingItem(it, baseUrl)),
  ].sort((a, b) => ((a.raisedAt ?? '') < (b.raisedAt ?? '') ? 1 : -1));
  const asked = reason === undefined ? all : all.filter((it) => it.issues.some((one) => one.reason === reason));
  const pages = Math.max(1, Math.ceil(asked.length / size));
  const at = Math.min(page, pages);
  const shown = asked.slice((at - 1) * size, at * size);
  return { items: await named(ports, shown), total: asked.length, page: at, pages, reasons: reasonsIn(all) };
}

const isReview = (it: Task): boolean =>
  isOpen(it) &&
  (it.code?.coding?.some((one) => one.system === codeSystem('task') && one.code === 'review-response') ?? false);

function itemOf(task: Task, baseUrl: string): ReviewItem {
  const about = literal(task.focus, baseUrl);
  const patient = literal(task.for, baseUrl);
  const isResponse = about !== undefined && typeOf(about) === 'QuestionnaireResponse';
  return {
    task: task.id ?? '',
    ...(patient?.startsWith('Patient/') === true ? { patient: { id: idOf(patient) } } : {}),
    ...(isResponse ? { responseId: idOf(about) } : {}),
    ...(task.authoredOn === undefined ? {} : { raisedAt: task.authoredOn }),
    issues: issuesOf(task),
    actions: isResponse ? ['refuse', 'close'] : ['close'],
  };
}

export function issuesOf(task: Task): readonly ReviewIssue[] {
  const outcome = task.contained?.find((it): it is OperationOutcome => it.resourceType === 'OperationOutcome');
  return (outcome?.issue ?? []).map((it) => {
    const reason = it.details?.text ?? it.code;
    const linkId = LINK_ID.exec(it.expression?.[0] ?? '')?.[1];
    return {
      reason,
      text: reviewWords(reason, it.diagnostics ?? reason),
      ...(linkId === undefined ? {} : { linkId }),
    };
  });
}

/** Responses are asked for so many at a time: longer addresses are refused by some servers. */
const AT_ONCE = 100;

/** Whether a coordinator has said whether a rating counts. */
export const isDecided = ({ meta }: QuestionnaireResponse): boolean =>
  meta?.tag?.some((it) => it.system === RATING_USE && (it.code === 'accepted' || it.code === 'left')) ?? false;

/** Ratings that do not count and about which nobody has said anything yet. */
async function undecided(ports: FormsPorts, ratings: readonly Observation[]): Promise<readonly Observation[]> {
  const { baseUrl } = ports.context.settings;
  const responseOf = (it: Observation) => literal(it.derivedFrom?.[0], baseUrl);
  const ids = [...new Set(ratings.flatMap((it) => responseOf(it) ?? []).map(idOf))];
  const decided = new Set<string>();
  for (let start = 0; start < ids.length; start += AT_ONCE) {
    const [page] = await ask(ports.asPerson, [byIds('QuestionnaireResponse', ids.slice(start, start + AT_ONCE))]);
    for (const it of resourcesOf(page, 'QuestionnaireResponse'))
      if (isDecided(it)) decided.add(`QuestionnaireResponse/${it.id}`);
  }
  return ratings.filter((it) => !decided.has(responseOf(it) ?? ''));
}

function ratingItem(it: Observation, baseUrl: string): ReviewItem[] {
  const response = literal(it.derivedFrom?.[0], baseUrl);
  const patient = literal(it.subject, baseUrl);
  const isTagged = it.meta?.tag?.some((tag) => tag.system === RATING_USE && tag.code === 'not-counted') ?? false;
  if (!isTagged || response === undefined || it.status === 'entered-in-error') return [];
  return [
    {
      task: `${RATING}${idOf(response)}`,
      ...(patient?.startsWith('Patient/') === true ? { patient: { id: idOf(patient) } } : {}),
      responseId: idOf(response),
      ...(it.effectiveDateTime === undefined ? {} : { authored: it.effectiveDateTime, raisedAt: it.effectiveDateTime }),
      issues: [{ reason: 'not-counted', text: reviewWords('not-counted', '') }],
      actions: ['accept', 'close'],
    },
  ];
}

/** Names of patients and forms, for the page that is shown alone. */
async function named({ asPerson, context }: FormsPorts, items: readonly ReviewItem[]): Promise<readonly ReviewItem[]> {
  const patients = [...new Set(items.flatMap((it) => it.patient?.id ?? []))];
  const responses = [...new Set(items.flatMap((it) => it.responseId ?? []))];
  const pages = await ask(asPerson, [
    ...(patients.length === 0 ? [] : [byIds('Patient', patients)]),
    ...(responses.length === 0 ? [] : [byIds('QuestionnaireResponse', responses)]),
  ]);
  const people = new Map(pages.flatMap((it) => resourcesOf(it, 'Patient')).map((it) => [it.id ?? '', it] as const));
  const forms = new Map(
    pages.flatMap((it) => resourcesOf(it, 'QuestionnaireResponse')).map((it) => [it.id ?? '', it] as const),
  );
  const { baseUrl } = context.settings;
  const sources = [...forms.values()].flatMap((it) => literal(it.source ?? it.author, baseUrl) ?? []);
  const therapists = [...new Set(sources.filter((it) => typeOf(it) === 'Practitioner').map(idOf))];
  const [named] = therapists.length === 0 ? [] : await ask(asPerson, [byIds('Practitioner', therapists)]);
  const names = new Map(
    resourcesOf(named, 'Practitioner').map((it) => [`Practitioner/${it.id}`, nameOf(it.name)] as const),
  );
  return items.map((it) => ({
    ...it,
    ...(it.patient === undefined ? {} : { patient: identityOf(it.patient.id, people.get(it.patient.id)) }),
    ...aboutResponse(it.responseId === undefined ? undefined : forms.get(it.responseId), context, names),
  }));
}

const identityOf = (id: string, patient: Patient | undefined): NonNullable<ReviewItem['patient']> =>
  withoutAbsent({
    id,
    name: nameOf(patient?.name),
    recordNumber: recordNumberOf(patient?.identifier),
    birthDate: patient?.birthDate,
  });

/** What may be said of a response whose answers are nobody's business here: which form, who answered, when. */
function aboutResponse(
  response: QuestionnaireResponse | undefined,
  { content, settings }: FormsPorts['context'],
  names: ReadonlyMap<string, string | undefined>,
): Partial<ReviewItem> {
  if (response === undefined) return {};
  const resolved = content.resolve(response.questionnaire);
  const source = literal(response.source ?? response.author, settings.baseUrl);
  const kind = source === undefined ? undefined : (RATERS[typeOf(source)] ?? 'other');
  return withoutAbsent({
    form: formName(content.resources, response),
    authored: response.authored,
    mayOpen: resolved.kind === 'known' && !resolved.instrument.alliance,
    rater: kind === undefined ? undefined : withoutAbsent({ kind, name: names.get(source ?? '') }),
  });
}

const RATERS: Readonly<Record<string, 'patient' | 'therapist'>> = { Patient: 'patient', Practitioner: 'therapist' };

function formName(
  resources: FormsPorts['context']['content']['resources'],
  { questionnaire }: QuestionnaireResponse,
): Words | undefined {
  const url = questionnaire?.split('|')[0];
  for (const it of resources)
    if (it.resourceType === 'Questionnaire' && it.url === url) return titleOf({ questionnaire: it });
  return undefined;
}

function reasonsIn(items: readonly ReviewItem[]): ReviewView['reasons'] {
  const counts = new Map<string, { readonly text: Words; count: number }>();
  for (const it of items)
    for (const reason of new Set(it.issues.map((one) => one.reason))) {
      const text = it.issues.find((one) => one.reason === reason)?.text ?? reviewWords(reason, reason);
      const counted = counts.get(reason) ?? { text, count: 0 };
      counted.count += 1;
      counts.set(reason, counted);
    }
  return [...counts].map(([reason, { text, count }]) => ({ reason, text, count })).sort((a, b) => b.count - a.count);
}
