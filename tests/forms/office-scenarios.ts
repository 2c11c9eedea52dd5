import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { AuditEvent, QuestionnaireResponse } from 'fhir/r4.js';
import { deliverAccesses } from '../../src/pipeline/audit/deliver-accesses.ts';
import { computeAlliance } from '../../src/pipeline/compute-alliance.ts';
import { MARKER, scoresOf, sus } from '../http/rig.ts';
import { answered, openWard, type Person, Q, type Told, type Ward } from './rig.ts';

/** What the coordinator and the privacy officer see and do, and what of it is recorded. */
export function officeScenarios(serverOf: () => Promise<string>): void {
  let ward: Ward;
  let coordinator: Person;
  let officer: Person;
  beforeAll(async () => {
    ward = await openWard(await serverOf());
    await ward.put(
      { resourceType: 'Practitioner', id: 'c1', name: [{ text: 'Clara Coordina' }] },
      { resourceType: 'Practitioner', id: 't1', name: [{ text: 'Anna Vidal' }] },
      { resourceType: 'Practitioner', id: 'o1', name: [{ text: 'Olga Oficial' }] },
    );
    coordinator = await ward.person('Practitioner/c1', { roles: ['coordinator'], name: 'Clara Coordina' });
    officer = await ward.person('Practitioner/o1', { roles: ['privacy-officer'], name: 'Olga Oficial' });
  });
  afterAll(() => ward.stop());

  const run = () => computeAlliance(ward.vincle.ports, { ...ward.vincle.now, overlapMs: 0, all: true });
  const deliver = () => deliverAccesses(ward.vincle.ports, { holder: randomUUID(), now: Date.now });
  /** What waits about one patient; on a server that others use too, every page is looked through. */
  const waiting = async (patient: string, filter = '') => {
    const items: Told['json'][] = [];
    for (let [page, pages] = [1, 1]; page <= pages; page += 1) {
      const { json } = await coordinator.ask('GET', `/api/review?page=${page}${filter}`);
      pages = json.pages;
      items.push(...json.items);
    }
    return items.filter((it) => it.patient?.id === patient);
  };
  /** Of the visit that these ratings are of: others rated p2 at other times. */
  const ofVisit = async () =>
    (await scoresOf(ward.direct, 'sus')).filter(
      (it) => it.subject?.reference === 'Patient/p2' && it.effectiveDateTime?.startsWith('2026-05-1') === true,
    );
  const audits = async (): Promise<AuditEvent[]> => {
    const found: AuditEvent[] = [];
    for await (const { resources } of ward.direct.search({ type: 'AuditEvent', params: [['_count', '500']] }))
      found.push(...resources);
    return found;
  };

  test('a refused response waits with its item and reason; the coordinator closes it with a reason, once', async () => {
    const refused = sus('p1', '9', { identifier: { system: 'urn:t', value: randomUUID() } });
    await ward.direct.write({ method: 'POST', resource: refused });
    await run();
    const queue = await waiting('p1');
    const [item] = queue.filter((it) => it.issues.some((one: { linkId?: string }) => one.linkId === 'sus-1'));
    expect(item.issues[0]).toMatchObject({ linkId: 'sus-1' });
    expect(item).toMatchObject({
      patient: { recordNumber: 'MRN-p1', birthDate: '1970-01-02' },
      rater: { kind: 'patient' },
      mayOpen: true,
      actions: ['refuse', 'close'],
    });
    expect(JSON.stringify(queue)).not.toContain('valueCoding');
    const path = `/api/review/${item.task}`;
    expect(await coordinator.ask('POST', path, { action: 'close' })).toMatchObject({
      status: 422,
      reason: 'reason-missing',
    });
    expect((await coordinator.ask('POST', path, { action: 'close', note: 'paper was illegible' })).status).toBe(200);
    expect(await coordinator.ask('POST', path, { action: 'close', note: 'again' })).toMatchObject({ status: 409 });
    const task = await ward.direct.read('Task', item.task);
    expect(task).toMatchObject({ status: 'completed', owner: { reference: 'Practitioner/c1' } });
    // What a person closed stays closed.
    await run();
    expect((await ward.direct.read('Task', item.task))?.status).toBe('completed');
  });

  test('of a rating of the alliance the queue says who gave it and when, and never opens it', async () => {
    const wai: QuestionnaireResponse = {
      resourceType: 'QuestionnaireResponse',
      identifier: { system: 'urn:t', value: randomUUID() },
      status: 'completed',
      questionnaire: `${Q}/wai-s-t|1.0.0`,
      subject: { reference: 'Patient/p1' },
      source: { reference: 'Practitioner/t1' },
      authored: '2026-05-11T10:00:00+02:00',
      item: [{ linkId: 'wai-4', answer: [{ valueCoding: { code: '9' } }] }],
    };
    await ward.direct.write({ method: 'POST', resource: wai });
    await run();
    const found = (await waiting('p1')).filter((it) => it.rater?.kind === 'therapist');
    expect(found).toMatchObject([{ mayOpen: false, authored: wai.authored, rater: { name: 'Anna Vidal' } }]);
  });

  test('a later rating of the same visit counts once the coordinator accepts it', async () => {
    const [first, later] = [
      sus('p2', '3', { authored: '2026-05-11T10:00:00+02:00' }),
      sus('p2', '5', { authored: '2026-05-12T10:00:00+02:00' }),
    ];
    for (const resource of [first, later]) await ward.direct.write({ method: 'POST', resource });
    await run();
    const [item, ...others] = await waiting('p2', '&reason=not-counted');
    expect([item.actions, others]).toEqual([['accept', 'close'], []]);
    const path = `/api/review/${item.task}`;
    expect((await coordinator.ask('POST', path, { action: 'accept', note: 'the first was a test' })).status).toBe(200);
    const scores = await ofVisit();
    const tagged = scores.filter((it) => it.meta?.tag?.some((tag) => tag.code === 'not-counted'));
    // Brooke 1996: neutral throughout is 50; it is the one that counts no more.
    expect(tagged.map((it) => it.derivedFrom?.[0]?.reference)).not.toContain(
      `QuestionnaireResponse/${item.responseId}`,
    );
    expect(tagged.map((it) => it.valueQuantity?.value)).toEqual([50]);
    // It was decided with the other: nobody is asked about it again.
    expect(await waiting('p2', '&reason=not-counted')).toEqual([]);
    expect((await coordinator.ask('POST', path, { action: 'accept', note: 'again' })).status).toBe(409);
  });

  test('a later rating that the coordinator leaves as it is counts no more than before, and is off the queue', async () => {
    const left = () => waiting('p2', '&reason=not-counted');
    const third = sus('p2', '1', { authored: '2026-05-13T10:00:00+02:00' });
    await ward.direct.write({ method: 'POST', resource: third });
    await run();
    const [item] = await left();
    const path = `/api/review/${item.task}`;
    expect((await coordinator.ask('POST', path, { action: 'close', note: 'the accepted one stands' })).status).toBe(
      200,
    );
    expect(await left()).toEqual([]);
    await run();
    expect(await left()).toEqual([]);
    const scores = await ofVisit();
    const counted = scores.filter((it) => !it.meta?.tag?.some((tag) => tag.code === 'not-counted'));
    // Brooke 1996: 5 throughout is 50 too; what counts is still the second of the three.
    expect(counted.map((it) => it.derivedFrom?.[0]?.reference)).not.toContain(
      `QuestionnaireResponse/${item.responseId}`,
    );
    expect(counted).toHaveLength(1);
  });

  test('what could not be delivered is listed without content, replayed, or dropped', async () => {
    const at = new Date().toISOString();
    for (const id of ['dead-1', 'dead-2']) {
      await ward.vincle.state.enqueue({
        id,
        stream: id,
        label: 'QuestionnaireResponse to sus',
        payload: { write: { method: 'POST', resource: sus('p1', '3') } },
        enqueuedAt: at,
        nextAttemptAt: '2099-01-01T00:00:00.000Z',
      });
      await ward.vincle.state.failed(id, `rejected: ${MARKER}`);
    }
    const list = await coordinator.ask('GET', '/api/dead-letters');
    expect(list.json.letters.map((it: { id: string; reason: string }) => [it.id, it.reason])).toEqual([
      ['dead-1', 'rejected'],
      ['dead-2', 'rejected'],
    ]);
    expect(JSON.stringify(list.json)).not.toContain(MARKER);
    const reason = { reason: 'the server was set up anew' };
    for (const act of ['dead-1/replay', 'dead-2/drop'])
      expect(await coordinator.ask('POST', `/api/dead-letters/${act}`, { reason: ' ' })).toMatchObject({
        status: 422,
        reason: 'reason-missing',
      });
    expect((await coordinator.ask('POST', '/api/dead-letters/dead-1/replay', reason)).status).toBe(200);
    expect((await coordinator.ask('POST', '/api/dead-letters/dead-2/drop', reason)).status).toBe(200);
    const accesses = (await ward.vincle.state.listEntries()).map((it) => JSON.stringify(it.payload));
    expect(accesses.filter((it) => it.includes(reason.reason))).toHaveLength(2);
    expect((await coordinator.ask('GET', '/api/dead-letters')).json.letters).toEqual([]);
    expect((await coordinator.ask('POST', '/api/dead-letters/nobody/replay', reason)).status).toBe(404);
    await ward.vincle.state.drop('dead-1');
  });

  test('jobs show their last runs as counts, response rates how many were asked and answered', async () => {
    await ward.vincle.state.recordRun({
      job: 'alliance',
      startedAt: '2026-11-01T00:00:00.000Z',
      endedAt: new Date().toISOString(),
      ok: true,
      result: { read: 3, scored: 2, checkpoint: 'x', refusedWhy: { a: MARKER } },
    });
    const jobs = (await coordinator.ask('GET', '/api/jobs')).json.jobs;
    expect(jobs.find((it: { name: string }) => it.name === 'alliance')).toMatchObject({
      isLate: false,
      lastRun: { ok: true, counts: { read: 3, scored: 2 } },
    });
    expect(JSON.stringify(jobs)).not.toContain(MARKER);
    await ward.task('rate-1', 'gad-7', 'Patient/p1', { status: 'completed' });
    await ward.task('rate-2', 'gad-7', 'Patient/p2');
    const { json } = await coordinator.ask('GET', '/api/response-rates');
    expect(json.rates.find((it: { instrument: string }) => it.instrument === 'gad-7')).toMatchObject({
      rater: 'patient',
      asked: 2,
      answered: 1,
      expired: 0,
    });
    expect(JSON.stringify(json)).not.toContain('Practitioner');
  });

  test('a role opens its own pages alone, and a launch from a chart none of them', async () => {
    const pages = ['/api/review', '/api/dead-letters', '/api/jobs', '/api/response-rates', '/api/accesses'];
    const people: readonly (readonly [string, Person, readonly string[]])[] = [
      ['coordinator', coordinator, pages.slice(0, 4)],
      ['privacy officer', officer, ['/api/accesses']],
      ['therapist', await ward.person('Practitioner/t1', { roles: ['psycho-oncologist'] }), []],
      ['patient', await ward.person('Patient/p1'), []],
      [
        'coordinator in a chart',
        await ward.person('Practitioner/c1', { roles: ['coordinator'], patient: 'Patient/p1' }),
        [],
      ],
    ];
    for (const [who, person, open] of people)
      for (const page of pages)
        expect([who, page, (await person.ask('GET', page)).status]).toEqual([
          who,
          page,
          open.includes(page) ? 200 : 403,
        ]);
  });

  test('every access is on the hospital’s server as an AuditEvent of BALP, and the patient sees who looked', async () => {
    await ward.task('seen', 'phq-4', 'Patient/p1');
    const maria = await ward.person('Patient/p1', { language: 'en' });
    const form = (await maria.ask('GET', '/api/forms/seen?language=en')).json;
    const body = { items: answered(form.items, 1), language: 'en', key: 'seen-key-1' };
    expect((await maria.ask('POST', '/api/forms/seen/response', body)).status).toBe(200);
    expect((await deliver()).waiting).toBe(0);
    const mine = (await audits()).filter((it) =>
      it.agent.some((one) => one.requestor && one.who?.reference === 'Patient/p1'),
    );
    const created = mine.find((it) => it.action === 'C');
    expect(created?.meta?.profile).toEqual([
      'https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.PatientCreate',
    ]);
    expect(created?.entity?.find((it) => it.role?.code === '1')?.what?.reference).toBe('Patient/p1');
    expect(JSON.stringify(mine)).not.toContain(MARKER);
    const copy = (await maria.ask('GET', '/api/copy')).json;
    const own = copy.responses.find((it: { title: { en: string } }) => it.title.en.includes('PHQ-4'));
    expect(own.answers[0]).toMatchObject({ linkId: 'phq4-1', answer: 'Several days' });
    const told = await officer.ask('GET', '/api/accesses?patient=p1');
    expect(told.json.rows.length).toBeGreaterThan(2);
    expect(told.json.rows[0]).toMatchObject({ patient: { id: 'p1' } });
    expect(
      (await officer.ask('GET', '/api/accesses?who=c1')).json.rows.every(
        (it: { who: { reference: string } }) => it.who.reference === 'Practitioner/c1',
      ),
    ).toBe(true);
  });

  test('a patient’s copy names who looked at it, and never what a therapist answered', async () => {
    await ward.vincle.state.forgetExpired(new Date().toISOString());
    const nuria = await ward.person('Patient/p2', { language: 'en' });
    const before = (await nuria.ask('GET', '/api/copy')).json;
    const id = before.responses[0].id;
    await ward.direct.write({
      method: 'PUT',
      resource: {
        resourceType: 'QuestionnaireResponse',
        id: 'of-therapist',
        status: 'completed',
        questionnaire: 'https://w3id.org/vincle/Questionnaire/wai-s-t|1.0.0',
        subject: { reference: 'Patient/p2' },
        source: { reference: 'Practitioner/t1' },
        authored: '2026-05-11',
      },
    });
    await ward.put({
      resourceType: 'AuditEvent',
      id: randomUUID(),
      type: { system: 'http://terminology.hl7.org/CodeSystem/audit-event-type', code: 'rest' },
      action: 'R',
      recorded: new Date().toISOString(),
      outcome: '0',
      agent: [
        {
          requestor: true,
          who: { reference: 'Practitioner/t1' },
          name: 'Anna Vidal',
          role: [{ coding: [{ system: 'https://w3id.org/vincle/CodeSystem/role', code: 'psycho-oncologist' }] }],
        },
      ],
      source: { observer: { reference: 'Device/vincle' } },
      entity: [
        { what: { reference: 'Patient/p2' }, role: { code: '1' } },
        { what: { reference: `QuestionnaireResponse/${id}` }, role: { code: '4' } },
      ],
    });
    const { json } = await nuria.ask('GET', '/api/copy');
    expect(json.responses.map((it: { id: string }) => it.id)).not.toContain('of-therapist');
    const looks = json.responses.find((it: { id: string }) => it.id === id).looks;
    expect(looks.map((it: { who: string }) => it.who).join()).toContain('Anna Vidal');
    expect(looks.some((it: { isSelf: boolean }) => it.isSelf)).toBe(true);
    expect((await (await ward.person('Practitioner/t1')).ask('GET', '/api/copy')).status).toBe(403);
  });
}
