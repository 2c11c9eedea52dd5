/** One alliance run, measured from inside: `node job-child.ts BASE STUDY STATE_URL ALL`. Prints one JSON object. */
import { connectFhir } from '../../src/fhir/connect.ts';
import { computeAlliance } from '../../src/pipeline/compute-alliance.ts';
import { openState } from '../../src/state/open.ts';
import { contextOf, runOptions } from './rig.ts';

const [baseUrl = '', study = '', stateUrl = '', all] = process.argv.slice(2);
const server = connectFhir({ baseUrl, auth: { kind: 'none' } });
const state = await openState(stateUrl);
const context = await contextOf(baseUrl, study);
const before = process.cpuUsage();
const run = await computeAlliance({ server, state, context }, { ...runOptions(0), all: all === 'true' });
const { user, system } = process.cpuUsage(before);
await state.close();
process.stdout.write(
  JSON.stringify({
    run,
    cpuMs: (user + system) / 1000,
    maxRssMb: process.resourceUsage().maxRSS / 1024,
    bytesOut: server.traffic.bytesOut,
  }),
);
