import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { CarePlan, FhirResource, Flag, Task } from 'fhir/r4.js';
import { loadContent } from '../../src/content/load.ts';
import { BASE, codeSystem, structureDefinition } from '../../src/domain/canonicals.ts';
import type { Protocol } from '../../src/domain/protocol.ts';
import { type Embedded, startEmbedded } from '../../src/embedded/server/start-embedded.ts';
import { connectFhir } from '../../src/fhir/connect.ts';
import type { FhirServer } from '../../src/fhir/port.ts';
import { violations } from '../../src/simulation/invariants.ts';

let embedded: Embedded;
let server: FhirServer;
let protocol: Protocol;
let serial = 0;
let patient: string;

beforeAll(async () => {
  embedded = await startEmbedded();
  server = connectFhir({ baseUrl: embedded.baseUrl, auth: { kind: 'none' } });
  ({ protocol } = await loadContent({ shipped: new URL('../..', import.meta.url).pathname }));
});
afterAll(() => embedded.stop());
beforeEach(async () => {
  serial += 1;
  patient = `Patient/inv-${serial}`;
  await server.write({ method: 'PUT', resource: { resourceType: 'Patient', id: `inv-${serial}` } });
});

const plan = (id: string, more: Partial<CarePlan> = {}): CarePlan => ({
  resourceType: 'CarePlan',
  id: `inv-${serial}-${id}`,
  status: 'active',
  intent: 'plan',
  category: [{ coding: [{ system: codeSystem('stepped-care-level'), code: '1-monitoring' }] }],
  subject: { reference: patient },
  period: { start: '2025-01-01T00:00:00Z' },
  ...more,
});
const proposal = (rule: string, more: Partial<CarePlan> = {}): CarePlan =>
  plan('proposal', {
    status: 'draft',
    intent: 'proposal',
    description: 'PHQ-4 8 on two dates.',
    supportingInfo: [{ reference: 'Observation/of-somebody' }],
    extension: [
      {
        url: structureDefinition('rule'),
        extension: [
          { url: 'canonical', valueCanonical: `${protocol.url}|${protocol.version}` },
          { url: 'version', valueString: protocol.version },
          { url: 'action', valueString: rule },
        ],
      },
    ],
    ...more,
  });
const asked = (id: string, more: Partial<Task> = {}): Task => ({
  resourceType: 'Task',
  id: `inv-${serial}-${id}`,
  identifier: [{ system: `${BASE}/identifier/task`, value: `inv-${serial}-${id}` }],
  groupIdentifier: { system: `${BASE}/identifier/questionnaire-window`, value: 'phq-4|0' },
  status: 'ready',
  intent: 'order',
  code: { coding: [{ system: codeSystem('task'), code: 'questionnaire' }] },
  for: { reference: patient },
  owner: { reference: patient },
  ...more,
});
const flag = (): Flag => ({
  resourceType: 'Flag',
  id: `inv-${serial}-flag`,
  extension: [
    {
      url: 'http://hl7.org/fhir/StructureDefinition/flag-detail',
      valueReference: { display: 'a response that was not stored' },
    },
  ],
  status: 'active',
  code: { text: 'Sign of danger' },
  subject: { reference: patient },
});
const review = (more: Partial<Task> = {}): Task =>
  asked('review', {
    code: { coding: [{ system: codeSystem('task'), code: 'safety-review' }] },
    focus: { reference: `Flag/inv-${serial}-flag` },
    owner: { reference: 'Practitioner/somebody' },
    ...more,
  });

async function broken(...resources: FhirResource[]): Promise<string[]> {
  for (const resource of resources) await server.write({ method: 'PUT', resource });
  return (await violations(server, [patient], protocol)).map((it) => it.rule);
}

test('care that is in order breaks nothing', async () => {
  const [rule] = protocol.rules;
  expect(
    await broken(
      plan('a'),
      proposal(rule?.id ?? ''),
      asked('1'),
      asked('2', { status: 'completed' }),
      flag(),
      review(),
    ),
  ).toEqual([]);
});
test('two plans in force are seen', async () => {
  expect(await broken(plan('a'), plan('b'))).toEqual(['at most one CarePlan in force']);
});
test('a proposal without evidence is seen', async () => {
  const bare = proposal(protocol.rules[0]?.id ?? '');
  const { supportingInfo: _none, ...without } = bare;
  expect(await broken(without)).toEqual(['a proposal says its rule, its reason and what it rests on']);
});
test('a level left before its dwell is seen, and so is a gap between two plans', async () => {
  const rule = protocol.rules.find((it) => it.minimumDwellDays > 1);
  const old = plan('old', {
    status: 'completed',
    period: { start: '2025-01-01T00:00:00Z', end: '2025-01-02T00:00:00Z' },
  });
  const made = proposal(rule?.id ?? '', { status: 'completed' });
  const next = plan('next', {
    replaces: [{ reference: `CarePlan/${old.id}` }],
    basedOn: [{ reference: `CarePlan/${made.id}` }],
    period: { start: '2025-01-03T00:00:00Z' },
  });
  expect(await broken(old, made, next)).toEqual([
    'the old plan ends when the new one starts',
    'no level is left before its dwell',
  ]);
});
test('two open Tasks of one window and rater are seen', async () => {
  expect(await broken(asked('1'), asked('2'))).toEqual([
    'one open Task for a plan, instrument, rater, rated therapist and window',
  ]);
});
test('two Tasks that one answer called for, and two open ones of such a form, are seen; one after the other is right', async () => {
  const called = (id: string, answer: string, status: Task['status']) =>
    asked(id, {
      status,
      groupIdentifier: { value: id },
      input: [{ type: { text: 'Questionnaire' }, valueCanonical: `${BASE}/Questionnaire/gad-7|1.0.0` }],
      reasonReference: { reference: answer },
    });
  expect(await broken(called('1', 'Observation/a', 'completed'), called('2', 'Observation/b', 'ready'))).toEqual([]);
  expect(await broken(called('1', 'Observation/a', 'completed'), called('2', 'Observation/a', 'ready'))).toEqual([
    'a Task that an answer called for names it, and each answer calls once',
  ]);
  expect(await broken(called('1', 'Observation/a', 'ready'), called('2', 'Observation/b', 'ready'))).toEqual([
    'one open Task of a form that answers call for',
  ]);
});
test('a sign without its Task, and one whose Task nobody owns, are seen', async () => {
  expect(await broken(flag())).toEqual(['a sign has exactly one Task']);
  const { owner: _nobody, ...unowned } = review();
  expect(await broken(unowned)).toEqual(['every sign has an owner']);
});
