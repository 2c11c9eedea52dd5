import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { CarePlan, CareTeam, Patient, ResearchSubject } from 'fhir/r4.js';
import { openState } from '../../src/state/open.ts';
import { type FaultProxy, isTransaction, startProxy } from '../faults/proxy.ts';
import { type Clinic, type ClinicOptions, carePlan, consent, INCLUDED, openClinic, ownForm } from './clinic.ts';
import { type NoticeReceiver, startReceiver } from './receiver.ts';

/** Included on 10 January 2025, the third month is open from 25 February to 24 May; its Tasks are made on 18 February. */
const [TOO_EARLY, AHEAD, OPEN] = ['2025-02-17T12:00:00Z', '2025-02-18T12:00:00Z', '2025-02-25T12:00:00Z'];
/** 11 and 25 March, nine in the morning in Madrid. */
const [FIRST, SECOND] = ['2025-03-11T08:00:00Z', '2025-03-25T08:00:00Z'];
const [LAST_DAY, PAST] = ['2025-05-24T21:59:00Z', '2025-05-25T00:00:00Z'];

/** What the schedule does on good and bad days, against a real server. */
export function keepingSchedule(name: string, baseUrlOf: () => string): void {
  describe(`the schedule, ${name}`, () => {
    let receiver: NoticeReceiver;
    let proxy: FaultProxy;
    let serial = 0;
    let it: Clinic;
    const open = (more: Partial<ClinicOptions> = {}): Promise<Clinic> => {
      serial += 1;
      const id = `sch-${process.pid.toString(36)}-${name.length}-${serial}`;
      return openClinic(id, { baseUrl: proxy.baseUrl, directUrl: baseUrlOf(), receiver, ...more });
    };

    beforeAll(async () => {
      receiver = await startReceiver();
      proxy = await startProxy(baseUrlOf());
    });
    afterAll(async () => {
      await proxy.stop();
      await receiver.stop();
    });
    beforeEach(async () => {
      it = await open();
      await it.put(...it.admit('p'));
    });
    afterEach(() => {
      proxy.faults.length = 0;
      proxy.seen.length = 0;
      receiver.arrived.length = 0;
      receiver.answer = () => 204;
    });
    const told = () => receiver.arrived.filter(({ to }) => to.includes(it.id)).map(({ to }) => to.slice(-1));
    const three = (state: string) => [`sus p ${state}`, `wai-s-p p ${state}`, `wai-s-t t ${state}`];

    test('made ahead, open, reminded, completed by what arrives, and the rest expired', async () => {
      await it.keep(TOO_EARLY);
      expect(await it.board()).toEqual([]);
      await it.keep(AHEAD);
      expect(await it.board()).toEqual(three('requested'));
      await it.keep(OPEN);
      expect(await it.board()).toEqual(three('ready'));
      await it.keep(FIRST);
      expect(await it.board()).toEqual(three('ready reminded'));
      expect(told().sort()).toEqual(['p', 't']);
      const response = await it.answer('wai-s-p', '2025-03-20T10:00:00+01:00');
      await it.keep('2025-03-20T11:00:00Z');
      expect(await it.board()).toEqual([
        'sus p ready reminded',
        'wai-s-p p completed reminded',
        'wai-s-t t ready reminded',
      ]);
      const done = (await it.tasks()).find((task) => task.status === 'completed');
      expect(done?.output?.[0]?.valueReference?.reference).toBe(response);
      await it.keep(LAST_DAY);
      expect((await it.board())[0]).toBe('sus p ready reminded');
      await it.keep(PAST);
      expect(await it.board()).toEqual([
        'sus p failed expired',
        'wai-s-p p completed reminded',
        'wai-s-t t failed expired',
      ]);
    });

    test('patient and therapist have their own, each about the other’s work', async () => {
      await it.keep(OPEN);
      const found = (await it.tasks()).map((task) => [
        task.input?.[0]?.valueCanonical?.replace(/^.*\//, ''),
        task.for?.reference,
        task.owner?.reference,
        task.focus?.reference,
      ]);
      expect(found.sort()).toEqual([
        ['sus|1.0.0', it.patient, it.patient, undefined],
        ['wai-s-p|1.0.0', it.patient, it.patient, it.therapist],
        ['wai-s-t|1.0.0', it.patient, it.therapist, it.therapist],
      ]);
    });

    test('one message a day to one person, whatever waits for them, and never the same again', async () => {
      await it.put(...it.admit('q'));
      await it.keep(FIRST);
      await it.keep('2025-03-11T08:05:00Z');
      await it.keep('2025-03-12T08:05:00Z');
      expect(told().sort()).toEqual(['p', 'q', 't']);
      await it.keep(SECOND);
      expect(told().sort()).toEqual(['p', 'p', 'q', 'q', 't', 't']);
      expect(new Set(receiver.arrived.map(({ id }) => id)).size).toBe(receiver.arrived.length);
    });

    test('what goes out names no patient, instrument or answer, and speaks the language of whoever reads it', async () => {
      await it.keep(FIRST);
      const [toPatient] = receiver.arrived.filter(({ to }) => to === it.patient);
      const [toTherapist] = receiver.arrived.filter(({ to }) => to === it.therapist);
      expect([toPatient?.language, toTherapist?.language]).toEqual(['ca', 'es']);
      expect(toTherapist?.body).not.toContain(it.patient);
      for (const { body } of receiver.arrived) expect(body).not.toMatch(/Synthetic|wai|sus\b|alliance|example\.org/i);
    });

    test('delivery is stored: the request, then what came of it, without an address', async () => {
      await it.keep(FIRST);
      const requests = await it.all('CommunicationRequest', 'recipient', it.patient);
      const records = await it.all('Communication', 'recipient', it.patient);
      expect(requests.map(({ status, about }) => [status, about?.length])).toEqual([['completed', 2]]);
      expect(records.map(({ status, sent, basedOn }) => [status, sent, basedOn?.[0]?.reference])).toEqual([
        ['completed', '2025-03-11T08:00:00.000Z', `CommunicationRequest/${requests[0]?.id}`],
      ]);
      expect(JSON.stringify([requests, records])).not.toContain('example.org');
    });

    test.each([
      [
        'no consent to be contacted was given',
        (clinic: Clinic) =>
          clinic.put({ ...consent(`${clinic.id}-p`, 'contact', 'permit'), status: 'inactive' } as never),
      ],
      ['contact was denied', (clinic: Clinic) => clinic.put(consent(`${clinic.id}-p`, 'contact', 'deny'))],
      [
        'an order forbids reminders',
        (clinic: Clinic) =>
          clinic.put({
            resourceType: 'CommunicationRequest',
            id: `${clinic.id}-never`,
            status: 'active',
            doNotPerform: true,
            category: [
              {
                coding: [{ system: 'http://terminology.hl7.org/CodeSystem/communication-category', code: 'reminder' }],
              },
            ],
            subject: { reference: clinic.patient },
            recipient: [{ reference: clinic.patient }],
          }),
      ],
    ])('where %s, the patient is asked and not written to; the therapist is', async (_why, say) => {
      await say(it);
      const run = await it.keep(FIRST);
      expect(await it.board()).toEqual(['sus p ready', 'wai-s-p p ready', 'wai-s-t t ready reminded']);
      expect(told()).toEqual(['t']);
      expect(Object.values(run.notReminded)).toEqual([1]);
    });

    test('where a patient cannot be reached, that is stored and the therapist is told at once', async () => {
      receiver.answer = (to) => (to === it.patient ? 422 : 204);
      const run = await it.keep(FIRST);
      expect([run.undelivered, told().sort()]).toEqual([1, ['p', 't', 't']]);
      const [record] = await it.all('Communication', 'recipient', it.patient);
      expect([record?.status, record?.statusReason?.text]).toEqual(['not-done', 'refused: HTTP 422']);
      const [request] = await it.all('CommunicationRequest', 'recipient', it.patient);
      expect(request?.status).toBe('revoked');
    });

    test('a channel that is away is tried again under the same id, and the record becomes that of the delivery', async () => {
      receiver.answer = () => 'cut';
      await it.keep(FIRST);
      expect(await it.board()).toEqual(three('ready'));
      receiver.answer = () => 204;
      await it.keep('2025-03-11T08:10:00Z');
      // One try was enough to know: nobody else waited for a timeout of their own.
      expect(told().length).toBe(1);
      await it.keep('2025-03-11T08:20:00Z');
      expect(await it.board()).toEqual(three('ready reminded'));
      const [record, ...others] = await it.all('Communication', 'recipient', it.patient);
      expect([record?.status, others.length]).toEqual(['completed', 0]);
      const ids = receiver.arrived.filter(({ to }) => to === it.patient).map(({ id }) => id);
      expect(new Set(ids).size).toBe(1);
      await it.keep('2025-03-11T08:40:00Z');
      expect(receiver.arrived.filter(({ to }) => to === it.patient).length).toBe(ids.length);
    });

    test('killed after the claim and before its end, the message goes out again with the same id, once', async () => {
      await it.keep(OPEN);
      const isRecord = (body: string) => body.includes('"resourceType":"Communication"');
      proxy.faults.push({ when: (p) => p.method === 'POST' && isRecord(p.body), times: 9, cutBefore: true });
      await expect(it.keep(FIRST)).rejects.toThrow();
      const sent = receiver.arrived.map(({ id }) => id);
      expect(sent.length).toBe(1);
      proxy.faults.length = 0;
      await it.keep('2025-03-11T08:05:00Z');
      expect(receiver.arrived.filter(({ id }) => id === sent[0]).length).toBe(1);
      await it.keep('2025-03-11T08:30:00Z');
      expect(receiver.arrived.filter(({ id }) => id === sent[0]).length).toBe(2);
      await it.keep('2025-03-11T09:30:00Z');
      expect(receiver.arrived.filter(({ id }) => id === sent[0]).length).toBe(2);
      expect(await it.board()).toEqual(three('ready reminded'));
    });

    test('two replicas on one schedule: one Task a key, one message a person', async () => {
      const states = [it.state, await openState('sqlite::memory:')];
      const both = (at: string) =>
        Promise.all(
          states.map((state) => {
            it.state = state;
            return it.keep(at);
          }),
        );
      await both(AHEAD);
      await both(OPEN);
      await both(FIRST);
      await both('2025-03-11T08:30:00Z');
      expect(await it.board()).toEqual(three('ready reminded'));
      expect(told().sort()).toEqual(['p', 't']);
      const versions = (await it.tasks()).map((task) => Number(task.meta?.versionId));
      expect(Math.max(...versions)).toBeLessThanOrEqual(4);
    });

    test('a month of downtime: what passed is one failed Task each, and nobody is reminded of the past', async () => {
      await it.put(carePlan(`${it.id}-p`, '2025-01-10'));
      await it.keep('2025-01-10T12:00:00Z');
      expect(await it.board()).toEqual(['distress-thermometer p ready']);
      // Distress: windows from 10 January, 7 February, 7 March; each 14 days.
      await it.keep('2025-03-05T12:00:00Z');
      const board = await it.board();
      expect(board.filter((line) => line.startsWith('distress'))).toEqual([
        'distress-thermometer p failed expired',
        'distress-thermometer p failed expired',
        'distress-thermometer p requested',
      ]);
      expect(board.filter((line) => !line.startsWith('distress'))).toEqual(three('ready'));
      expect(told()).toEqual([]);
      await it.keep('2025-03-05T13:00:00Z');
      expect(await it.board()).toEqual(board);
    });

    test('state lost and everything asked again: not one more Task, not one more message', async () => {
      await it.keep(FIRST);
      const [before, messages] = [await it.tasks(), receiver.arrived.length];
      it.state = await openState('sqlite::memory:');
      await it.keep('2025-03-11T09:00:00Z');
      expect((await it.tasks()).map(({ id, meta }) => [id, meta?.versionId]).sort()).toEqual(
        before.map(({ id, meta }) => [id, meta?.versionId]).sort(),
      );
      expect(receiver.arrived.length).toBe(messages);
    });

    test('an inclusion that is corrected moves the Tasks and doubles none', async () => {
      await it.keep(PAST);
      expect(await it.board()).toEqual(three('failed expired'));
      const ids = (await it.tasks()).map(({ id }) => id).sort();
      const [subject] = await it.all('ResearchSubject', 'individual', it.patient);
      await it.put({ ...(subject as ResearchSubject), period: { start: '2025-02-10' } });
      await it.keep('2025-05-25T01:00:00Z');
      expect(await it.board()).toEqual(three('ready'));
      const moved = await it.tasks();
      expect(moved.map(({ id }) => id).sort()).toEqual(ids);
      // m3 is 10 May: from 27 March to 23 June.
      expect(new Set(moved.map((task) => task.restriction?.period?.start))).toEqual(
        new Set(['2025-03-26T23:00:00.000Z']),
      );
      await it.put({ ...(subject as ResearchSubject), period: { start: '2025-04-20' } });
      await it.keep('2025-05-25T02:00:00Z');
      expect(await it.board()).toEqual(three('cancelled rescheduled'));
      await it.put({ ...(subject as ResearchSubject), period: { start: INCLUDED } });
      await it.keep('2025-05-25T03:00:00Z');
      expect((await it.tasks()).map(({ id }) => id).sort()).toEqual(ids);
    });

    test('a clock that goes back an hour opens, closes and sends nothing again', async () => {
      await it.keep('2025-02-24T23:30:00Z');
      await it.keep('2025-03-11T08:30:00Z');
      const [before, messages] = [await it.tasks(), receiver.arrived.length];
      await it.keep('2025-03-11T07:30:00Z');
      await it.keep('2025-03-11T08:10:00Z');
      await it.keep('2025-02-24T22:30:00Z', { all: false });
      expect((await it.tasks()).map(({ id, meta }) => [id, meta?.versionId]).sort()).toEqual(
        before.map(({ id, meta }) => [id, meta?.versionId]).sort(),
      );
      expect(receiver.arrived.length).toBe(messages);
      await it.keep(PAST);
      await it.keep('2025-05-24T21:10:00Z');
      expect(await it.board()).toEqual(three('failed expired'));
    });

    test('answered in its window and arriving three months later, it completes what had expired', async () => {
      await it.keep(PAST);
      const response = await it.answer('sus', '2025-05-20T10:00:00+02:00');
      await it.keep('2025-08-20T10:00:00Z');
      expect(await it.board()).toEqual(['sus p completed', 'wai-s-p p failed expired', 'wai-s-t t failed expired']);
      const done = (await it.tasks()).find((task) => task.status === 'completed');
      expect(done?.output?.[0]?.valueReference?.reference).toBe(response);
    });

    test('answered three months late, it completes the window in which it was answered, and no other', async () => {
      await it.put(carePlan(`${it.id}-p`, '2025-01-10'));
      await it.keep('2025-01-11T10:00:00Z');
      await it.keep('2025-01-25T10:00:00Z');
      await it.answer('distress-thermometer', '2025-04-05T10:00:00+02:00');
      await it.keep('2025-04-06T10:00:00Z');
      // Windows open on 10 January, 7 February, 7 March and 4 April.
      const screenings = (await it.tasks())
        .filter((task) => task.input?.[0]?.valueCanonical?.includes('distress'))
        .map((task) => [task.restriction?.period?.start?.slice(0, 10), task.status]);
      expect(screenings.sort()).toEqual([
        ['2025-01-09', 'failed'],
        ['2025-02-06', 'failed'],
        ['2025-03-06', 'failed'],
        ['2025-04-03', 'completed'],
      ]);
    });

    test('an answer that is withdrawn opens its Task again', async () => {
      const response = await it.answer('sus', '2025-03-05T10:00:00+01:00');
      await it.keep('2025-03-06T10:00:00Z');
      expect((await it.board())[0]).toBe('sus p completed');
      const [stored] = await it.all('QuestionnaireResponse', '_id', response.split('/')[1] ?? '');
      await it.put({ ...stored!, status: 'entered-in-error' });
      await it.keep('2025-03-06T11:00:00Z');
      expect((await it.board())[0]).toBe('sus p ready');
      expect((await it.tasks()).every((task) => task.output === undefined)).toBe(true);
    });

    test('a draft is seen, and a Task that the patient’s app completed itself stays as it is', async () => {
      await it.keep(OPEN);
      await it.answer('sus', '2025-02-26T10:00:00+01:00', { status: 'in-progress' });
      const [paper] = (await it.tasks()).filter((task) => task.input?.[0]?.valueCanonical?.includes('wai-s-p'));
      await it.put({
        ...paper!,
        status: 'completed',
        output: [
          {
            type: { text: 'response' },
            valueReference: { reference: 'https://elsewhere.example/QuestionnaireResponse/1' },
          },
        ],
      });
      await it.keep('2025-02-26T11:00:00Z');
      await it.keep(PAST);
      expect(await it.board()).toEqual(['sus p failed expired', 'wai-s-p p completed', 'wai-s-t t failed expired']);
    });

    test('a therapist who changes in mid-window: the old Tasks are cancelled and say so, the new one is asked', async () => {
      await it.keep(OPEN);
      const [team] = await it.all('CareTeam', 'subject', it.patient);
      await it.put({ ...(team as CareTeam), participant: [{ member: { reference: it.other } }] });
      await it.keep('2025-03-01T10:00:00Z');
      expect(await it.board()).toEqual([
        'sus p ready',
        'wai-s-p p cancelled therapist-changed',
        'wai-s-p p ready',
        'wai-s-t t cancelled therapist-changed',
        'wai-s-t u ready',
      ]);
      await it.keep(PAST);
      expect((await it.board()).filter((line) => line.includes('failed')).length).toBe(3);
      await it.put({ ...(team as CareTeam), participant: [{ member: { reference: it.therapist } }] });
      await it.keep('2025-05-26T00:00:00Z');
      expect((await it.tasks()).length).toBe(5);
    });

    test('who was rated before the change stays rated: nobody is asked again about somebody new', async () => {
      await it.answer('wai-s-p', '2025-03-01T10:00:00+01:00');
      await it.keep('2025-03-02T10:00:00Z');
      const [team] = await it.all('CareTeam', 'subject', it.patient);
      await it.put({
        ...(team as CareTeam),
        participant: [
          { member: { reference: it.therapist }, period: { end: '2025-03-10' } },
          { member: { reference: it.other }, period: { start: '2025-03-11' } },
        ],
      });
      await it.keep('2025-03-03T10:00:00Z');
      // Nothing is written on the eleventh: the run knows the day by itself.
      await it.keep('2025-03-11T01:00:00Z');
      expect(await it.board()).toEqual([
        'sus p ready',
        'wai-s-p p completed',
        'wai-s-t t cancelled therapist-changed',
        'wai-s-t u ready',
      ]);
    });

    test.each([
      [
        'dies',
        'deceased',
        (clinic: Clinic, patient: Patient) => clinic.put({ ...patient, deceasedDateTime: '2025-03-01' }),
      ],
      [
        'withdraws from the study',
        'research-withdrawn',
        async (clinic: Clinic) => {
          const [subject] = await clinic.all('ResearchSubject', 'individual', clinic.patient);
          await clinic.put({ ...(subject as ResearchSubject), status: 'withdrawn' });
        },
      ],
      [
        'denies the use in research',
        'research-withdrawn',
        (clinic: Clinic) => clinic.put(consent(`${clinic.id}-p`, 'research', 'deny')),
      ],
      [
        'denies research on a form of the hospital’s own',
        'research-withdrawn',
        (clinic: Clinic) => clinic.put(ownForm(`${clinic.id}-p`, { type: 'deny' })),
      ],
      [
        'has a form of the hospital’s own about research that cannot be understood',
        'research-withdrawn',
        (clinic: Clinic) => clinic.put(ownForm(`${clinic.id}-p`, { period: { start: '2025-02-28' } })),
      ],
    ])(
      'a patient who %s is asked no more for the study; what care asks stays, but after death',
      async (_what, reason, happens) => {
        await it.put(carePlan(`${it.id}-p`, '2025-02-25'));
        await it.keep(OPEN);
        const [patient] = await it.all('Patient', '_id', `${it.id}-p`);
        await happens(it, patient as Patient);
        await it.keep('2025-03-01T10:00:00Z');
        const care =
          reason === 'deceased' ? 'distress-thermometer p cancelled deceased' : 'distress-thermometer p ready reminded';
        expect(await it.board()).toEqual([care, ...three(`cancelled ${reason}`)]);
        await it.keep(FIRST);
        // Of the study nothing more; of care the reminder of 28 February, before its window ended.
        expect(told()).toEqual(reason === 'deceased' ? [] : ['p']);
      },
    );

    test('the screening that steps of care rest on goes on where somebody only leaves the research', async () => {
      const [digital] = it.protocol.schedules;
      const screening = { ...it.protocol.schedules[2]!.forms[0]!, id: 'screening' };
      it.protocol = {
        ...it.protocol,
        schedules: [{ ...digital!, levels: true, forms: [...digital!.forms, screening] }],
      };
      await it.put(carePlan(`${it.id}-p`, '2025-02-01'));
      await it.keep(OPEN);
      const [subject] = await it.all('ResearchSubject', 'individual', it.patient);
      await it.put({ ...(subject as ResearchSubject), status: 'withdrawn' });
      await it.keep('2025-03-06T10:00:00Z');
      expect((await it.board()).filter((line) => !line.includes('failed'))).toEqual([
        'distress-thermometer p requested',
        ...three('cancelled research-withdrawn'),
      ]);
    });

    test('of two records that the hospital merged, one person is asked once, and answers of both count', async () => {
      await it.put(...it.admit('twin', { contact: false }));
      const twin = `Patient/${it.id}-twin`;
      await it.keep(OPEN);
      await it.answer('sus', '2025-03-01T10:00:00+01:00', { subject: { reference: twin } });
      const [old] = (await it.all('Patient', '_id', `${it.id}-twin`)) as Patient[];
      await it.put({ ...old!, active: false, link: [{ type: 'replaced-by', other: { reference: it.patient } }] });
      await it.keep('2025-03-02T10:00:00Z');
      expect(await it.board(twin)).toEqual([
        'sus twin cancelled merged',
        'wai-s-p twin cancelled merged',
        'wai-s-t t cancelled merged',
      ]);
      expect(await it.board()).toEqual(['sus p completed', 'wai-s-p p ready', 'wai-s-t t ready']);
      const [kept] = (await it.all('Patient', '_id', `${it.id}-p`)) as Patient[];
      await it.put({ ...old!, active: true }, { ...kept!, birthDate: '1970-01-01' });
      await it.keep('2025-03-03T10:00:00Z');
      expect(await it.board(twin)).toEqual(['sus twin completed', 'wai-s-p twin ready', 'wai-s-t t ready']);
      expect(await it.board()).toEqual(three('ready'));
    });

    test('a patient who denies digital follow-up is asked no more; the therapist is, and a change of mind is heard', async () => {
      await it.keep(OPEN);
      await it.put(consent(`${it.id}-p`, 'digital-follow-up', 'deny'));
      await it.keep('2025-03-01T10:00:00Z');
      expect(await it.board()).toEqual([
        'sus p cancelled consent-withdrawn',
        'wai-s-p p cancelled consent-withdrawn',
        'wai-s-t t ready',
      ]);
      await it.put(consent(`${it.id}-p`, 'digital-follow-up', 'permit'));
      await it.keep('2025-03-02T10:00:00Z');
      expect(await it.board()).toEqual(three('ready'));
    });

    test('usual care is asked for the alliance and its screening, never about the app', async () => {
      await it.put(...it.admit('usual', { arm: 'usual' }));
      await it.keep(OPEN);
      expect(await it.board(`Patient/${it.id}-usual`)).toEqual([
        'phq-9 usual ready',
        'wai-s-p usual ready',
        'wai-s-t t ready',
      ]);
    });

    test('where an item about death may not be offered, PHQ-4 is asked in its place, by the same Task', async () => {
      await it.put(...it.admit('usual', { arm: 'usual' }));
      const usual = `Patient/${it.id}-usual`;
      await it.keep(OPEN, { mayOfferSafetyItems: false });
      expect((await it.board(usual))[0]).toBe('phq-4 usual ready');
      const ids = (await it.tasks(usual)).map(({ id }) => id).sort();
      await it.answer('phq-4', '2025-03-01T10:00:00+01:00', { subject: { reference: usual } });
      await it.keep('2025-03-02T10:00:00Z', { mayOfferSafetyItems: false, all: false });
      expect((await it.board(usual))[0]).toBe('phq-4 usual completed');
      expect((await it.tasks(usual)).map(({ id }) => id).sort()).toEqual(ids);
    });

    test('a new version of the protocol asks by the same Tasks', async () => {
      await it.keep(OPEN);
      const ids = (await it.tasks()).map(({ id }) => id).sort();
      it.protocol = {
        ...it.protocol,
        schedules: it.protocol.schedules.map((one) => ({ ...one, canonical: one.canonical.replace('1.0.0', '2.0.0') })),
      };
      await it.put({ ...((await it.all('Patient', '_id', `${it.id}-p`))[0] as Patient), birthDate: '1970-01-01' });
      await it.keep('2025-03-01T10:00:00Z');
      const after = await it.tasks();
      expect(after.map(({ id }) => id).sort()).toEqual(ids);
      expect(new Set(after.map(({ instantiatesUri }) => instantiatesUri?.split('|')[1]))).toEqual(new Set(['2.0.0']));
    });

    test('levels come and go within one course without a new screening; a course that ends asks no more', async () => {
      const id = `${it.id}-p`;
      await it.put(carePlan(id, '2025-02-01'));
      await it.keep('2025-02-02T10:00:00Z');
      await it.put(
        carePlan(id, '2025-02-01', { status: 'completed', period: { start: '2025-02-01', end: '2025-02-05' } }),
        carePlan(id, '2025-02-05', { id: `${id}-plan-2`, replaces: [{ reference: `CarePlan/${id}-plan` }] }),
      );
      await it.keep('2025-02-06T10:00:00Z');
      expect(await it.board()).toEqual(['distress-thermometer p ready']);
      const [second] = (await it.all('CarePlan', '_id', `${id}-plan-2`)) as CarePlan[];
      await it.put({ ...second!, status: 'completed' });
      await it.keep('2025-02-07T10:00:00Z');
      expect(await it.board()).toEqual(['distress-thermometer p cancelled plan-ended']);
    });

    test('a therapist is asked once a quarter about the platform, however many patients they treat, and in no patient’s name', async () => {
      it.protocol = {
        ...it.protocol,
        schedules: [
          {
            canonical: 'https://w3id.org/vincle/PlanDefinition/test-platform|1.0.0',
            title: it.protocol.schedules[0]!.title,
            forms: [
              {
                id: 'platform',
                instrument: 'vas-platform',
                rater: 'therapist',
                timing: { kind: 'interval', everyDays: 91, windowDays: 30 },
                createAheadDays: 7,
                remindAfterDays: [3],
              },
            ],
          },
        ],
      };
      await it.put(...it.admit('q'));
      // Quarters of 91 days from 1 January 2024: the sixth opens on 31 March 2025, the seventh on 30 June.
      await it.keep('2025-03-20T10:00:00Z');
      const own = async () => {
        const tasks = await it.all('Task', 'subject', it.therapist);
        return tasks
          .map((task) => [task.restriction?.period?.start?.slice(0, 10), task.status, task.for?.reference])
          .sort();
      };
      expect(await own()).toEqual([]);
      await it.keep('2025-03-24T10:00:00Z');
      expect(await own()).toEqual([['2025-03-30', 'requested', it.therapist]]);
      await it.keep('2025-04-03T10:00:00Z');
      expect(told()).toEqual(['t']);
      await it.answer('vas-platform', '2025-04-04T10:00:00+02:00', { subject: { reference: it.therapist } });
      await it.keep('2025-04-04T12:00:00Z');
      await it.keep('2025-06-30T12:00:00Z');
      expect(await own()).toEqual([
        ['2025-03-30', 'completed', it.therapist],
        ['2025-06-29', 'ready', it.therapist],
      ]);
      expect([await it.tasks(), await it.tasks(`Patient/${it.id}-q`)]).toEqual([[], []]);
    });

    test('a clinician who left is asked no more', async () => {
      await it.keep(OPEN);
      const [person] = await it.all('Practitioner', '_id', `${it.id}-t`);
      await it.put({ ...person!, active: false } as never);
      const run = await it.keep('2025-03-01T10:00:00Z');
      expect(await it.board()).toEqual([
        'sus p ready',
        'wai-s-p p cancelled therapist-changed',
        'wai-s-t t cancelled therapist-changed',
      ]);
      expect(run.withoutTherapist).toBe(2);
    });

    test('somebody else wrote the Task meanwhile: theirs stays, and the run goes on from it', async () => {
      await it.keep(OPEN);
      const [task] = (await it.tasks()).filter((one) => one.input?.[0]?.valueCanonical?.includes('sus'));
      proxy.faults.push({
        when: isTransaction,
        before: () => it.put({ ...task!, status: 'rejected', statusReason: { text: 'the patient does not want to' } }),
      });
      await it.keep(PAST);
      expect(await it.board()).toEqual(['sus p rejected', 'wai-s-p p failed expired', 'wai-s-t t failed expired']);
    });

    test.each([
      ['before the server heard of it', { cutBefore: true as const }],
      ['after the server did it', { cutAfter: true as const }],
    ])('cut %s, the next run ends as if nothing had been', async (_when, fault) => {
      await it.keep(AHEAD);
      proxy.faults.push({ when: isTransaction, times: 9, ...fault });
      await expect(it.keep(OPEN)).rejects.toThrow();
      proxy.faults.length = 0;
      await it.keep('2025-02-25T12:05:00Z');
      expect(await it.board()).toEqual(three('ready'));
    });

    test('a server without transactions: the same in the end', async () => {
      const refusal = { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'not-supported' }] };
      proxy.faults.push({
        when: isTransaction,
        times: 1_000,
        answer: { status: 405, headers: { 'content-type': 'application/fhir+json' }, body: JSON.stringify(refusal) },
      });
      for (const at of [AHEAD, OPEN, FIRST]) await it.keep(at);
      expect(await it.board()).toEqual(three('ready reminded'));
      expect(told().sort()).toEqual(['p', 't']);
      await it.keep(PAST);
      expect(await it.board()).toEqual(three('failed expired'));
    });

    test('a server that gives its own ids: one Task a key, by its identifier', async () => {
      it = await open({ clientIds: 'no' });
      await it.put(...it.admit('p'));
      for (const at of [AHEAD, OPEN, FIRST, '2025-03-11T09:00:00Z']) await it.keep(at);
      expect(await it.board()).toEqual(three('ready reminded'));
      expect(told().sort()).toEqual(['p', 't']);
      it.state = await openState('sqlite::memory:');
      await it.keep('2025-03-11T10:00:00Z');
      await it.keep(PAST);
      expect(await it.board()).toEqual(three('failed expired'));
      const [record] = await it.all('Communication', 'recipient', it.patient);
      const [request] = await it.all('CommunicationRequest', 'recipient', it.patient);
      expect(record?.basedOn?.[0]?.reference).toBe(`CommunicationRequest/${request?.id}`);
    });

    test('a dry run says what it would do and does nothing', async () => {
      const run = await it.keep(FIRST, { dryRun: true });
      expect([run.created, run.written, run.reminded]).toEqual([3, 3, 0]);
      expect([await it.board(), told()]).toEqual([[], []]);
      expect(await it.state.readCheckpoint('schedule')).toBeUndefined();
    });

    test('with nothing due a run sends the same few requests for 20 patients as for 200', async () => {
      const cost = async (patients: number): Promise<number[]> => {
        const clinic = await open();
        await clinic.put(...Array.from({ length: patients }, (_, n) => clinic.admit(`n${n}`)).flat());
        const first = await clinic.keep(OPEN);
        expect(first.created).toBe(patients * 3);
        const runs = [await clinic.keep('2025-02-26T12:00:00Z'), await clinic.keep('2025-02-27T12:00:00Z')];
        return runs.map((run) => run.requests);
      };
      const [few, many] = [await cost(20), await cost(200)];
      expect([few, many]).toEqual([
        [1, 1],
        [1, 1],
      ]);
    });
  });
}
