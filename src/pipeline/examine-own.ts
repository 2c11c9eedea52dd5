import type { QuestionnaireResponse } from 'fhir/r4.js';
import { membershipOf } from '../domain/membership.ts';
import type { Issue } from '../domain/outcome.ts';
import { type Caller, mayAnswer, mayTreat } from './caller.ts';
import type { AlliancePorts } from './compute-alliance.ts';
import type { Examined } from './examine-response.ts';
import { loadPatients } from './load-records.ts';
import { standingUnder, storing } from './store-response.ts';

const wrong = (code: Issue['code'], reason: string, diagnostics: string): Issue => ({
  severity: 'error',
  code,
  reason,
  diagnostics,
});

/**
 * Whether and how a response to a form that no instrument reads is stored: its programme, its caller, what stands there.
 * Its answers were checked when it was handed in. @throws FhirError where the server cannot be asked
 */
export async function examineOwn(
  { server, context }: AlliancePorts,
  response: QuestionnaireResponse,
  caller: Caller,
  nowMs: number,
  over?: { readonly version: string | undefined },
): Promise<Examined> {
  const { settings } = context;
  const { records, roles } = await loadPatients(server, [response.subject?.reference ?? ''], context);
  const [record] = records;
  if (record?.patient === undefined || !membershipOf(record, settings).inScope)
    return { kind: 'outside', issues: [wrong('forbidden', 'outside', 'Nobody of the programme is named.')] };
  const denied =
    mayAnswer(caller, response, undefined, roles, settings.baseUrl) ?? mayTreat(caller, record, roles, settings, nowMs);
  if (denied !== undefined) return { kind: 'forbidden', issues: [denied] };
  const standing = await standingUnder(server, response);
  const how = storing(response, standing, (await server.capabilities()).clientIds, settings.baseUrl);
  if (how.kind === 'refused') return { kind: 'duplicate', issues: how.issues };
  if (how.kind === 'write' && over !== undefined && standing[0]?.meta?.versionId !== over.version)
    return {
      kind: 'duplicate',
      issues: [wrong('conflict', 'draft-conflict', 'It was answered elsewhere meanwhile.')],
    };
  return { kind: 'welcome', storing: how, issues: [] };
}
