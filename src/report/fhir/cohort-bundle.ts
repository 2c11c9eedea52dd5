import type { Bundle, BundleEntry, FhirResource, MeasureReport, Observation } from 'fhir/r4.js';
import { BASE, DERIVED_IDENTIFIER } from '../../domain/canonicals.ts';
import { identify } from '../../domain/derived-identity.ts';
import type { CohortReport } from '../cohort-report.ts';
import { agreementGroups, bothGroups, changeGroups, isOpen, responseGroups } from './measure-groups.ts';
import { type About, agreementObservations, changeObservations } from './statistic-observations.ts';

const REPORT_IDENTIFIER = `${BASE}/identifier/measure-report`;

interface Measured {
  readonly measure: string;
  readonly group: MeasureReport['group'];
  readonly observations: readonly Observation[];
}

/**
 * The measures of a cohort as one transaction: MeasureReports, and the Observations with intervals that they name. Sent
 * again it replaces what it wrote, found by identifier, so that any server takes it that does conditional updates. While
 * a study is blind it holds response rates alone, arms masked.
 */
export function cohortBundle(report: CohortReport): Bundle<FhirResource> {
  const { analysis, manifest } = report;
  const about: About = { cohort: manifest.study ?? 'cohort', at: manifest.at, study: manifest.study };
  const measured: Measured[] = [
    { measure: 'alliance-response-rate', group: responseGroups(analysis.flow), observations: [] },
    { measure: 'alliance-both-raters', group: bothGroups(analysis.flow), observations: [] },
    ...(isOpen(analysis)
      ? [
          {
            measure: 'alliance-agreement',
            group: agreementGroups(analysis.findings),
            observations: agreementObservations(analysis.findings, about),
          },
          {
            measure: 'alliance-reliable-change',
            group: changeGroups(analysis.findings),
            observations: changeObservations(analysis.findings, about),
          },
        ]
      : []),
  ];
  return {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: measured.flatMap((it) => [
      ...it.observations.map((one) => entry(one, DERIVED_IDENTIFIER)),
      entry(reportOf(it, report, about), REPORT_IDENTIFIER),
    ]),
  };
}

function reportOf(
  { measure, group, observations }: Measured,
  { study }: CohortReport,
  { cohort, at }: About,
): MeasureReport {
  const start = study?.start;
  return {
    resourceType: 'MeasureReport',
    identifier: [{ system: REPORT_IDENTIFIER, value: identify(`${measure}|${cohort}`) }],
    status: 'complete',
    type: 'summary',
    measure: `${BASE}/Measure/${measure}|1.0.0`,
    date: at,
    // Up to when it was read; from the beginning of the study, where it says when that was.
    period: { ...(start === undefined ? {} : { start }), end: at },
    ...(group === undefined ? {} : { group }),
    ...(observations.length === 0 ? {} : { evaluatedResource: observations.map((it) => ({ reference: urnOf(it) })) }),
  };
}

const urnOf = (it: Observation | MeasureReport): string => `urn:uuid:${it.identifier?.[0]?.value ?? ''}`;

const entry = (resource: Observation | MeasureReport, system: string): BundleEntry<FhirResource> => ({
  fullUrl: urnOf(resource),
  resource,
  request: {
    method: 'PUT',
    url: `${resource.resourceType}?identifier=${system}|${resource.identifier?.[0]?.value ?? ''}`,
  },
});
