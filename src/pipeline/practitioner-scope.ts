import type { QuestionnaireResponse } from 'fhir/r4.js';
import { reviewId } from '../domain/derived-identity.ts';
import { membershipOf } from '../domain/membership.ts';
import {
  carePlansOf,
  careTeamsWith,
  derivedWhollyFrom,
  episodesManagedBy,
  episodesOf,
  type Query,
  researchSubjectsOf,
  reviewsById,
} from '../domain/queries.ts';
import { literal } from '../domain/reference.ts';
import type { FhirServer } from '../fhir/port.ts';
import { ask, bySubject, resourcesOf } from './by-subject.ts';
import type { PipelineContext } from './context.ts';

/** The searches for what stands there about these responses: a therapist is not the subject of what is derived. */
export function derivedSubjectOf(responses: readonly QuestionnaireResponse[]): Query<'Observation' | 'Task'>[] {
  const references = responses.map((it) => `QuestionnaireResponse/${it.id}`);
  return references.length === 0 ? [] : [derivedWhollyFrom(references), reviewsById(references.map(reviewId))];
}

/** Of these practitioners those who care for at least one patient of the programme. */
export async function isProgramme(
  server: FhirServer,
  practitioners: readonly string[],
  context: PipelineContext,
): Promise<Set<string>> {
  const { settings } = context;
  const { baseUrl } = settings;
  const pages = await ask(server, [episodesManagedBy(practitioners), careTeamsWith(practitioners)]);
  const caredBy = new Map<string, Set<string>>();
  const note = (person: string | undefined, patient: string | undefined) => {
    if (person === undefined || patient === undefined) return;
    caredBy.set(patient, (caredBy.get(patient) ?? new Set()).add(person));
  };
  for (const it of pages.flatMap((page) => page.resources)) {
    if (it.resourceType === 'EpisodeOfCare') note(literal(it.careManager, baseUrl), literal(it.patient, baseUrl));
    if (it.resourceType === 'CareTeam')
      for (const participant of it.participant ?? [])
        note(literal(participant.member, baseUrl), literal(it.subject, baseUrl));
  }
  const patients = [...caredBy.keys()];
  if (patients.length === 0) return new Set();
  const found = await programmePatients(server, patients, context);
  return new Set(
    found.flatMap((patient) => [...(caredBy.get(patient) ?? [])]).filter((it) => practitioners.includes(it)),
  );
}

async function programmePatients(
  server: FhirServer,
  patients: readonly string[],
  { settings }: PipelineContext,
): Promise<string[]> {
  const { baseUrl } = settings;
  const pages = await ask(server, [researchSubjectsOf(patients), episodesOf(patients), carePlansOf(patients)]);
  const researchSubjects = bySubject(resourcesOf(pages[0], 'ResearchSubject'), (it) => it.individual, baseUrl);
  const episodes = bySubject(resourcesOf(pages[1], 'EpisodeOfCare'), (it) => it.patient, baseUrl);
  const carePlans = bySubject(resourcesOf(pages[2], 'CarePlan'), (it) => it.subject, baseUrl);
  return patients.filter((patient) => {
    const sources = {
      researchSubjects: researchSubjects.get(patient) ?? [],
      episodes: episodes.get(patient) ?? [],
      carePlans: carePlans.get(patient) ?? [],
    };
    return membershipOf(sources, settings).inScope;
  });
}
