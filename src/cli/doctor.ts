import { randomUUID } from 'node:crypto';
import { Command } from 'commander';
import { readConfig, requireServer } from '../config.ts';
import { connectFhir } from '../fhir/connect.ts';
import { examineLabels } from '../pipeline/examine-labels.ts';
import { examineSafety } from '../pipeline/examine-safety.ts';
import { examineServer } from '../pipeline/examine-server.ts';
import { examineWrites } from '../pipeline/examine-writes.ts';
import type { Finding } from '../pipeline/finding.ts';
import { contentOf, serverOf } from './compose.ts';
import { EXIT } from './exit.ts';
import { output, table } from './print.ts';
import { safetyOf } from './safety-path.ts';

/** What the FHIR server can and cannot do, in plain words. Exit 1 where something essential is missing, 3 where it was not reached. */
export const doctorCommand = (): Command =>
  new Command('doctor')
    .description('what the FHIR server can and cannot do, and what Vincle does about it; only reads, unless --write')
    .option('--write', 'also write synthetic, tagged probes, and delete them')
    .option('--json', 'one JSON object on stdout')
    .addHelpText(
      'after',
      '\nDOCTOR_THERAPIST_TOKEN and DOCTOR_PATIENT_TOKEN: tokens of the two, to see whether the server honours security labels.',
    )
    .action(async (options: { write?: true; json?: true }) => {
      const config = readConfig(process.env);
      requireServer(config);
      const server = serverOf(config);
      const findings = await examineServer(server);
      const reached = findings.length > 1;
      if (reached) findings.push(...(await labels(config.FHIR_BASE_URL)));
      const content = await contentOf(config);
      if (reached) findings.push(...(await examineSafety(server, content, safetyOf(config, content))));
      if (reached && options.write)
        findings.push(...(await examineWrites(server, `vincle-doctor-${randomUUID().slice(0, 8)}`)));
      output(options.json ?? false, { server: server.baseUrl, findings }, () => report(server.baseUrl, findings));
      const missing = findings.some((it) => it.essential && it.found === 'no' && it.consequence.startsWith('cannot'));
      process.exitCode = !reached ? EXIT.unreachable : missing ? EXIT.refused : EXIT.done;
    });

async function labels(baseUrl: string): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const who of ['therapist', 'patient'] as const) {
    const token = process.env[`DOCTOR_${who.toUpperCase()}_TOKEN`];
    if (token !== undefined && token !== '')
      findings.push(await examineLabels(connectFhir({ baseUrl, auth: { kind: 'bearer', token } }), who));
    else
      findings.push({
        ability: `keeps blinded-from-${who} Observations from a ${who}`,
        found: 'unknown',
        evidence: `no DOCTOR_${who.toUpperCase()}_TOKEN`,
        consequence: 'blinding is sure in Vincle’s own pages only',
      });
  }
  return findings;
}

const SIGN = { yes: '✓ yes', no: '✗ no', unknown: '? unknown' } as const;

function report(server: string, findings: readonly Finding[]): string {
  const rows = findings.map((it) => [SIGN[it.found], it.ability, it.evidence, it.consequence]);
  return `${server}\n\n${table(['', 'the server', 'seen', 'so Vincle'], rows)}`;
}
