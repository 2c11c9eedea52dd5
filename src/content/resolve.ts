import type { Questionnaire } from 'fhir/r4.js';
import type { Instrument } from '../domain/instrument.ts';
import { type Binding, bindForm, declaredForm, refusedForm } from './bind.ts';
import {
  canonicalOf,
  compareVersions,
  isRelative,
  matchesCanonical,
  normalizeQuestionnaire,
  parseCanonical,
} from './canonical.ts';
import { type Equivalence, isComplete } from './equivalence.ts';
import type { Content, Form, Resolved } from './port.ts';
import { issueAt } from './response-issues.ts';

/** One of our own Questionnaires with its instrument and form. */
export interface OwnForm {
  readonly questionnaire: Questionnaire;
  readonly instrument: Instrument;
  readonly form: Form;
}

export interface Forms {
  readonly own: readonly OwnForm[];
  readonly equivalences: readonly Equivalence[];
  readonly binding: Pick<Binding, 'terminology' | 'validators' | 'baseUrl'>;
}

const IGNORED: Resolved = Object.freeze({ kind: 'ignored' });

/** Says what the `questionnaire` of a response names; each text is worked out once, up to a bound. */
export function resolver(forms: Forms): Pick<Content, 'resolve' | 'bind'> {
  const known = new Map<string, Resolved>();
  const newest = newestByUrl(forms.own);
  return {
    resolve: (questionnaire) => {
      if (questionnaire === undefined) return IGNORED;
      const held = known.get(questionnaire);
      if (held !== undefined) return held;
      const resolved = resolveOne(normalizeQuestionnaire(questionnaire, forms.binding.baseUrl), forms, newest);
      if (known.size < MOST_NAMES && questionnaire.length < 1000) known.set(questionnaire, resolved);
      return resolved;
    },
    bind: (questionnaire, instrument) => bindOne(questionnaire, instrument, forms, newest),
  };
}

/** Names that are remembered: a hospital has a hundred forms, and a stranger may send any number of names. */
const MOST_NAMES = 2_000;

function newestByUrl(own: readonly OwnForm[]): ReadonlyMap<string, OwnForm> {
  const newest = new Map<string, OwnForm>();
  for (const it of own) {
    const other = newest.get(it.instrument.url);
    if (other === undefined || compareVersions(it.instrument.version, other.instrument.version) > 0)
      newest.set(it.instrument.url, it);
  }
  return newest;
}

function resolveOne(name: string, forms: Forms, newest: ReadonlyMap<string, OwnForm>): Resolved {
  const { url, version } = parseCanonical(name);
  const latest = newest.get(url);
  if (latest !== undefined) {
    const exact =
      version === undefined
        ? latest
        : forms.own.find((it) => it.instrument.url === url && it.instrument.version === version);
    if (exact === undefined) return { kind: 'unknown-version', instrument: latest.instrument, asked: version ?? '' };
    return { kind: 'known', instrument: exact.instrument, form: exact.form };
  }
  return resolveEquivalent(name, forms, newest) ?? resolveRelative(name, newest) ?? IGNORED;
}

/** A place on the server where `publish` puts one of our own. */
function resolveRelative(name: string, newest: ReadonlyMap<string, OwnForm>): Resolved | undefined {
  if (!isRelative(name)) return undefined;
  const found = [...newest.values()].find((it) => `Questionnaire/${it.questionnaire.id}` === name);
  return found === undefined ? undefined : { kind: 'known', instrument: found.instrument, form: found.form };
}

function resolveEquivalent(name: string, forms: Forms, newest: ReadonlyMap<string, OwnForm>): Resolved | undefined {
  const { url, version } = parseCanonical(name);
  const sameUrl = forms.equivalences.filter((it) =>
    it.questionnaires.some((canonical) => parseCanonical(canonical).url === url),
  );
  const equivalence =
    sameUrl.find((it) => it.questionnaires.some((canonical) => matchesCanonical(name, canonical))) ?? sameUrl[0];
  const instrument = [...newest.values()].find((it) => it.instrument.id === equivalence?.instrument)?.instrument;
  if (equivalence === undefined || instrument === undefined) return undefined;
  if (!equivalence.questionnaires.some((canonical) => matchesCanonical(name, canonical)))
    return { kind: 'unknown-version', instrument, asked: version ?? '' };
  const parts = { instrument, equivalence, baseUrl: forms.binding.baseUrl };
  if (equivalence.refuse !== undefined) return { kind: 'known', instrument, form: refusedForm(parts) };
  if (isComplete(equivalence, instrument)) return { kind: 'known', instrument, form: declaredForm(parts) };
  const canonical = isRelative(name) ? (equivalence.questionnaires.find((it) => !isRelative(it)) ?? name) : name;
  return { kind: 'needs-questionnaire', instrument, canonical };
}

function bindOne(
  questionnaire: Questionnaire,
  instrument: Instrument,
  forms: Forms,
  newest: ReadonlyMap<string, OwnForm>,
): ReturnType<Content['bind']> {
  const names = [
    questionnaire.url === undefined ? [] : canonicalOf({ url: questionnaire.url, version: questionnaire.version }),
    `Questionnaire/${questionnaire.id}`,
  ].flat();
  const equivalence = forms.equivalences.find(
    (it) =>
      it.instrument === instrument.id &&
      it.questionnaires.some((canonical) => names.some((name) => matchesCanonical(name, canonical))),
  );
  if (equivalence === undefined)
    return [
      issueAt(
        'not-declared',
        'Questionnaire.url',
        'error',
        `Content does not declare this form as one of ${instrument.id}.`,
      ),
    ];
  if (equivalence.refuse !== undefined)
    return [issueAt('form-refused', 'Questionnaire.url', 'error', equivalence.refuse)];
  const own = newest.get(instrument.url)?.questionnaire;
  return bindForm(questionnaire, { ...forms.binding, instrument, equivalence, codes: codesOf(own) });
}

/** Codes of the items of our own form, by linkId. */
function codesOf(questionnaire: Questionnaire | undefined): Binding['codes'] {
  const entries = (questionnaire?.item ?? []).flatMap(function each(item): (readonly [
    string,
    { system: string | undefined; code: string }[],
  ])[] {
    const codes = (item.code ?? []).flatMap((it) =>
      it.code === undefined ? [] : [{ system: it.system, code: it.code }],
    );
    return [[item.linkId, codes], ...(item.item ?? []).flatMap(each)];
  });
  return new Map(entries);
}
