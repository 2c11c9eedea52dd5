import type { MeasureReport } from 'fhir/r4.js';
import {
  type CardFeedback,
  counted,
  countsIn,
  feedbackReport,
  REPORT_IDENTIFIER,
  reportId,
} from '../domain/cds-feedback.ts';
import type { Query } from '../domain/queries.ts';
import { FhirError, type FhirServer } from '../fhir/port.ts';
import { ask, resourcesOf } from './by-subject.ts';
import { type Holding, waitedFor } from './compute-held.ts';

/** Others count at the same time: so often the report is read again. */
const ATTEMPTS = 8;

const byIdentifier = (id: string): Query<'MeasureReport'> => ({
  type: 'MeasureReport',
  params: [['identifier', `${REPORT_IDENTIFIER}|${id}`]],
});

async function standing(server: FhirServer, id: string): Promise<MeasureReport | undefined> {
  if ((await server.capabilities()).clientIds) return server.read('MeasureReport', id);
  const [page] = await ask(server, [byIdentifier(id)]);
  return resourcesOf(page, 'MeasureReport')[0];
}

const lastDayOf = (month: string): string => {
  const [year, number] = month.split('-').map(Number);
  return new Date(Date.UTC(year ?? 0, number ?? 0, 0)).toISOString().slice(0, 10);
};

/**
 * Adds what people did with cards to the report of each month, under its lease and over the version that was read: of two
 * replicas both count. The lease is for the first of a month, because HAPI takes a PUT with If-None-Match over what stands.
 * @throws FhirError where the server is not reached, will not take the report, or the report was never left alone
 */
export async function countFeedback(server: FhirServer, all: readonly CardFeedback[], holding: Holding): Promise<void> {
  for (const [month, more] of Map.groupBy(all, (it) => it.month)) {
    const lease = await waitedFor(`MeasureReport/${reportId(month)}`, holding);
    if (lease === undefined) throw new FhirError('conflict', 'Another writer kept hold of the report.');
    try {
      await countMonth(server, month, more, holding.now());
    } finally {
      await lease.release();
    }
  }
}

async function countMonth(server: FhirServer, month: string, more: readonly CardFeedback[], nowMs: number) {
  for (let attempt = 1; ; attempt += 1) {
    const before = await standing(server, reportId(month));
    const counts = counted(countsIn(before), more);
    const report = feedbackReport(month, counts, lastDayOf(month), new Date(nowMs).toISOString());
    try {
      await put(server, report, before);
      return;
    } catch (error) {
      if (!(error instanceof FhirError) || error.kind !== 'conflict' || attempt >= ATTEMPTS) throw error;
    }
  }
}

async function put(server: FhirServer, report: MeasureReport, before: MeasureReport | undefined): Promise<void> {
  const version = before?.meta?.versionId;
  const id = before?.id ?? report.id ?? '';
  if (before !== undefined)
    await server.write({
      method: 'PUT',
      resource: { ...report, id },
      ...(version === undefined ? {} : { ifMatch: version }),
    });
  else if ((await server.capabilities()).clientIds)
    await server.write({ method: 'PUT', resource: report, ifNoneMatch: '*' });
  else {
    const { id: _own, ...created } = report;
    // Two that create at once: the second finds the first on its next try.
    const { status } = await server.write({
      method: 'POST',
      resource: created,
      ifNoneExist: `identifier=${REPORT_IDENTIFIER}|${id}`,
    });
    if (status === 200) throw new FhirError('conflict', 'The report was made meanwhile.', { status });
  }
}
