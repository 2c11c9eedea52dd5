import type { Observation, PractitionerRole, Task } from 'fhir/r4.js';
import { DERIVED_IDENTIFIER } from '../domain/canonicals.ts';
import { reviewId } from '../domain/derived-identity.ts';
import type { PatientRecord } from '../domain/patient-record.ts';
import {
  byIds,
  carePlansOf,
  careTeamsOf,
  consentsOf,
  derivedOf,
  episodesOf,
  researchSubjectsOf,
  responsesOf,
  reviewsById,
  reviewsOf,
} from '../domain/queries.ts';
import { idOf, literal, typeOf } from '../domain/reference.ts';
import { TASK_IDENTIFIER } from '../domain/review-task.ts';
import type { FhirServer, Page } from '../fhir/port.ts';
import { ask, bySubject, resourcesOf } from './by-subject.ts';
import { type PipelineContext, searchedCanonicals } from './context.ts';
import { derivedSubjectOf, isProgramme } from './practitioner-scope.ts';

export interface Loaded {
  readonly records: readonly PatientRecord[];
  /** `PractitionerRole/…` to `Practitioner/…`, of every role these records name. */
  readonly roles: ReadonlyMap<string, string>;
}

/** Everything that decides what is derived for these patients: one batch, and one more for teams and roles named elsewhere. */
export async function loadPatients(
  server: FhirServer,
  patients: readonly string[],
  context: PipelineContext,
): Promise<Loaded> {
  if (patients.length === 0) return { records: [], roles: new Map() };
  const { baseUrl } = context.settings;
  const pages = await ask(server, [
    responsesOf(patients, searchedCanonicals(context.content)),
    derivedOf(patients),
    reviewsOf(patients),
    researchSubjectsOf(patients),
    episodesOf(patients),
    careTeamsOf(patients),
    carePlansOf(patients),
    consentsOf(patients),
    byIds('Patient', patients.map(idOf)),
  ]);
  const teams = await withNamedTeams(server, pages, baseUrl);
  const groups = {
    responses: bySubject(resourcesOf(pages[0], 'QuestionnaireResponse'), (it) => it.subject, baseUrl),
    derived: bySubject(resourcesOf(pages[1], 'Observation').filter(isDerived), (it) => it.subject, baseUrl),
    reviews: bySubject(resourcesOf(pages[2], 'Task').filter(isReview), (it) => it.for, baseUrl),
    researchSubjects: bySubject(resourcesOf(pages[3], 'ResearchSubject'), (it) => it.individual, baseUrl),
    episodes: bySubject(resourcesOf(pages[4], 'EpisodeOfCare'), (it) => it.patient, baseUrl),
    carePlans: bySubject(resourcesOf(pages[6], 'CarePlan'), (it) => it.subject, baseUrl),
    consents: bySubject(resourcesOf(pages[7], 'Consent'), (it) => it.patient, baseUrl),
  };
  const byId = new Map(resourcesOf(pages[8], 'Patient').map((it) => [`Patient/${it.id}`, it]));
  const records = patients.map(
    (subject): PatientRecord => ({
      subject,
      patient: byId.get(subject),
      responses: groups.responses.get(subject) ?? [],
      derived: groups.derived.get(subject) ?? [],
      reviews: groups.reviews.get(subject) ?? [],
      researchSubjects: groups.researchSubjects.get(subject) ?? [],
      episodes: groups.episodes.get(subject) ?? [],
      carePlans: groups.carePlans.get(subject) ?? [],
      consents: groups.consents.get(subject) ?? [],
      careTeams: teams.of(subject, groups.episodes.get(subject) ?? [], groups.carePlans.get(subject) ?? []),
      caresForProgramme: false,
    }),
  );
  const known = await withReviewsOfUnknown(server, records);
  return { records: known, roles: await rolesNamed(server, known, baseUrl) };
}

/** Reviews about responses of a patient that the server does not hold name no patient: they are found by their ids. */
async function withReviewsOfUnknown(
  server: FhirServer,
  records: readonly PatientRecord[],
): Promise<readonly PatientRecord[]> {
  const responses = records.filter((it) => it.patient === undefined).flatMap((it) => it.responses);
  if (responses.length === 0) return records;
  const [page] = await ask(server, [reviewsById(responses.map((it) => reviewId(`QuestionnaireResponse/${it.id}`)))]);
  const reviews = new Map(resourcesOf(page, 'Task').map((it) => [it.focus?.reference, it]));
  return records.map((record) =>
    record.patient !== undefined
      ? record
      : { ...record, reviews: record.responses.flatMap((it) => reviews.get(`QuestionnaireResponse/${it.id}`) ?? []) },
  );
}

/** A server may ignore a parameter and return everything: what is not Vincle’s own is never looked at, let alone written over. */
const isDerived = (it: Observation): boolean => it.identifier?.some((id) => id.system === DERIVED_IDENTIFIER) ?? false;
const isReview = (it: Task): boolean => it.identifier?.some((id) => id.system === TASK_IDENTIFIER) ?? false;

type Episodes = PatientRecord['episodes'];
type CarePlans = PatientRecord['carePlans'];

/** Teams of the patients, and those that only an EpisodeOfCare or a CarePlan names. */
async function withNamedTeams(server: FhirServer, pages: readonly Page[], baseUrl: string) {
  const own = resourcesOf(pages[5], 'CareTeam');
  const named = [
    ...resourcesOf(pages[4], 'EpisodeOfCare').flatMap((it) => it.team ?? []),
    ...resourcesOf(pages[6], 'CarePlan').flatMap((it) => it.careTeam ?? []),
  ].flatMap((it) => literal(it, baseUrl) ?? []);
  const here = new Set(own.map((it) => `CareTeam/${it.id}`));
  const missing = [...new Set(named)].filter((it) => typeOf(it) === 'CareTeam' && !here.has(it));
  const [fetched] = await ask(server, missing.length === 0 ? [] : [byIds('CareTeam', missing.map(idOf))]);
  const all = new Map([...own, ...resourcesOf(fetched, 'CareTeam')].map((it) => [`CareTeam/${it.id}`, it]));
  const ofPatients = bySubject(own, (it) => it.subject, baseUrl);
  return {
    of(subject: string, episodes: Episodes, plans: CarePlans) {
      const references = [...episodes.flatMap((it) => it.team ?? []), ...plans.flatMap((it) => it.careTeam ?? [])];
      const linked = references.flatMap((it) => all.get(literal(it, baseUrl) ?? '') ?? []);
      return [...new Set([...(ofPatients.get(subject) ?? []), ...linked])];
    },
  };
}

/** Who holds each PractitionerRole that the records name. */
async function rolesNamed(
  server: FhirServer,
  records: readonly PatientRecord[],
  baseUrl: string,
): Promise<Map<string, string>> {
  const named = records.flatMap((it) => [
    ...it.responses.flatMap((r) => [
      r.source,
      r.author,
      ...(r.item ?? []).flatMap((item) => item.answer?.[0]?.valueReference ?? []),
    ]),
    ...it.episodes.map((e) => e.careManager),
    ...it.careTeams.flatMap((t) => (t.participant ?? []).map((p) => p.member)),
  ]);
  const ids = new Set(
    named
      .flatMap((it) => literal(it, baseUrl) ?? [])
      .filter((it) => typeOf(it) === 'PractitionerRole')
      .map(idOf),
  );
  const [page] = await ask(server, ids.size === 0 ? [] : [byIds('PractitionerRole', [...ids])]);
  return new Map(resourcesOf(page, 'PractitionerRole').flatMap((it) => holder(it, baseUrl)));
}

function holder(role: PractitionerRole, baseUrl: string): [string, string][] {
  const person = literal(role.practitioner, baseUrl);
  return person === undefined ? [] : [[`PractitionerRole/${role.id}`, person]];
}

/** What therapists answer about the platform, with whether each cares for a patient of the programme. */
export async function loadPractitioners(
  server: FhirServer,
  practitioners: readonly string[],
  context: PipelineContext,
): Promise<Loaded> {
  if (practitioners.length === 0) return { records: [], roles: new Map() };
  const { baseUrl } = context.settings;
  const [answered] = await ask(server, [responsesOf(practitioners, searchedCanonicals(context.content))]);
  const responses = bySubject(resourcesOf(answered, 'QuestionnaireResponse'), (it) => it.subject, baseUrl);
  const [derived, reviews] = await ask(server, derivedSubjectOf([...responses.values()].flat()));
  const inProgramme = await isProgramme(server, practitioners, context);
  const standing = resourcesOf(derived, 'Observation').filter(isDerived);
  const records = practitioners.map((subject): PatientRecord => {
    const own = responses.get(subject) ?? [];
    const ids = new Set(own.map((it) => `QuestionnaireResponse/${it.id}`));
    return {
      subject,
      patient: undefined,
      responses: own,
      researchSubjects: [],
      episodes: [],
      carePlans: [],
      careTeams: [],
      consents: [],
      derived: standing.filter((it) => it.derivedFrom?.some((ref) => ids.has(literal(ref, baseUrl) ?? ''))),
      reviews: resourcesOf(reviews, 'Task').filter((it) => ids.has(literal(it.focus, baseUrl) ?? '')),
      caresForProgramme: inProgramme.has(subject),
    };
  });
  return { records, roles: await rolesNamed(server, records, baseUrl) };
}
