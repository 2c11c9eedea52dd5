import { inspect } from 'node:util';
import { afterEach, expect, test } from '@jest/globals';
import { connectFhir } from '../../src/fhir/connect.ts';
import type { FhirServer, Search, Write } from '../../src/fhir/port.ts';
import {
  cut,
  failureOf,
  halfBody,
  type MisbehavingServer,
  misbehave,
  options,
  type Reply,
  silence,
  standingClock,
} from './misbehaving-server.ts';

let server: MisbehavingServer;
afterEach(() => server.stop());

/** Stands where a name, an answer or a hospital number would. */
const MARKER = 'QZX-4711';
const TOKEN = 'the-hospitals-token';

const answer =
  (status: number, body: string): Reply =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/fhir+json' });
    response.end(body);
  };
/** Servers quote what they were sent: in diagnostics, in details, in a FHIRPath, even where a code should be. */
const quoting = (status: number): Reply =>
  answer(
    status,
    JSON.stringify({
      resourceType: 'OperationOutcome',
      issue: [
        {
          severity: 'error',
          code: `invalid ${MARKER}`,
          diagnostics: `${MARKER}: several match Patient?identifier=urn:mrn|${MARKER}`,
          details: { text: MARKER },
          expression: [`Patient.identifier.where(value='${MARKER}')`],
        },
      ],
    }),
  );
const batchQuoting = answer(
  200,
  JSON.stringify({
    resourceType: 'Bundle',
    entry: Array(2).fill({
      response: {
        status: `400 ${MARKER}`,
        outcome: {
          resourceType: 'OperationOutcome',
          issue: [{ severity: 'fatal', code: MARKER, diagnostics: MARKER }],
        },
      },
    }),
  }),
);

const SEARCH: Search = { type: 'Patient', params: [['identifier', `urn:mrn|${MARKER}`]] };
const PUT: Write = { method: 'PUT', resource: { resourceType: 'Patient', id: 'p1', name: [{ family: MARKER }] } };
const CREATE: Write = {
  method: 'POST',
  resource: { resourceType: 'Patient', name: [{ family: MARKER }] },
  ifNoneExist: `identifier=urn:mrn|${MARKER}`,
};

const CALLS: readonly (readonly [what: string, call: (fhir: FhirServer) => Promise<unknown>])[] = [
  ['a read', (fhir) => fhir.read('Patient', 'p1')],
  ['a search', (fhir) => fhir.searchAll([SEARCH])],
  ['a batch', (fhir) => fhir.searchAll([SEARCH, SEARCH])],
  ['a PUT', (fhir) => fhir.write(PUT)],
  ['a conditional create', (fhir) => fhir.write(CREATE)],
  ['a transaction', (fhir) => fhir.transaction([PUT, CREATE])],
  ['an operation', (fhir) => fhir.request('GET', `Patient?identifier=urn:mrn|${MARKER}`)],
];
const FAULTS: readonly (readonly [what: string, reply: Reply])[] = [
  ...[400, 401, 403, 409, 412, 422, 429, 500, 503].map((it) => [`${it}, quoting`, quoting(it)] as const),
  [
    'a searchset with an error, quoting',
    answer(
      200,
      JSON.stringify({
        resourceType: 'Bundle',
        entry: [
          {
            resource: {
              resourceType: 'OperationOutcome',
              issue: [{ severity: 'error', code: MARKER, diagnostics: MARKER }],
            },
          },
        ],
      }),
    ),
  ],
  ['entries that failed, quoting', batchQuoting],
  ['a page for people, quoting', answer(200, `<title>${MARKER}</title>`)],
  ['400 as a page, quoting', answer(400, `<title>${MARKER}</title>`)],
  [
    'another resource, quoting',
    answer(200, JSON.stringify({ resourceType: 'Basic', id: MARKER, code: { text: MARKER } })),
  ],
  ['half a body', halfBody],
  ['a cut connection', cut],
  ['silence', silence],
];

test.each(CALLS)('%s that fails tells neither content nor token, however the server fails', async (what, call) => {
  let failed = 0;
  for (const [, reply] of FAULTS) {
    server = await misbehave(reply);
    const fhir = connectFhir(
      options(server.baseUrl, standingClock(), {
        auth: { kind: 'bearer', token: TOKEN },
        timeoutMs: 60,
        retry: { attempts: 2, baseMs: 1, maxMs: 1 },
      }),
    );
    // Answers that are no failure to this call, as a 200 to a PUT, are not looked at.
    const error = await failureOf(call(fhir)).catch(() => undefined);
    await server.stop();
    if (error === undefined) continue;
    failed += 1;
    const told = inspect(error, { depth: 20, showHidden: true }) + JSON.stringify(error) + String(error.stack);
    expect(told).not.toContain(MARKER);
    expect(told).not.toContain(TOKEN);
  }
  expect([what, failed > 12]).toEqual([what, true]);
});
