/** Writes trial.csv beside itself, from the synthetic trial on the embedded server: `node tests/statistics/golden/trial.ts`. */
import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbedded } from '../../../src/embedded/server/start-embedded.ts';
import { connectFhir } from '../../../src/fhir/connect.ts';
import { vincle } from '../../faults/vincle.ts';
import { loadTrial, reportTrial } from '../synthetic-trial.ts';

const folder = mkdtempSync(join(tmpdir(), 'vincle-trial-'));
const embedded = await startEmbedded();
const env = await loadTrial(connectFhir({ baseUrl: embedded.baseUrl, auth: { kind: 'none' } }), folder);
const file = join(folder, 'trial.csv');
const ended = [await vincle(['job', 'alliance'], env), await reportTrial('csv', file, env)];
for (const { code, stderr } of ended) if (code > 1) throw new Error(stderr);
renameSync(file, join(import.meta.dirname, 'trial.csv'));
await embedded.stop();
rmSync(folder, { recursive: true });
