/** `npm run bench:cds`: what one CDS call costs Vincle’s own processor, and how many requests it sends. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { startEmbedded } from '../../src/embedded/server/start-embedded.ts';
import { SERVICE } from '../../src/http/cds-hooks/routes.ts';
import { hook, NOW, openClinic, overdueForm, proposed, signOf, startEhr } from '../cds/clinic.ts';

const CALLS = 400;
const PUBLIC = 'https://vincle.example';

/** The FHIR server and the EHR in a process of their own: what is left in this one is Vincle’s. */
if (process.argv[2] === 'server') {
  const { baseUrl } = await startEmbedded();
  process.stdout.write(`${baseUrl}\n`);
} else {
  const server = spawn(process.execPath, [import.meta.filename, 'server'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(server.stdout, 'data');
  const baseUrl = String(line).trim();
  const ehr = await startEhr();
  const clinic = await openClinic(
    baseUrl,
    { clients: [{ issuer: ehr.issuer, jwksUrl: ehr.jwksUrl }] },
    { publicUrl: PUBLIC },
  );
  const { ward } = clinic;
  await proposed(clinic);
  await ward.put(signOf(ward, ward.anna), overdueForm(ward));
  for (let index = 0; index < 40; index += 1)
    await ward.put(overdueForm(ward, 'phq-4', { id: `${ward.id}-old-${index}`, status: 'failed' }));
  const tokens: string[] = [];
  for (let index = 0; index < CALLS * 2; index += 1) tokens.push(await ehr.token(`${PUBLIC}/cds-services/${SERVICE}`));
  clinic.setNow(NOW);
  const round = async () => {
    for (let index = 0; index < CALLS; index += 1) {
      const answer = await clinic.call(hook(ward, ward.anna), { authorization: `Bearer ${tokens.pop()}` });
      if (answer.status !== 200 || answer.cards.length < 3) throw new Error(`answered ${answer.status}`);
    }
  };
  await round();
  const [requests, cpu, started] = [clinic.requests(), process.cpuUsage(), performance.now()];
  await round();
  const { user, system } = process.cpuUsage(cpu);
  const result = {
    calls: CALLS,
    requestsPerCall: (clinic.requests() - requests) / CALLS,
    cpuMsPerCall: Math.round((user + system) / CALLS / 10) / 100,
    wallMsPerCall: Math.round(((performance.now() - started) / CALLS) * 100) / 100,
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
  process.exitCode = result.requestsPerCall === 1 && result.cpuMsPerCall <= 5 ? 0 : 1;
  await clinic.stop();
  await ehr.stop();
  server.kill();
}
