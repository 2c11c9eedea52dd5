import type { FhirResource, Questionnaire } from 'fhir/r4.js';
import type { Instrument } from '../domain/instrument.ts';
import type { Issue } from '../domain/outcome.ts';
import { readInstrument } from '../domain/read-instrument.ts';
import { compileScoring } from '../domain/scoring.ts';
import { readAccess } from './access-content.ts';
import { terminologyOf } from './answer-options.ts';
import { compareVersions } from './canonical.ts';
import { checkCanonicals } from './canonical-check.ts';
import { ContentError, fault } from './content-error.ts';
import {
  type ContentFile,
  isResource,
  overlay,
  type ResourceFile,
  readContentFiles,
  resourceKey,
} from './content-files.ts';
import { checkDigests, digestOf } from './digests.ts';
import { covers, isConfirmed, readConfirmations } from './key-confirmations.ts';
import { ownForm } from './own-form.ts';
import { readAnalysisPlan } from './plan-content.ts';
import type { LoadedContent } from './port.ts';
import { readConsent, readReliableChange, readVisits } from './programme-content.ts';
import { readProtocol } from './protocol-content.ts';
import { readTree } from './questionnaire-tree.ts';
import { readEquivalences } from './read-equivalences.ts';
import { readReading } from './reading-content.ts';
import { type OwnForm, resolver } from './resolve.ts';
import { ValidatorCache } from './response-validator.ts';
import { readContacts, readCrisis } from './safety-content.ts';
import { checkKeys, checkScoring } from './scoring-check.ts';
import { findWording, readWording } from './wording.ts';

export interface ContentFolders {
  /** The folder that holds `profiles/` and `questionnaires/` as shipped. */
  readonly shipped: string;
  /** A site's folder of the same layout, laid over it (`CONTENT_DIR`). */
  readonly site?: string;
  /** A site's folder of licensed wording (`WORDING_DIR`). */
  readonly wording?: string;
  /** The hospital's FHIR server, so that an absolute reference to a Questionnaire on it is understood. */
  readonly baseUrl?: string;
}

/** Validators of other publishers' Questionnaires that are held at once. */
const MOST_VALIDATORS = 100;

/**
 * Reads, checks and freezes all content: the shipped files with a site's own over them. Throws ContentError with every
 * fault that was found, file and place named, where content contradicts itself.
 */
export async function loadContent(folders: ContentFolders): Promise<LoadedContent> {
  const issues: Issue[] = [];
  const shipped = readContentFiles(folders.shipped, 'shipped', issues);
  const site = folders.site === undefined ? [] : readContentFiles(folders.site, 'site', issues);
  const files = overlay(shipped, site, issues);
  const resources = resourcesOf(files, issues);
  checkDigests(shipped, site, issues);
  checkCanonicals(resources, issues);
  const forms = readForms(resources, folders.baseUrl, issues);
  const content = assemble(files, resources, forms, folders, issues);
  if (issues.length > 0) throw new ContentError(issues);
  return deepFreeze(content);
}

const NO_RESOURCE =
  /^(profiles\/programme\/|questionnaires\/(wording|equivalences)\/|questionnaires\/digests\.json$|key-confirmations\/)/;

function resourcesOf(files: readonly ContentFile[], issues: Issue[]): readonly ResourceFile[] {
  for (const file of files)
    if (!isResource(file) && !NO_RESOURCE.test(file.path))
      issues.push(fault(file.path, '', 'not-a-resource', 'It is no FHIR resource, and nothing reads it.'));
  return files.filter(isResource).sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

const keyOf = ({ json }: ResourceFile): string => `${json.resourceType} ${resourceKey(json)}`;

/** Every Questionnaire of content with its instrument, checked; those that carry no key are forms without a score. */
function readForms(
  resources: readonly ResourceFile[],
  baseUrl: string | undefined,
  issues: Issue[],
): readonly OwnForm[] {
  const terminology = terminologyOf(resources.map((it) => it.json));
  return resources.flatMap(({ json, path }): OwnForm[] => {
    if (json.resourceType !== 'Questionnaire') return [];
    const instrument = instrumentOf(json, path, issues);
    if (instrument === undefined) return [];
    if (checkKeys(instrument, path, issues)) {
      const score = compileScoring(instrument);
      checkScoring(instrument, (answers, measure) => scoreValue(score(answers).measures.get(measure)), path, issues);
    }
    return [{ questionnaire: json, instrument, form: ownForm(json, instrument, terminology, baseUrl) }];
  });
}

const scoreValue = (
  score: ReturnType<ReturnType<typeof compileScoring>>['measures'] extends ReadonlyMap<string, infer S>
    ? S | undefined
    : never,
): number | undefined => (score !== undefined && 'value' in score ? score.value : undefined);

function instrumentOf(questionnaire: Questionnaire, path: string, issues: Issue[]): Instrument | undefined {
  const tree = readTree(questionnaire);
  if (!(tree instanceof Map)) {
    issues.push(...(tree as readonly Issue[]).map((it) => fault(path, it.expression ?? '', it.reason, it.diagnostics)));
    return undefined;
  }
  try {
    return readInstrument(questionnaire);
  } catch (error) {
    issues.push(fault(path, '', 'malformed', error instanceof Error ? error.message : 'Its key cannot be read.'));
    return undefined;
  }
}

function assemble(
  files: readonly ContentFile[],
  resources: readonly ResourceFile[],
  forms: readonly OwnForm[],
  folders: ContentFolders,
  issues: Issue[],
): LoadedContent {
  const instruments = forms.map((it) => it.instrument);
  const digests = new Map(forms.map((it) => [it.instrument.id + it.instrument.version, digestOf(it.questionnaire)]));
  const [visits, consent] = [readVisits(files, instruments, issues), readConsent(files, issues)];
  const analysisPlan = readAnalysisPlan(files, visits, issues);
  const access = readAccess(files, codesOf(resources, 'role'), issues);
  const reliable = readReliableChange(files, instruments, issues);
  const confirmations = readConfirmations(files, instruments, issues);
  const equivalences = readEquivalences(files, instruments, issues);
  const crisis = readCrisis(files, issues);
  const reading = readReading(files, issues);
  const contacts = readContacts(files, codesOf(resources, 'role'), issues);
  const words = readWording(files, folders.wording, instruments, issues);
  const protocol = readProtocol(resources, { instruments, visits }, issues);
  const confirmed = (it: Instrument, language?: string): boolean =>
    isConfirmed(it, language, digests.get(it.id + it.version) ?? '', confirmations);
  const anyLanguage = (it: Instrument): boolean => confirmations.some((word) => confirmed(it, word.language));
  const withState = forms.map((it) =>
    anyLanguage(it.instrument) ? confirmedForm(it, folders.baseUrl, resources) : it,
  );
  const terminology = terminologyOf(resources.map((it) => it.json));
  return {
    resources: resources.map((it) => it.json),
    instruments: withState.map((it) => it.instrument),
    questionnaireUrls: [
      ...new Set([
        ...instruments.map((it) => it.url),
        ...equivalences.flatMap((it) => it.questionnaires.map((name) => name.split('|')[0] ?? name)),
      ]),
    ],
    visits,
    consent,
    access,
    protocol,
    protocolDigest: digestOf(protocol),
    reliableChange: (id, language) => reliable.find((it) => it.instrument === id && covers(it.language, language)),
    keyConfirmed: (id, language) => {
      const newest = instruments.filter((it) => it.id === id).sort((a, b) => compareVersions(b.version, a.version))[0];
      return newest !== undefined && confirmed(newest, language);
    },
    ...resolver({
      own: withState,
      equivalences,
      binding: { terminology, validators: new ValidatorCache(MOST_VALIDATORS), baseUrl: folders.baseUrl },
    }),
    crisis,
    reading,
    contacts,
    wording: (id, language) => findWording(words, id, language),
    analysisPlan,
    analysisPlanDigest: digestOf(analysisPlan ?? null),
    digest: digestOf([
      resources.map((it) => it.json).filter(decidesWhatIsDerived),
      visits,
      consent,
      reliable,
      confirmations,
      equivalences,
    ]),
  };
}

/** Codes of one of our own CodeSystems. */
const codesOf = (resources: readonly ResourceFile[], id: string): ReadonlySet<string> =>
  new Set(
    resources.flatMap(({ json }) =>
      json.resourceType === 'CodeSystem' && json.id === id ? (json.concept ?? []).map((it) => it.code) : [],
    ),
  );

const OF_CARE: ReadonlySet<string> = new Set(['PlanDefinition', 'ActivityDefinition', 'SearchParameter', 'Measure']);

/** The protocol of care has a digest of its own: a site that edits it does not score a year of ratings again. */
const decidesWhatIsDerived = (it: FhirResource): boolean => !OF_CARE.has(it.resourceType);

/** The form of an instrument whose key somebody has confirmed. */
function confirmedForm(
  { questionnaire, instrument }: OwnForm,
  baseUrl: string | undefined,
  resources: readonly ResourceFile[],
): OwnForm {
  const confirmed: Instrument = { ...instrument, keyConfirmed: true };
  return {
    questionnaire,
    instrument: confirmed,
    form: ownForm(questionnaire, confirmed, terminologyOf(resources.map((it) => it.json)), baseUrl),
  };
}

/** Freezes a value and all that it holds; Maps stay readable only by their type. */
function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const it of Object.values(value)) deepFreeze(it);
  return value;
}
