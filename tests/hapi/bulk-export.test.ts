import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { displayOf } from '../../src/content/display.ts';
import { loadContent } from '../../src/content/load.ts';
import { generateCohort } from '../../src/embedded/cohort/generate-cohort.ts';
import { connectBulkExport, connectFhir } from '../../src/fhir/connect.ts';
import type { FhirServer } from '../../src/fhir/port.ts';
import type { InCohort } from '../../src/pipeline/cohort/cohort-patient.ts';
import { exportedServer, spoolExport } from '../../src/pipeline/cohort/exported-server.ts';
import { participantsOf, readCohort } from '../../src/pipeline/cohort/read-cohort.ts';
import { computeAlliance } from '../../src/pipeline/compute-alliance.ts';
import { openState } from '../../src/state/open.ts';
import { DiskSpool } from '../../src/state/record-spool.ts';
import { sharedRig } from './rig/shared.ts';

test('the rows that HAPI’s own $export of a Group gives are those that paging gives, and no text of a message is kept', async () => {
  const options = { baseUrl: sharedRig().hapi, auth: { kind: 'none' } } as const;
  const server = connectFhir(options);
  const { first, second, study } = generateCohort({ seed: 21, patients: 8, idPrefix: 'bulk', faults: false });
  for (const bundle of [...first, ...second]) await server.request('POST', '', bundle);
  const content = await loadContent({ shipped: resolve('.'), baseUrl: server.baseUrl });
  const settings = { study, episodeType: undefined, timeZone: 'Europe/Madrid', baseUrl: server.baseUrl };
  const context = { content, display: displayOf(content.resources), settings };
  const state = await openState('sqlite::memory:');
  await computeAlliance(
    { server, state, context },
    { overlapMs: 0, now: Date.now, holder: 'bulk', pause: async () => undefined },
  );
  await state.close();
  const participants = await participantsOf(server, context);
  const member = [...participants].map((reference) => ({ entity: { reference } }));
  await server.write({
    method: 'PUT',
    resource: { resourceType: 'Group', id: 'bulk-group', type: 'person', actual: true, member },
  });
  const read = async (from: FhirServer) => {
    const reading = readCohort(from, context, {
      visits: ['m3', 'm6', 'm12'],
      code: (_, reference) => reference,
      site: 'Organization/none',
      nowMs: Date.parse('2026-11-23T12:00:00Z'),
    });
    const found: InCohort[] = [];
    for await (const it of reading.patients) found.push(it);
    return found;
  };
  const spool = new DiskSpool();
  try {
    const exporter = connectBulkExport(options, { longestWaitMs: 500 });
    await spoolExport(exporter, 'Group/bulk-group', { participants, server, spool });
    expect(spool.of([...participants], 'Communication').join('')).not.toContain('payload');
    const [paged, exported] = [await read(server), await read(exportedServer(server, spool))];
    expect(paged.length).toBeGreaterThan(3);
    expect(exported).toEqual(paged);
  } finally {
    spool.close();
  }
}, 300_000);
