import type { Observation, ObservationComponent, ResearchSubject } from 'fhir/r4.js';
import { practitioner, treating } from './care.ts';
import { consented } from './consent.ts';
import { MEASURE, RATING_USE, RELEASE, TAG } from './derived-observation.ts';
import { localDate, readAuthored } from './instant.ts';
import type { Instrument } from './instrument.ts';
import { allianceMeasures, type OverviewInput } from './overview.ts';
import type { ConsentPolicy } from './programme.ts';
import type { Protocol } from './protocol.ts';
import { literal } from './reference.ts';
import { isActive, rolesOf } from './step-record.ts';

/** SD and reliability of a total for a language; none where the site has declared none. */
export type ErrorOf = (instrument: string, language: string | undefined) => number | undefined;

/** Half of the 95 % interval around one observed score: 1.96·SD·√(1−r), the standard error of measurement. */
export const halfWidth = ({ sd, reliability }: { readonly sd: number; readonly reliability: number }): number =>
  1.96 * sd * Math.sqrt(1 - reliability);

/** One number about the alliance with what is known of its error, in score points. */
export interface AllianceValue {
  readonly kind: 'total' | 'change' | 'dyad';
  /** Instrument that rated; absent of a dyad. */
  readonly instrument: string | undefined;
  readonly value: number;
  /** Local date. */
  readonly date: string;
  readonly visit: string | undefined;
  /** Highest possible total. */
  readonly of: number | undefined;
  readonly answered: number | undefined;
  /** Half of the 95 % interval; of a change the size beyond which it is reliable; absent where the site knows neither. */
  readonly error: number | undefined;
  /** Code of `CodeSystem/reliable-change`, of a change with a verdict. */
  readonly verdict: string | undefined;
  readonly keyUnconfirmed: boolean;
}

/** How much a person may be told of the alliance. */
export type Release = 'all' | 'own-side' | 'nothing';

/** States of a ResearchSubject in which somebody’s part in a study has ended, or never comes. */
const NO_PART: ReadonlySet<string> = new Set(['off-study', 'withdrawn', 'ineligible', 'not-registered']);

/** Whether somebody takes part in a study, or may yet: who has not begun is not unblinded before the trial begins. */
export const takesPart = ({ status }: Pick<ResearchSubject, 'status'>): boolean => !NO_PART.has(status);

const THERAPIST = 'psycho-oncologist';

/** Roles of the psycho-oncology team: who decides about steps, and to whom they are passed on. */
const teamRoles = (protocol: Protocol): ReadonlySet<string> =>
  new Set(protocol.rules.flatMap((it) => [...it.decision.deciders, ...it.decision.escalateTo]));

/**
 * Who may be told how the alliance was rated: somebody who works here, cares for this patient today and holds a role of
 * the psycho-oncology team. Whoever rates, or would be asked to, learns nothing while the patient takes part in the
 * study; after it, their own side alone unless the patient consented to the release. `isClinical` says which roles
 * decide about care: a coordinator to whom a step is passed on keeps the office, and learns nothing.
 */
export function releaseTo(input: OverviewInput, policy: ConsentPolicy, isClinical: (role: string) => boolean): Release {
  const { record, viewer, settings, moment, protocol } = input;
  if (viewer === undefined || !isActive(record, viewer)) return 'nothing';
  const today = localDate(moment.nowMs, moment.zone);
  const team = treating(record, today, record.roles, settings);
  const held = rolesOf(record, viewer, moment, settings.baseUrl);
  const roles = teamRoles(protocol);
  if (!team.includes(viewer) || ![...held].some((it) => roles.has(it) && isClinical(it))) return 'nothing';
  if (!isRater(input, viewer, held, team)) return 'all';
  if (record.researchSubjects.some(takesPart)) return 'nothing';
  const required = { required: [...policy.required, 'alliance-release' as const] };
  return consented(record.consents, 'alliance-release', moment.nowMs, required, settings.timeZone) ? 'all' : 'own-side';
}

/** Rated, is rated, was asked to, or is of those whom the schedule asks: in doubt yes. */
function isRater(input: OverviewInput, viewer: string, held: ReadonlySet<string>, team: readonly string[]): boolean {
  const { record, settings, instruments } = input;
  const isViewer = (it: Parameters<typeof literal>[0]) => practitioner(it, record.roles, settings.baseUrl) === viewer;
  if (held.has(THERAPIST) || team.length === 1) return true;
  if (record.episodes.some((it) => isViewer(it.careManager))) return true;
  const codes = allianceMeasures(instruments);
  const named = record.derived.filter((it) => codes.has(codeOf(it) ?? ''));
  if (named.some((it) => [...(it.focus ?? []), ...(it.performer ?? [])].some(isViewer))) return true;
  const forms = new Set(instruments.filter((it) => it.alliance).map((it) => it.url));
  return input.tasks.some(
    (it) =>
      (it.input ?? []).some((one) => forms.has(one.valueCanonical?.split('|')[0] ?? '')) &&
      [it.owner, it.focus].some(isViewer),
  );
}

/** Whether the viewer rates, is rated, or might be asked to: in doubt yes. Then each side is released visit by visit. */
export function viewerRates(input: OverviewInput): boolean {
  const { record, viewer, settings, moment } = input;
  if (viewer === undefined) return true;
  const today = localDate(moment.nowMs, moment.zone);
  const team = treating(record, today, record.roles, settings);
  return isRater(input, viewer, rolesOf(record, viewer, moment, settings.baseUrl), team);
}

/** Everything that tells how anybody rated may be told the viewer, whatever visit it is about. */
export const tellsAll = (input: OverviewInput, release: Release): boolean => release === 'all' && !viewerRates(input);

/** Why the patient’s side of a visit is kept from a viewer. The same whether or not anything was answered. */
export type Kept = 'study' | 'no-consent' | 'own-rating-first';

/**
 * Why the patient’s rating of a visit is kept from the viewer, for pages and for answers opened by their id alike: in the
 * study, without consent, and from somebody who rates until that visit is rated by them too.
 */
export function keptPatientSide(input: OverviewInput, release: Release, visit: string | undefined): Kept | undefined {
  if (release === 'nothing') return 'study';
  if (release === 'own-side') return 'no-consent';
  return !viewerRates(input) || hasRated(input, visit) ? undefined : 'own-rating-first';
}

/** Whether the viewer gave the therapist’s rating of a visit. */
function hasRated(input: OverviewInput, visit: string | undefined): boolean {
  const codes = new Set(input.instruments.filter((it) => it.alliance && it.rater === 'therapist').map((it) => it.id));
  return input.record.derived.some(
    (it) =>
      visit !== undefined &&
      codes.has(codeOf(it) ?? '') &&
      (it.status === 'final' || it.status === 'amended') &&
      part(it, 'visit')?.valueCodeableConcept?.coding?.[0]?.code === visit &&
      isOwnRating(it, input),
  );
}

/** Given by the viewer. */
export const isOwnRating = (it: Observation | undefined, { record, settings, viewer }: OverviewInput): boolean =>
  viewer !== undefined &&
  (it?.performer?.some((one) => practitioner(one, record.roles, settings.baseUrl) === viewer) ?? false);

/** Whose work a rating is about, where that is somebody else than the viewer who rates: then it is not this viewer’s to see. */
export const isAboutAnother = (it: Observation | undefined, input: OverviewInput): boolean => {
  const { record, settings, viewer } = input;
  const rated = (it?.focus ?? []).flatMap((one) => practitioner(one, record.roles, settings.baseUrl) ?? []);
  return rated.length > 0 && (viewer === undefined || !rated.includes(viewer)) && viewerRates(input);
};

const codeOf = (it: Observation): string | undefined => it.code.coding?.find((c) => c.system === MEASURE)?.code;
const part = (it: Observation, code: string): ObservationComponent | undefined =>
  it.component?.find((c) => c.code.coding?.some((one) => one.system === MEASURE && one.code === code));
const has = (it: Observation, system: string, code: string): boolean =>
  [...(it.meta?.tag ?? []), ...(it.meta?.security ?? [])].some((one) => one.system === system && one.code === code);

/** The newest total and change of each rater and the newest dyad that may be shown, each with its error or without one. */
export function allianceOf(input: OverviewInput, granted: Release, errorOf: ErrorOf): AllianceValue[] {
  if (granted === 'nothing') return [];
  // A card knows no visit of its own and leaves no record of an exposure: to whoever rates it tells the own side alone.
  const release = granted === 'all' && viewerRates(input) ? 'own-side' : granted;
  const forms = input.instruments.filter((it) => it.alliance);
  const codes = [...allianceMeasures(input.instruments)];
  const ownSide = new Set(forms.filter((it) => it.rater === 'therapist').flatMap((it) => [it.id, `${it.id}-change`]));
  return codes.flatMap((code): AllianceValue[] => {
    if (release === 'own-side' && !ownSide.has(code)) return [];
    const [newest] = input.record.derived
      .filter((it) => codeOf(it) === code && (it.status === 'final' || it.status === 'amended'))
      .filter((it) => !has(it, RATING_USE, 'not-counted'))
      .filter((it) => release === 'all' || !has(it, RELEASE, 'blinded-from-therapist'))
      .flatMap((it) => allianceValue(it, code, forms, input, errorOf) ?? [])
      .sort((a, b) => b.date.localeCompare(a.date));
    return newest === undefined ? [] : [newest];
  });
}

function allianceValue(
  it: Observation,
  code: string,
  forms: readonly Instrument[],
  { settings, record }: OverviewInput,
  errorOf: ErrorOf,
): AllianceValue | undefined {
  const value = it.valueQuantity?.value;
  const at = readAuthored(it.effectiveDateTime, settings.timeZone);
  if (value === undefined || at === undefined) return undefined;
  const form = forms.find((one) => one.id === code || `${one.id}-change` === code);
  const kind = form === undefined ? 'dyad' : form.id === code ? 'total' : 'change';
  const languageOf = (one: Observation | undefined) =>
    one === undefined ? undefined : part(one, 'language')?.valueCodeableConcept?.coding?.[0]?.code;
  const sources = (it.derivedFrom ?? []).flatMap((ref) => {
    const named = literal(ref, settings.baseUrl);
    const found = record.derived.find((one) => `Observation/${one.id}` === named);
    return found === undefined ? [] : [found];
  });
  const errors = {
    total: () => errorOf(code, languageOf(it)),
    change: () => criticalOf(it),
    dyad: () => both(sources),
  };
  const both = (pair: readonly Observation[]): number | undefined => {
    const halves = pair.map((one) => errorOf(codeOf(one) ?? '', languageOf(one)));
    const [a, b] = halves;
    return a === undefined || b === undefined ? undefined : Math.hypot(a, b);
  };
  return {
    kind,
    instrument: form?.id,
    value,
    date: at.date,
    visit: part(it, 'visit')?.valueCodeableConcept?.coding?.[0]?.code,
    of: kind === 'total' ? form?.keys.find((one) => one.measure === 'total')?.high : undefined,
    answered: part(it, 'answered')?.valueInteger,
    error: errors[kind](),
    verdict: it.interpretation?.[0]?.coding?.[0]?.code,
    keyUnconfirmed: has(it, TAG, 'key-unconfirmed'),
  };
}

const criticalOf = (it: Observation): number | undefined => part(it, 'critical-change')?.valueQuantity?.value;
