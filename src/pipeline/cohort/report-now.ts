import { randomBytes } from 'node:crypto';
import type { ResearchStudy } from 'fhir/r4.js';
import type { LoadedContent } from '../../content/port.ts';
import { localDate } from '../../domain/instant.ts';
import { idOf } from '../../domain/reference.ts';
import type { FhirServer } from '../../fhir/port.ts';
import type { PipelineContext } from '../context.ts';
import { type Analyse, type AnalysedCohort, analyseReading } from './analyse-reading.ts';
import { type Blinding, blindingOf } from './blinding.ts';
import { exportAudit } from './export-audit.ts';
import { closureOf } from './leaving.ts';
import { notATrial, TrialError } from './not-a-trial.ts';
import { noteQueries } from './noted-queries.ts';
import { pseudonymsOf } from './pseudonyms.ts';
import { readCohort } from './read-cohort.ts';

/** The study as it calls itself. */
export interface NamedStudy {
  readonly title?: string;
  readonly start?: string;
}

export interface ReportPorts {
  readonly server: FhirServer;
  readonly context: PipelineContext;
  readonly content: LoadedContent;
  readonly analyse: Analyse;
  readonly software: string;
  /** `Organization/…` of patients whose episode names none. */
  readonly site: string | undefined;
}

/** Who asks, what for, and under which approval. */
export interface ReportAsked {
  readonly by: { readonly reference: string; readonly name?: string };
  readonly purpose: string;
  readonly approval: string;
  /** Declares that nobody in this cohort is blinded; only where no study is configured. */
  readonly notATrial?: boolean;
  readonly nowMs: number;
}

/**
 * The report of the cohort for a named person. The AuditEvent is written before anything is read; where the server does
 * not take it, nothing is read. Only a study that has ended, or a cohort without one that is declared no trial, shows its
 * findings here: an unlock is the command’s. Nothing where content holds no analysis plan.
 * @throws TrialError where a cohort with a study, or of which ResearchSubjects tell two arms, is declared no trial
 * @throws FhirError where the server is not reached, also in the middle
 */
export async function reportNow(
  ports: ReportPorts,
  { by, purpose, approval, nowMs, notATrial: declared = false }: ReportAsked,
): Promise<(AnalysedCohort & { readonly study?: NamedStudy }) | undefined> {
  const { context, content, analyse, software, site } = ports;
  const { server, noted } = noteQueries(ports.server);
  const plan = content.analysisPlan;
  if (plan === undefined) return undefined;
  const reference = context.settings.study;
  if (declared && reference !== undefined) throw new TrialError(reference);
  const study = reference === undefined ? undefined : await server.read('ResearchStudy', idOf(reference));
  const blinding: Blinding = blindingOf({
    declaredNotATrial: declared,
    status: study?.status,
    none: reference === undefined,
  });
  const at = new Date(nowMs).toISOString();
  const resource = exportAudit({
    at,
    format: 'page',
    baseUrl: server.baseUrl,
    study: reference,
    purpose,
    approval,
    by,
    unlock: undefined,
    because: blinding.because,
  });
  await server.write({ method: 'POST', resource });
  const whole = readCohort(server, context, {
    visits: plan.visits,
    // A page shows no pseudonym: a key that nobody keeps will do.
    code: pseudonymsOf(randomBytes(32)),
    site: site ?? 'Organization/unknown',
    nowMs,
    noted,
    closure: closureOf(study, localDate(nowMs, context.settings.timeZone), context.settings.timeZone),
  });
  const reading = declared ? { ...whole, patients: notATrial(whole.patients) } : whole;
  const arms = (study?.arm ?? []).map((it) => ({ arm: it.name, label: it.name }));
  const parts = { content, plan, reading, blinding, arms, at, software, study: reference };
  const cohort = await analyseReading(parts, analyse);
  const name = namedStudy(study);
  return { ...cohort, ...(name === undefined ? {} : { study: name }) };
}

/** What a report says of its study. */
export const namedStudy = (study: ResearchStudy | undefined): NamedStudy | undefined =>
  study && {
    ...(study.title === undefined ? {} : { title: study.title }),
    ...(study.period?.start === undefined ? {} : { start: study.period.start }),
  };
