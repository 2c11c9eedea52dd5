import type { Task } from 'fhir/r4.js';
import type { PatientRecord } from '../domain/patient-record.ts';
import { inclusionChanged } from '../domain/review-task.ts';
import type { FhirServer } from '../fhir/port.ts';
import { type AllianceRun, tally } from './alliance-run.ts';
import { stillContested } from './contested.ts';
import type { PipelineContext, Surroundings } from './context.ts';
import { type Derived, derivePatient } from './derive-patient.ts';
import type { FormLibrary } from './form-library.ts';
import { loadPatients, loadPractitioners } from './load-records.ts';
import type { ResponseOutcome } from './read-ratings.ts';
import { reconcileObservations, reconcileReviews } from './reconcile.ts';
import { type SubjectWrites, writeDerived } from './write-derived.ts';

/** What computing a chunk of subjects needs beyond the subjects. */
export interface Computation {
  readonly server: FhirServer;
  readonly context: PipelineContext;
  readonly forms: FormLibrary;
  readonly contested: Surroundings['contested'];
  /** `QuestionnaireResponse/…` to be counted; all where absent. */
  readonly fresh: ReadonlySet<string> | undefined;
  /** Review Tasks by the response they are about, whoever they were raised for. */
  readonly reviews: ReadonlyMap<string, Task>;
  readonly responsesBySubject: ReadonlyMap<string, number>;
  /** A visit that moves means a corrected inclusion, not new content. */
  readonly sameContent: boolean;
  readonly dryRun: boolean;
  readonly now: () => string;
  readonly run: AllianceRun;
}

/** A subject that could not be brought up to date now, and why. */
export interface Unfinished {
  readonly subject: string;
  readonly reason: string;
}

const ATTEMPTS = 3;

/** Brings the derived resources of some subjects up to date: load, derive, reconcile, write; again where somebody else wrote first. */
export async function computeSubjects(
  subjects: readonly string[],
  it: Computation,
): Promise<{ unfinished: Unfinished[]; outcomes: ResponseOutcome[] }> {
  let pending = subjects;
  const unfinished: Unfinished[] = [];
  const outcomes: ResponseOutcome[] = [];
  for (let attempt = 1; pending.length > 0; attempt += 1) {
    const { writes, found } = await planned(pending, it, attempt === 1);
    outcomes.push(...found);
    const results = it.dryRun
      ? writes.map(({ subject, writes: { length } }) => ({ subject, kind: 'written' as const, resources: length }))
      : await writeDerived(it.server, writes);
    const again: string[] = [];
    for (const result of results) {
      if (result.kind === 'written') it.run.written += result.resources;
      else if (result.kind === 'conflict' && attempt < ATTEMPTS) again.push(result.subject);
      else
        unfinished.push({
          subject: result.subject,
          reason: result.kind === 'rejected' ? result.reason : 'somebody else kept writing',
        });
    }
    pending = again;
  }
  it.run.failed += unfinished.length;
  return { unfinished, outcomes };
}

async function planned(
  subjects: readonly string[],
  it: Computation,
  first: boolean,
): Promise<{ writes: SubjectWrites[]; found: ResponseOutcome[] }> {
  const patients = subjects.filter((subject) => subject.startsWith('Patient/'));
  const practitioners = subjects.filter((subject) => subject.startsWith('Practitioner/'));
  const loads = [
    await loadPatients(it.server, patients, it.context),
    await loadPractitioners(it.server, practitioners, it.context),
  ];
  const writes: SubjectWrites[] = [];
  const found: ResponseOutcome[] = [];
  for (const load of loads) {
    await it.forms.learn(load.records.flatMap((record) => record.responses));
    const still = await stillContested(
      it.server,
      load.records,
      (response) => it.reviews.get(response),
      it.context.settings.baseUrl,
    );
    const surroundings = { roles: load.roles, contested: new Set([...it.contested, ...still]) };
    for (const record of load.records) {
      const derived = derivePatient(record, it.forms.resolve, it.context, surroundings);
      if (first) count(record, derived, it);
      found.push(...derived.outcomes);
      if (derived.inScope) writes.push(writesFor(record, derived, it, first));
    }
  }
  return { writes, found };
}

function writesFor(record: PatientRecord, derived: Derived, it: Computation, first: boolean): SubjectWrites {
  const observations = reconcileObservations(derived.observations, record.derived);
  const moved = observations.revisited > 0 && it.sameContent;
  const wanted = moved ? [...derived.reviews, inclusionChanged(record.subject)] : derived.reviews;
  const reviews = reconcileReviews(wanted, standingReviews(record, it), it.now());
  if (first) {
    it.run.unchanged += observations.unchanged + reviews.unchanged;
    it.run.withdrawn += observations.withdrawn;
  }
  return { subject: record.subject, writes: [...observations.writes, ...reviews.writes] };
}

/** The reviews raised for this subject, and those of its responses that were raised when they named somebody else. */
function standingReviews(record: PatientRecord, it: Computation): Task[] {
  const own = new Set(record.reviews.map((task) => task.id));
  const others = record.responses.flatMap((response) => it.reviews.get(`QuestionnaireResponse/${response.id}`) ?? []);
  return [...record.reviews, ...others.filter((task) => !own.has(task.id))];
}

function count(record: PatientRecord, derived: Derived, it: Computation): void {
  const { run } = it;
  if (!derived.inScope) {
    run.outside += it.responsesBySubject.get(record.subject) ?? 0;
    return;
  }
  run.patients += 1;
  for (const outcome of derived.outcomes) {
    if (it.fresh !== undefined && !it.fresh.has(outcome.response)) continue;
    tally(
      run,
      outcome.fate,
      outcome.issues.map((issue) => issue.reason),
    );
  }
  for (const observation of derived.observations) {
    const code = observation.code.coding?.[0]?.code ?? '';
    if (code.endsWith('-dyad')) run.dyads += 1;
    if (code.endsWith('-change')) run.changes += 1;
  }
}
