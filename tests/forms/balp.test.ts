import { expect, test } from '@jest/globals';
import type { AuditEvent } from 'fhir/r4.js';
import { type AccessAction, type AccessEvent, auditEvent, readAuditEvent } from '../../src/domain/access-event.ts';

/*
 * The rules of IHE BALP 1.1 (ITI.BasicAudit: Create, Read, Update, Delete, Query, each with its Patient pattern), as its
 * profiles state them. The profiles themselves are not in the tree: https://profiles.ihe.net/ITI/BALP/.
 */
const DCM = 'http://dicom.nema.org/resources/ontology/DCM';
const REST = 'http://hl7.org/fhir/restful-interaction';
const ENTITY = 'http://terminology.hl7.org/CodeSystem/audit-entity-type';
const ROLE = 'http://terminology.hl7.org/CodeSystem/object-role';
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

interface Pattern {
  readonly name: string;
  readonly action: string;
  readonly subtype: string;
  /** DICOM code of the client, which asks, and of the server. */
  readonly client: string;
  readonly server: string;
}

const PATTERNS: readonly (readonly [AccessAction, readonly string[], Pattern])[] = [
  [
    'read',
    ['QuestionnaireResponse/r1'],
    { name: 'Read', action: 'R', subtype: 'read', client: '110152', server: '110153' },
  ],
  [
    'create',
    ['QuestionnaireResponse/r1'],
    { name: 'Create', action: 'C', subtype: 'create', client: '110153', server: '110152' },
  ],
  ['update', ['Task/t'], { name: 'Update', action: 'U', subtype: 'update', client: '110153', server: '110152' }],
  ['delete', ['Task/t'], { name: 'Delete', action: 'D', subtype: 'delete', client: '110153', server: '110152' }],
  [
    'read',
    ['Observation', 'Task'],
    { name: 'Query', action: 'E', subtype: 'search', client: '110153', server: '110152' },
  ],
];

const agentsOf = (it: AuditEvent, system: string, code: string) =>
  it.agent.filter((one) => one.type?.coding?.some((c) => c.system === system && c.code === code));
const entitiesOf = (it: AuditEvent, code: string) =>
  (it.entity ?? []).filter((one) => one.type?.system === ENTITY && one.type.code === code);

test.each(PATTERNS)(
  'an access that is a %s of %j has the elements of its BALP pattern',
  (action, resources, pattern) => {
    for (const patient of ['Patient/p1', undefined]) {
      const { patient: _given, ...rest } = event({ action, resources });
      const it = auditEvent(patient === undefined ? rest : { ...rest, patient }, PLACE);
      const name = `${patient === undefined ? '' : 'Patient'}${pattern.name}`;
      expect(it.meta?.profile).toEqual([
        `https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.${name}`,
      ]);
      expect(it.type).toMatchObject({
        system: 'http://terminology.hl7.org/CodeSystem/audit-event-type',
        code: 'rest',
      });
      expect(it.subtype).toMatchObject([{ system: REST, code: pattern.subtype }]);
      expect([it.action, it.outcome, it.recorded]).toEqual([pattern.action, '0', '2026-11-23T10:00:00.000Z']);
      // agent: client 1..1 and server 1..1, each with who and network, neither with a role, a name or a purpose.
      for (const code of [pattern.client, pattern.server]) {
        const [agent, ...more] = agentsOf(it, DCM, code);
        expect(more).toEqual([]);
        expect(agent?.who).toBeDefined();
        expect(agent?.network?.address).toBeDefined();
        for (const absent of ['role', 'altId', 'name', 'location', 'policy', 'media', 'purposeOfUse'] as const)
          expect(agent?.[absent]).toBeUndefined();
      }
      // agent: user 0..1, the requestor, without a network.
      const [user, ...users] = agentsOf(it, 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', 'IRCP');
      expect(users).toEqual([]);
      expect(user).toMatchObject({ requestor: true, who: { reference: 'Practitioner/t1' } });
      expect(user?.network).toBeUndefined();
      expect(it.agent.filter((one) => one.requestor)).toHaveLength(1);
      // entity: patient 1..1 of the patient patterns, with nothing but who it is.
      const people = entitiesOf(it, '1');
      expect(people.map((one) => one.what?.reference)).toEqual(patient === undefined ? [] : [patient]);
      for (const one of people) {
        expect(one.role).toMatchObject({ system: ROLE, code: '1' });
        for (const absent of ['lifecycle', 'securityLabel', 'name', 'query', 'detail'] as const)
          expect(one[absent]).toBeUndefined();
      }
      // entity: data 1..1 with what, or query 1..1 with the request; both are system objects, so there is one of them.
      const [data, ...others] = entitiesOf(it, '2');
      expect(others).toEqual([]);
      if (pattern.name === 'Query') {
        expect(data?.role).toMatchObject({ system: ROLE, code: '24' });
        expect(data?.what).toBeUndefined();
        expect(atob(data?.query ?? '')).toBe('GET /api/patients/:id');
      } else {
        expect(data?.role).toMatchObject({ system: ROLE, code: '4' });
        expect(data?.what?.reference).toBe(resources[0]);
      }
      expect(data?.name ?? data?.detail ?? data?.lifecycle).toBeUndefined();
      // entity: transaction 0..1 with the request’s id.
      const transaction = (it.entity ?? []).filter((one) => one.type?.code === 'XrequestId');
      expect(transaction.map((one) => one.what?.identifier?.value)).toEqual([it.id]);
    }
  },
);

test('an access says what EHDS Annex II 3.2 asks for: provider, individual, categories, time and origin', () => {
  const it = auditEvent(event({ resources: ['Observation', 'QuestionnaireResponse/r1', 'Task/t'] }), PLACE);
  const categories = (it.entity ?? []).flatMap((one) => one.detail ?? []).map((one) => one.valueString);
  expect(categories).toEqual(['Observation', 'QuestionnaireResponse', 'Task']);
  expect(it.source.site).toBe('https://fhir.example/r4');
  expect(it.source.observer.reference).toBe('Device/vincle');
  expect(it.purposeOfEvent?.[0]?.coding?.[0]?.code).toBe('TREAT');
});

test('a refused access is recorded as a minor failure and claims no pattern of success', () => {
  const it = auditEvent(event({ ok: false }), PLACE);
  expect([it.outcome, it.meta]).toEqual(['4', undefined]);
});

test('what was recorded is read back as it was', () => {
  for (const [action, resources] of PATTERNS) {
    const given = event({ action, resources });
    expect(readAuditEvent(auditEvent(given, PLACE))).toEqual({ ...given, asked: '' });
  }
});
