import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { FhirResource, Task } from 'fhir/r4.js';
import { withSameAnswer } from '../../src/domain/safety-sign.ts';
import { type Embedded, startEmbedded } from '../../src/embedded/server/start-embedded.ts';
import { openSafetyWard, phq9, type SafetyWard } from '../safety/safety-ward.ts';
import { errorLines, type Issue, judge } from './judge.ts';

/** What the judge must refuse, and the rule of the profile that does. */
const FAULTS: readonly [title: string, type: string, refusedBy: RegExp, change: object][] = [
  ['a sign that names no response', 'Flag', /vin-80/, { extension: undefined }],
  ['a sign without an end although it is not active', 'Flag', /vin-81/, { status: 'inactive' }],
  ['a review without a target', 'Task', /vin-82/, { restriction: undefined }],
  ['a review that is not urgent', 'Task', /priority/, { priority: 'routine' }],
  ['a review of nobody’s', 'Task', /owner/, { owner: undefined }],
  ['a review closed without an outcome', 'Task', /vin-83/, { status: 'completed' }],
  [
    'a notice that was not delivered and does not say why',
    'Communication',
    /vin-85/,
    { status: 'not-done', statusReason: undefined },
  ],
  ['a notice with words in it', 'Communication', /payload/, { payload: [{ contentString: 'x' }] }],
];
const TYPES = ['Flag', 'Task', 'Communication', 'Provenance', 'List'] as const;
let embedded: Embedded;
let ward: SafetyWard;
let written: FhirResource[];
let verdicts: Issue[][];

beforeAll(async () => {
  embedded = await startEmbedded();
  ward = await openSafetyWard('judged', embedded.baseUrl);
  await everything();
  written = [];
  for (const type of TYPES)
    for await (const page of ward.direct.search({ type, params: [['_count', '500']] })) written.push(...page.resources);
  const sign = written.find((it): it is Task => it.resourceType === 'Task');
  if (sign !== undefined) written.push(withSameAnswer(sign, [{ reference: 'QuestionnaireResponse/second-entry' }]));
  verdicts = await judge([...written, ...faulty()]);
}, 300_000);
afterAll(async () => {
  await ward.stop();
  await embedded.stop();
});

/** Every kind of resource in every state that the safety path writes. */
async function everything(): Promise<void> {
  const response = phq9(ward.patient, { 9: 1 });
  ward.receiver.unknown.add(ward.anna);
  await ward.intake(response);
  await ward.intake(phq9(ward.patient, { 9: 3 }, { identifier: response.identifier! }));
  const [task] = await ward.tasks();
  ward.clock = Date.parse(task?.authoredOn ?? '') + 45 * 60_000;
  await ward.escalate();
  await ward.acknowledge(task?.id ?? '');
  await ward.close(task?.id ?? '');
  await ward.intake({ ...phq9(ward.patient, { 9: 0 }), identifier: response.identifier!, status: 'amended' });
  await ward.intake({
    ...phq9(ward.patient, {}, { identifier: response.identifier! }),
    status: 'amended',
    item: [{ linkId: 'phq9-9', answer: [{ valueString: 'often' }] }],
  });
  ward.receiver.failing = 503;
  await ward.intake(phq9(ward.other, { 9: 2 }));
  ward.receiver.failing = undefined;
  await ward.put({ resourceType: 'Patient', id: ward.other.slice(8), deceasedBoolean: true });
  await ward.direct.write({ method: 'POST', resource: phq9(ward.other, { 9: 1 }) });
  await ward.direct.write({ method: 'POST', resource: phq9(ward.patient, { 9: 1 }, { authored: '2020-01-01' }) });
  await ward.watch({}, { fromMs: Date.parse('2025-01-01T00:00:00Z') });
}

const firstOf = (type: string): FhirResource => written.find((it) => it.resourceType === type) as FhirResource;
const faulty = (): FhirResource[] =>
  FAULTS.map(([, type, , change]) => ({ ...opened(type), ...change }) as FhirResource);
/** The first of a type, as it is when it is new. */
const opened = (type: string): FhirResource => {
  const resource = firstOf(type);
  if (resource.resourceType === 'Flag')
    return { ...resource, status: 'active', period: { start: '2026-11-23T08:00:00Z' } };
  if (resource.resourceType !== 'Task') return resource;
  const { output: _closed, ...rest } = resource;
  return { ...rest, status: 'requested' };
};

test('the HL7 validator finds no error in any Flag, Task, notice, Provenance or list that the safety path writes', () => {
  expect(errorLines(written, verdicts.slice(0, written.length))).toEqual([]);
});

test('among it are raised, acknowledged and closed signs, notices that arrived and that did not, and the list of old answers', () => {
  const of = (type: string, pick: (it: FhirResource) => unknown) =>
    [...new Set(written.filter((it) => it.resourceType === type).map((it) => String(pick(it))))].sort();
  const status = (it: FhirResource) => ('status' in it ? it.status : '');
  expect(of('Flag', status)).toEqual(['active', 'inactive']);
  expect(of('Task', status)).toEqual(expect.arrayContaining(['completed', 'requested']));
  expect(of('Communication', status)).toEqual(['completed', 'not-done']);
  expect([of('List', status), of('Provenance', (it) => it.resourceType)]).toEqual([['current'], ['Provenance']]);
});

test.each(FAULTS.map(([title, , refusedBy], index) => [title, refusedBy, index] as const))(
  'the HL7 validator refuses %s',
  (_title, refusedBy, index) => {
    const at = written.length + index;
    expect(errorLines([faulty()[index]!], [verdicts[at]!]).join('\n')).toMatch(refusedBy);
  },
);
