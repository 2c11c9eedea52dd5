import type { Config } from '../../config.ts';
import type { FhirServer } from '../../fhir/port.ts';
import { exportedServer, spoolExport } from '../../pipeline/cohort/exported-server.ts';
import { participantsOf } from '../../pipeline/cohort/read-cohort.ts';
import type { PipelineContext } from '../../pipeline/context.ts';
import { DiskSpool } from '../../state/record-spool.ts';
import { bulkExportOf } from '../compose.ts';
import { CommandError, EXIT } from '../exit.ts';

/** A server to read from, and what must be closed afterwards. */
export interface ReadFrom {
  readonly server: FhirServer;
  close(): void;
}

/**
 * The server itself, or, with a level, the server with its `$export` on disk in place of searches by patient.
 * @throws CommandError where the level is none; FhirError where the export is not to be had whole (nothing is left on disk)
 */
export async function readFrom(
  level: string | undefined,
  server: FhirServer,
  { config, context }: { readonly config: Config; readonly context: PipelineContext },
): Promise<ReadFrom> {
  if (level === undefined) return { server, close: () => undefined };
  if (!isLevel(level)) throw new CommandError('--export takes Patient, or Group/ID.', EXIT.usage);
  const spool = new DiskSpool();
  try {
    const participants = await participantsOf(server, context);
    await spoolExport(bulkExportOf(config), level, { participants, server, spool });
  } catch (error) {
    spool.close();
    throw error;
  }
  return { server: exportedServer(server, spool), close: () => spool.close() };
}

const isLevel = (it: string): it is 'Patient' | `Group/${string}` => /^(Patient|Group\/[A-Za-z0-9.-]{1,64})$/.test(it);
