import { beforeAll, expect, test } from '@jest/globals';
import type { AuditEvent, FhirResource } from 'fhir/r4.js';
import { type AccessEvent, auditEvent } from '../../src/domain/access-event.ts';
import { paperProvenance, reviewProvenance } from '../../src/domain/review-provenance.ts';
import { errorLines, type Issue, judge } from './judge.ts';

const PLACE = { baseUrl: 'https://fhir.example/r4', publicUrl: 'https://vincle.example' };
const event = (more: Partial<AccessEvent>): AccessEvent => ({
  id: '3f0c5d1e-7a51-4c44-9a53-8d1f8a2f9b10',
  at: '2026-11-23T10:00:00.000Z',
  action: 'read',
  ok: true,
  who: { reference: 'Practitioner/t1', name: 'Anna Vidal', roles: ['psycho-oncologist'] },
  patient: 'Patient/p1',
  resources: ['QuestionnaireResponse/r1'],
  purpose: 'TREAT',
  asked: 'GET /api/patients/:id',
  ...more,
});
const by = { by: 'Practitioner/c1', at: '2026-11-23T10:00:00.000Z', note: 'illegible' };

/** BALP’s own profiles are not at hand to the judge: base R4 is what it holds them to. */
const plain = ({ meta: _meta, ...it }: AuditEvent): AuditEvent => it;
const written: readonly FhirResource[] = [
  plain(auditEvent(event({}), PLACE)),
  plain(auditEvent(event({ action: 'create' }), PLACE)),
  plain(auditEvent(event({ action: 'update', resources: ['Task/t', 'QuestionnaireResponse/r1'] }), PLACE)),
  plain(auditEvent(event({ resources: ['Observation', 'Task'] }), PLACE)),
  plain(auditEvent(event({ ok: false }), PLACE)),
  plain(auditEvent(event({ action: 'update', reason: 'entered twice' }), PLACE)),
  plain(auditEvent(event({ who: { reference: 'Patient/p1', roles: [] }, purpose: 'PATRQT' }), PLACE)),
  reviewProvenance('Task/t', 'close', by),
  reviewProvenance('QuestionnaireResponse/r1', 'accept', by),
  paperProvenance('QuestionnaireResponse/r1', { ...by, transcribers: ['Practitioner/c1', 'Practitioner/c2'] }),
];
const broken: readonly FhirResource[] = [
  { ...plain(auditEvent(event({}), PLACE)), agent: [] },
  { ...plain(auditEvent(event({}), PLACE)), entity: [{ name: 'both', query: 'YQ==' }] },
];
let verdicts: Issue[][];
beforeAll(async () => {
  verdicts = await judge([...written, ...broken]);
}, 300_000);

test('the HL7 judge accepts every record of an access, of a review and of a paper entry', () => {
  expect(errorLines(written, verdicts.slice(0, written.length))).toEqual([]);
});

test('the judge refuses a record without anybody in it, and one whose entity is both named and a query', () => {
  const lines = broken.map((it, index) => errorLines([it], verdicts.slice(written.length + index)).length > 0);
  expect(lines).toEqual([true, true]);
});
