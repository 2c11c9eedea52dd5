import type { FhirResource, Patient } from 'fhir/r4.js';
import { rightsOf } from '../domain/access.ts';
import { membershipOf } from '../domain/membership.ts';
import { allianceMeasures, type Overview, type OverviewInput, overviewOf } from '../domain/overview.ts';
import {
  type AllianceValue,
  allianceOf,
  halfWidth,
  type Release,
  releaseTo,
  tellsAll,
} from '../domain/overview-alliance.ts';
import { overviewQueries } from '../domain/overview-queries.ts';
import type { Query } from '../domain/queries.ts';
import { literal, typeOf } from '../domain/reference.ts';
import { mergedFrom, mergedInto, type StepRecord } from '../domain/step-record.ts';
import { isDecideTask } from '../domain/step-tasks.ts';
import type { FhirServer, Resource, ResourceType } from '../fhir/port.ts';
import { ask } from './by-subject.ts';
import type { PipelineContext } from './context.ts';
import { measuresRead } from './steps/find-step-changes.ts';
import { reviewProposals } from './steps/review-proposals.ts';
import { armHasLevels, stepContext } from './steps/step-context.ts';
import { StepLedger } from './steps/step-ledger.ts';

/** Where a look at a patient reads from. */
export interface OverviewPorts {
  readonly server: FhirServer;
  readonly context: PipelineContext;
}

/** Whom a look is at, and who looks. */
export interface Look {
  /** `Patient/…` */
  readonly patient: string;
  /** `Practitioner/…` or `PractitionerRole/…`. */
  readonly viewer: string;
  /** What a client brought along instead of a batch, all of it. */
  readonly prefetched?: readonly FhirResource[];
}

/** What a clinician may be told of one patient at a moment. */
export interface PatientOverview extends Overview {
  /** Of the programme; nothing is said about anybody else. */
  readonly inScope: boolean;
  readonly alliance: readonly AllianceValue[];
  /** `Practitioner/…` of the person who looks, where the reference says who that is. */
  readonly viewer: string | undefined;
  /** Half of the 95 % interval of a measure’s total, where the site knows it. */
  errorOf(measure: string): number | undefined;
  /** Name of the person or team behind a reference, where it was brought along. */
  nameOf(reference: string | undefined): string | undefined;
}

/** Records that the hospital merged are followed so far. */
const LINKS = 3;

/**
 * What is known of one patient, from one batch (one more for each link to a merged record), or from none where a client
 * brought everything along that this viewer may see. `undefined` where the server holds no such patient.
 * @throws FhirError where the server is not reached
 */
export async function patientOverview(
  { server, context }: OverviewPorts,
  look: Look,
  nowMs: number,
): Promise<PatientOverview | undefined> {
  if (look.prefetched !== undefined) {
    const brought = fromPrefetch(look.prefetched, look, context, nowMs);
    if (brought !== undefined && isEnough(brought, context)) return brought.overview;
  }
  const measures = [...new Set([...measuresRead(context.content.protocol), ...alliance(context)])];
  let patients: readonly string[] = [look.patient];
  for (let depth = 0; ; depth += 1) {
    const pages = await ask(server, overviewQueries(patients, measures, look.viewer));
    const all = pages.flatMap((it) => [...it.resources, ...it.included]);
    const linked = linkedTo(patients, all, context.settings.baseUrl);
    if (linked.length === patients.length || depth >= LINKS)
      return derive(all, patients, look, context, nowMs)?.overview;
    patients = linked;
  }
}

/** A look with all that it was derived from, for a page that shows more than a card. */
export interface WholeLook {
  readonly overview: PatientOverview;
  readonly input: OverviewInput;
  readonly release: Release;
  /** Everything that was read, merged records among it. */
  readonly resources: readonly FhirResource[];
}

/**
 * The same look, read in the same batch with whatever else a page asks for; `undefined` where the server holds no such
 * patient. @throws FhirError where the server is not reached
 */
export async function lookAtPatient(
  { server, context }: OverviewPorts,
  look: Omit<Look, 'prefetched'>,
  nowMs: number,
  more: (patients: readonly string[]) => readonly Query<ResourceType>[],
): Promise<WholeLook | undefined> {
  const measures = context.content.instruments.flatMap((it) => [it.id, ...(it.alliance ? [`${it.id}-change`] : [])]);
  let patients: readonly string[] = [look.patient];
  for (let depth = 0; ; depth += 1) {
    const asked = overviewQueries(patients, [...new Set([...measures, 'wai-s-dyad'])], look.viewer);
    const pages = await ask(server, [...asked, ...more(patients)]);
    const all = pages.flatMap((it) => [...it.resources, ...it.included]);
    const linked = linkedTo(patients, all, context.settings.baseUrl);
    if (linked.length === patients.length || depth >= LINKS) {
      const derived = derive(all, patients, look, context, nowMs);
      return derived === undefined ? undefined : { ...derived, resources: all };
    }
    patients = linked;
  }
}

/** Looks at several patients in one batch, for a list; merged records are not followed. @throws FhirError */
export async function lookAtPatients(
  { server, context }: OverviewPorts,
  patients: readonly string[],
  viewer: string,
  nowMs: number,
): Promise<ReadonlyMap<string, WholeLook>> {
  if (patients.length === 0) return new Map();
  const pages = await ask(server, overviewQueries(patients, [...alliance(context)], viewer));
  const all = pages.flatMap((it) => [...it.resources, ...it.included]);
  return new Map(
    patients.flatMap((patient): [string, WholeLook][] => {
      const derived = derive(all, [patient], { patient, viewer }, context, nowMs);
      return derived === undefined ? [] : [[patient, { ...derived, resources: all }]];
    }),
  );
}

/** What a client sends may be anything: where it cannot be read, Vincle asks for itself. */
function fromPrefetch(all: readonly FhirResource[], look: Look, context: PipelineContext, nowMs: number) {
  try {
    if (!all.every((it) => isAbout(it, look.patient, context.settings.baseUrl))) return undefined;
    return derive(all, [look.patient], look, context, nowMs);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** Whether a resource is of this patient, or of staff: anything else does not answer what was asked for. */
function isAbout(it: FhirResource, patient: string, baseUrl: string): boolean {
  switch (it.resourceType) {
    case 'Observation':
    case 'CarePlan':
    case 'CareTeam':
      return isOf(it.subject, [patient], baseUrl);
    case 'Task':
      return isOf(it.for, [patient], baseUrl);
    case 'EpisodeOfCare':
      return isOf(it.patient, [patient], baseUrl);
    case 'ResearchSubject':
      return isOf(it.individual, [patient], baseUrl);
    default:
      return true;
  }
}

const alliance = ({ content }: PipelineContext): ReadonlySet<string> => allianceMeasures(content.instruments);

/** Whether what a client can bring along says everything: no merged record, no sign, no rating that may be shown. */
const isEnough = ({ overview, released, linked }: Derived, context: PipelineContext): boolean =>
  !released && !linked && overview.signs.length === 0 && overview.viewer !== undefined && mayBePrefetched(context);

/** Whether a client may bring along what the protocol reads: not where it reads how somebody rated the alliance. */
export const mayBePrefetched = (context: PipelineContext): boolean => {
  const codes = alliance(context);
  return !measuresRead(context.content.protocol).some((it) => codes.has(it));
};

const isA =
  <T extends ResourceType>(type: T) =>
  (it: FhirResource): it is Resource<T> =>
    it.resourceType === type;

function linkedTo(patients: readonly string[], all: readonly FhirResource[], baseUrl: string): string[] {
  const found = new Set(patients);
  for (const it of all.filter(isA('Patient'))) {
    const links = [mergedInto(it, baseUrl), ...mergedFrom(it, baseUrl)].flatMap((one) => one ?? []);
    if (!found.has(`Patient/${it.id}`) && !links.some((one) => found.has(one))) continue;
    for (const one of [`Patient/${it.id}`, ...links]) if (links.length > 0) found.add(one);
  }
  return [...found];
}

interface Derived {
  readonly overview: PatientOverview;
  readonly input: OverviewInput;
  readonly release: Release;
  /** Alliance ratings may be shown to the viewer. */
  readonly released: boolean;
  /** The record was merged with another. */
  readonly linked: boolean;
}

function derive(
  all: readonly FhirResource[],
  patients: readonly string[],
  look: Look,
  pipeline: PipelineContext,
  nowMs: number,
): Derived | undefined {
  const { settings, content } = pipeline;
  const resources = [...new Map(all.map((it) => [`${it.resourceType}/${it.id}`, it])).values()];
  const record = recordOf(resources, patients, settings.baseUrl);
  if (record === undefined) return undefined;
  const viewer = typeOf(look.viewer) === 'Practitioner' ? look.viewer : record.roles.get(look.viewer);
  const context = stepContext(pipeline, nowMs);
  const membership = membershipOf(record, settings);
  // What the next run would take back is not proposed to anybody.
  const ledger = new StepLedger(record, context);
  reviewProposals(ledger, context, false);
  const input: OverviewInput = {
    record: ledger.record,
    tasks: resources.filter(isA('Task')).filter((it) => isOf(it.for, patients, settings.baseUrl)),
    viewer,
    protocol: content.protocol,
    hasLevels: armHasLevels(context, membership.arm),
    instruments: content.instruments,
    settings,
    moment: context.moment,
  };
  const release = releaseTo(input, content.consent, (role) => rightsOf(content.access, [role]).has('decide'));
  const errorOf = (measure: string, language?: string): number | undefined => {
    const parameters = content.reliableChange(
      measure,
      language ?? record.patient?.communication?.[0]?.language.coding?.[0]?.code,
    );
    return parameters === undefined ? undefined : halfWidth(parameters);
  };
  const overview = membership.inScope ? overviewOf(input, tellsAll(input, release)) : NOTHING;
  return {
    input,
    release,
    released: release !== 'nothing',
    linked: linkedTo(patients, resources, settings.baseUrl).length > patients.length,
    overview: {
      ...overview,
      inScope: membership.inScope,
      alliance: membership.inScope ? allianceOf(input, release, errorOf) : [],
      viewer,
      errorOf,
      nameOf: namesIn(resources, record),
    },
  };
}

const NOTHING: Overview = { level: undefined, proposal: undefined, screening: undefined, ratings: [], signs: [] };

const isOf = (reference: Parameters<typeof literal>[0], patients: readonly string[], baseUrl: string): boolean =>
  patients.includes(literal(reference, baseUrl) ?? '');

/** The person’s record as stepped care reads it; `undefined` where no such patient is among the resources. */
function recordOf(
  resources: readonly FhirResource[],
  patients: readonly string[],
  baseUrl: string,
): StepRecord | undefined {
  const own = <T extends FhirResource>(all: readonly T[], about: (it: T) => Parameters<typeof literal>[0]) =>
    all.filter((it) => isOf(about(it), patients, baseUrl));
  const known: Patient[] = resources.filter(isA('Patient')).filter((it) => patients.includes(`Patient/${it.id}`));
  const living = known.find((it) => mergedInto(it, baseUrl) === undefined) ?? known[0];
  if (living === undefined) return undefined;
  const practitionerRoles = resources.filter(isA('PractitionerRole'));
  const carePlans = own(resources.filter(isA('CarePlan')), (it) => it.subject);
  const named = new Set(carePlans.flatMap((it) => it.careTeam ?? []).flatMap((it) => literal(it, baseUrl) ?? []));
  return {
    subject: `Patient/${living.id}`,
    patient: living,
    aliases: [...patients].sort(),
    patients: known,
    responses: [],
    reviews: [],
    caresForProgramme: false,
    carePlans,
    derived: own(resources.filter(isA('Observation')), (it) => it.subject),
    tasks: own(resources.filter(isA('Task')), (it) => it.for).filter(isDecideTask),
    episodes: own(resources.filter(isA('EpisodeOfCare')), (it) => it.patient),
    careTeams: resources
      .filter(isA('CareTeam'))
      .filter((it) => isOf(it.subject, patients, baseUrl) || named.has(`CareTeam/${it.id}`)),
    researchSubjects: own(resources.filter(isA('ResearchSubject')), (it) => it.individual),
    consents: own(resources.filter(isA('Consent')), (it) => it.patient),
    practitioners: new Map(resources.filter(isA('Practitioner')).map((it) => [`Practitioner/${it.id}`, it])),
    practitionerRoles,
    roles: new Map(
      practitionerRoles.flatMap((it): [string, string][] => {
        const person = it.active === false ? undefined : literal(it.practitioner, baseUrl);
        return person === undefined ? [] : [[`PractitionerRole/${it.id}`, person]];
      }),
    ),
  };
}

function namesIn(resources: readonly FhirResource[], record: StepRecord): PatientOverview['nameOf'] {
  const byReference = new Map(resources.map((it) => [`${it.resourceType}/${it.id}`, it]));
  return (reference) => {
    const it = byReference.get(record.roles.get(reference ?? '') ?? reference ?? '');
    return it === undefined ? undefined : nameOf(it);
  };
}

function nameOf(it: FhirResource): string | undefined {
  if (it.resourceType === 'CareTeam') return it.name;
  if (it.resourceType !== 'Practitioner') return undefined;
  const [name] = it.name ?? [];
  return name?.text ?? [...(name?.prefix ?? []), ...(name?.given ?? []), name?.family].filter(Boolean).join(' ');
}
