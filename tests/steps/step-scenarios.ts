import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { CarePlan, Consent, Patient } from 'fhir/r4.js';
import { levelOf, ruleOf, statusReasonOf } from '../../src/domain/care-plan.ts';
import { decidedProposal } from '../../src/domain/care-plan-build.ts';
import type { Notice, Notify } from '../../src/notify/port.ts';
import { openState } from '../../src/state/open.ts';
import { type FaultProxy, isTransaction, startProxy } from '../faults/proxy.ts';
import { openWard, type Ward } from './ward.ts';

const T0 = '2026-02-01T09:00:00.000Z';
/** Some days, and hours, after the enrolment. */
export const day = (days: number, hours = 0): string =>
  new Date(Date.parse(T0) + days * 86_400_000 + hours * 3_600_000).toISOString();

const TAG = 'https://w3id.org/vincle/CodeSystem/tag';
const tagged = (it: CarePlan) =>
  it.meta?.tag?.some((tag) => tag.system === TAG && tag.code === 'evidence-amended') ?? false;

/** What stepped care does, against a real server behind a proxy that can misbehave. */
export function steppedCare(name: string, baseUrlOf: () => string): void {
  describe(`stepped care, ${name}`, () => {
    let proxy: FaultProxy;
    let ward: Ward;
    let serial = 0;
    const run = `${process.pid.toString(36)}-${name.length}`;

    beforeAll(async () => {
      proxy = await startProxy(baseUrlOf());
    });
    afterAll(() => proxy.stop());
    beforeEach(async () => {
      serial += 1;
      proxy.faults.length = 0;
      proxy.seen.length = 0;
      ward = await openWard(`steps-${run}-${serial}`, proxy.baseUrl, baseUrlOf());
    });

    const first = async <T>(list: Promise<readonly T[]>): Promise<T> => {
      const [it] = await list;
      if (it === undefined) throw new Error('there is none');
      return it;
    };
    const proposed = async (): Promise<CarePlan> => {
      const open = (await ward.proposals()).filter((it) => it.status === 'draft');
      expect(open).toHaveLength(1);
      return first(Promise.resolve(open));
    };
    /** Enrolled at level 1, and a distress of 8 two days later. */
    async function proposal(): Promise<CarePlan> {
      await ward.enrol(T0);
      await ward.answer('distress-thermometer', 8, day(2));
      await ward.steps(day(3));
      return proposed();
    }
    const invariants = async () => {
      const plans = await ward.plans();
      expect(plans.filter((it) => it.status === 'active').length).toBeLessThanOrEqual(1);
      for (const plan of plans) {
        const former = plans.find((it) => plan.replaces?.[0]?.reference === `CarePlan/${it.id}`);
        if (former !== undefined) expect(former.period?.end).toBe(plan.period?.start);
      }
    };

    describe('from enrolment to the next level', () => {
      test('enrolment begins level 1, once, however often it is asked for; somebody else is told who was first', async () => {
        const asked = await Promise.all([ward.enrol(T0), ward.enrol(T0)]);
        expect(asked.map((it) => it.kind)).toEqual(['enrolled', 'enrolled']);
        expect(await ward.enrol(day(1), { by: ward.bernat })).toEqual({
          kind: 'lost',
          what: 'enrolled',
          by: ward.anna,
          at: T0,
        });
        const [plan, ...others] = await ward.plans();
        expect(others).toEqual([]);
        expect(plan).toMatchObject({
          status: 'active',
          intent: 'plan',
          period: { start: T0 },
          author: { reference: ward.anna },
        });
        expect(plan?.instantiatesCanonical).toEqual([`${ward.protocol.url}|1.0.0`]);
        expect(plan?.careTeam?.[0]?.reference).toBe(`CareTeam/${ward.id}`);
        expect(plan?.activity).toHaveLength(1);
      });

      test.each([
        ['somebody who may not decide', () => ({ by: ward.carme }), 'role-may-not-decide'],
        ['somebody who does not care for the patient', () => ({ by: ward.dolors }), 'not-in-your-care'],
      ])('%s cannot enrol', async (_, more, reason) => {
        expect(await ward.enrol(T0, more())).toMatchObject({ kind: 'not-allowed', reason });
        expect(await ward.plans()).toEqual([]);
      });

      test('without a screening nothing is proposed and nobody is well; then the screening is overdue', async () => {
        await ward.enrol(T0);
        expect((await ward.steps(day(1))).outcomes).toMatchObject({ 'cannot-decide': 1, stay: 0 });
        expect((await ward.steps(day(46))).outcomes).toMatchObject({ overdue: 1, stay: 0 });
        expect(await ward.proposals()).toEqual([]);
      });

      test('a distress of 8 is proposed with its reason in three languages, what it rests on, and a Task for who decides', async () => {
        const it = await proposal();
        expect(it).toMatchObject({ status: 'draft', intent: 'proposal', author: { reference: 'Device/vincle' } });
        expect([levelOf(it), ruleOf(it)]).toEqual([
          '2-psychoeducation',
          { canonical: ward.protocol.url, version: '1.0.0', action: 'up-to-2' },
        ]);
        expect(it.description).toContain('Distress of 8 (limit 4) on 3 February 2026');
        expect(it.description).toContain('not yet confirmed');
        const words = JSON.stringify(it._description);
        expect(words).toContain('Malestar de 8 (límite 4) el 3 de febrero de 2026');
        expect(words).toContain('Malestar de 8 (límit 4)');
        const [source] = await ward.all('Observation', 'subject');
        expect(it.supportingInfo?.[0]?.reference).toBe(`Observation/${source?.id}`);
        expect(await ward.tasks()).toMatchObject([
          {
            status: 'requested',
            priority: 'asap',
            focus: { reference: `CarePlan/${it.id}` },
            owner: { reference: ward.anna },
            restriction: { period: { end: day(10) } },
          },
        ]);
        const [said] = await ward.all('Provenance', 'target', `CarePlan/${it.id}`);
        expect(said).toMatchObject({
          agent: [{ who: { reference: 'Device/vincle' } }],
          activity: { coding: [{ code: 'proposed' }] },
        });
      });

      test('running again proposes nothing more and writes nothing; with nothing new a run is one request', async () => {
        await proposal();
        expect(await ward.steps(day(4))).toMatchObject({ proposed: 0, written: 0, outcomes: { waiting: 1 } });
        expect(await ward.steps(day(4))).toMatchObject({ persons: 0, written: 0, requests: 1 });
        await ward.steps(day(4), { all: true });
        expect(await ward.steps(day(4), { all: true })).toMatchObject({ full: true, proposed: 0, written: 0 });
        expect(await ward.proposals()).toHaveLength(1);
      });

      test('a dry run says what it would write, and writes nothing', async () => {
        await ward.enrol(T0);
        await ward.answer('distress-thermometer', 8, day(2));
        expect(await ward.steps(day(3), { dryRun: true })).toMatchObject({ proposed: 1, dryRun: true });
        expect(await ward.proposals()).toEqual([]);
        expect(await ward.steps(day(3))).toMatchObject({ proposed: 1 });
      });

      test('approved by a named clinician: a new plan, the old one closed at that instant, the Task done, and who it was', async () => {
        const it = await proposal();
        const result = await ward.approve(it.id ?? '', ward.bernat, day(4));
        expect(result).toMatchObject({ kind: 'decided', level: '2-psychoeducation', already: false });
        const [old, now] = await ward.plans();
        expect(old).toMatchObject({ status: 'completed', period: { start: T0, end: day(4) } });
        expect(now).toMatchObject({
          status: 'active',
          period: { start: day(4) },
          basedOn: [{ reference: `CarePlan/${it.id}` }],
          replaces: [{ reference: `CarePlan/${old?.id}` }],
          author: { reference: ward.bernat },
        });
        expect(now?.activity?.map((one) => one.reference?.reference)).toEqual([
          old?.activity?.[0]?.reference?.reference,
          expect.stringMatching(/^Task\//),
        ]);
        expect((await ward.proposals()).map((one) => one.status)).toEqual(['completed']);
        expect(await ward.tasks()).toMatchObject([{ status: 'completed', owner: { reference: ward.bernat } }]);
        const said = await ward.all('Provenance', 'target', `CarePlan/${now?.id}`);
        expect(said).toMatchObject([
          { agent: [{ who: { reference: ward.bernat } }], activity: { coding: [{ code: 'approved' }] } },
        ]);
        await invariants();
        expect(await ward.steps(day(5))).toMatchObject({ written: 0, outcomes: { 'cannot-decide': 1 } });
      });

      test('asked twice it is decided once; another clinician is told who decided, what and when', async () => {
        const it = await proposal();
        await ward.approve(it.id ?? '', ward.anna, day(4));
        expect(await ward.approve(it.id ?? '', ward.anna, day(5))).toMatchObject({ kind: 'decided', already: true });
        expect(await ward.decline(it.id ?? '', ward.bernat, day(5), 'too early')).toEqual({
          kind: 'lost',
          what: 'approved',
          by: ward.anna,
          at: day(4),
        });
        expect(await ward.plans()).toHaveLength(2);
      });

      test.each([
        ['who holds no such role', () => ward.carme, 'role-may-not-decide'],
        ['who does not care for the patient', () => ward.dolors, 'not-in-your-care'],
      ])('a clinician %s decides nothing', async (_, who, reason) => {
        const it = await proposal();
        expect(await ward.approve(it.id ?? '', who(), day(4))).toMatchObject({ kind: 'not-allowed', reason });
        expect((await proposed()).id).toBe(it.id);
      });

      test.each([
        ['who holds no such role', () => ward.carme, 1],
        ['who does not care for the patient', () => ward.dolors, 1],
        ['who may decide', () => ward.bernat, 2],
      ])(
        'a decision that another system writes in the name of a clinician %s moves the patient as it should',
        async (_, who, plans) => {
          const it = await proposal();
          const decision = { outcome: 'approved', by: who(), at: day(4) } as const;
          await ward.put(decidedProposal(it, decision, () => undefined));
          await ward.steps(day(5));
          expect(await ward.plans()).toHaveLength(plans);
          await invariants();
          // What moved nobody waits for a person, and says so once.
          await ward.steps(day(6));
          const [task] = await ward.tasks();
          expect([task?.status, task?.note?.length ?? 0]).toEqual(plans === 1 ? ['requested', 1] : ['completed', 0]);
        },
      );

      test('declined with a reason, it is revoked and never proposed again on the same answers; a new one may be', async () => {
        const it = await proposal();
        expect(await ward.decline(it.id ?? '', ward.anna, day(4))).toMatchObject({ reason: 'reason-missing' });
        expect(await ward.decline(it.id ?? '', ward.anna, day(4), 'she has support')).toMatchObject({
          kind: 'decided',
        });
        const [revoked] = await ward.proposals();
        expect(revoked?.status).toBe('revoked');
        expect(JSON.stringify(revoked)).toContain('she has support');
        expect((await ward.steps(day(5))).outcomes).toMatchObject({ 'decided-already': 1 });
        expect(await ward.tasks()).toMatchObject([{ status: 'completed' }]);
        await ward.answer('distress-thermometer', 9, day(6));
        expect(await ward.steps(day(7))).toMatchObject({ proposed: 1 });
        await invariants();
      });
    });

    describe('what a clinician and a patient want', () => {
      test('a clinician chooses another level: the old plan is revoked, the open proposal with that decision', async () => {
        const it = await proposal();
        expect(await ward.override('3-peer-support', ward.anna, day(4))).toMatchObject({
          kind: 'decided',
          level: '3-peer-support',
        });
        const [old, now] = await ward.plans();
        expect([old?.status, statusReasonOf(old as CarePlan)]).toEqual(['revoked', 'overridden']);
        expect(now).toMatchObject({ status: 'active', note: [{ text: 'the patient asked for more' }] });
        expect(now?.activity).toHaveLength(3);
        expect(await ward.proposals()).toMatchObject([{ id: it.id, status: 'revoked' }]);
        expect(await ward.tasks()).toMatchObject([{ status: 'completed' }]);
        expect(await ward.override('1-monitoring', ward.bernat, day(4), { insteadOf: old?.id ?? '' })).toMatchObject({
          kind: 'lost',
          by: ward.anna,
        });
        expect(await ward.override('3-peer-support', ward.bernat, day(5))).toMatchObject({ reason: 'same-level' });
        await invariants();
      });

      test('stepping down cancels the activities of the levels left', async () => {
        await ward.enrol(T0, { level: '3-peer-support' });
        await ward.override('1-monitoring', ward.anna, day(4));
        const activities = (await ward.all('Task', 'patient')).filter(
          (it) => it.code?.coding?.[0]?.code === 'level-activity',
        );
        expect(activities.map((it) => [it.instantiatesCanonical?.match(/(\d)-/)?.[1], it.status]).sort()).toEqual([
          ['1', 'requested'],
          ['2', 'cancelled'],
          ['3', 'cancelled'],
        ]);
      });

      test('where the protocol wants the patient’s agreement first, nothing is approved without it, nor after a refusal', async () => {
        await ward.enrol(T0, { level: '3-peer-support' });
        await ward.answer('phq-9', 16, day(20));
        await ward.answer('phq-9', 18, day(30));
        await ward.answer('distress-thermometer', 8, day(30));
        await ward.steps(day(31));
        const { id = '' } = await proposed();
        expect(await ward.approve(id, ward.anna, day(32))).toEqual({ kind: 'agreement-missing', said: undefined });
        await ward.position(id, 'refused', day(32));
        expect(await ward.approve(id, ward.anna, day(32))).toMatchObject({
          kind: 'agreement-missing',
          said: { kind: 'refused' },
        });
        expect(await ward.position(id, 'agreed', day(33))).toEqual({ kind: 'recorded', already: false });
        expect(await ward.position(id, 'agreed', day(33, 1))).toEqual({ kind: 'recorded', already: true });
        expect(await ward.approve(id, ward.anna, day(34))).toMatchObject({
          kind: 'decided',
          level: '4-group-psychotherapy',
        });
        const said = await ward.all('Provenance', 'target', `CarePlan/${id}`);
        expect(said.map((it) => it.activity?.coding?.[0]?.code).sort()).toEqual([
          'agreed',
          'approved',
          'proposed',
          'refused',
        ]);
      });

      test('a wish for another level stands on the plan in force, and decides nothing', async () => {
        await ward.enrol(T0);
        const { id = '' } = await first(ward.plans());
        expect(await ward.position(id, 'wished', day(1), '3-peer-support')).toMatchObject({ kind: 'recorded' });
        expect(JSON.stringify(await ward.plans())).toContain('"wished"');
        expect(levelOf(await first(ward.plans()))).toBe('1-monitoring');
      });
    });

    describe('an answer is amended or withdrawn', () => {
      const amend = async (id: string, value: number, status: 'amended' | 'entered-in-error' = 'amended') => {
        const response = await ward.direct.read('QuestionnaireResponse', id);
        if (response === undefined) throw new Error('no response');
        await ward.put({ ...response, status, item: [{ linkId: 'dt-1', answer: [{ valueInteger: value }] }] });
        await ward.derive();
      };

      test('before the decision, to a low value: the proposal is revoked with the reason, nothing else is proposed', async () => {
        await proposal();
        await amend(`${ward.id}-answer-1`, 1);
        expect(await ward.steps(day(4))).toMatchObject({
          withdrawn: 1,
          proposed: 0,
          reasons: { 'evidence-amended': 1 },
        });
        const [it] = await ward.proposals();
        expect([it?.status, statusReasonOf(it as CarePlan)]).toEqual(['revoked', 'evidence-amended']);
        expect(await ward.tasks()).toMatchObject([{ status: 'cancelled' }]);
      });

      test('before the decision, to another high value: revoked, and proposed anew on what is known now', async () => {
        const old = await proposal();
        await amend(`${ward.id}-answer-1`, 9);
        expect(await ward.steps(day(4))).toMatchObject({ withdrawn: 1, proposed: 1 });
        const now = await proposed();
        expect(now.id).not.toBe(old.id);
        expect(now.description).toContain('Distress of 9');
      });

      test('withdrawn and restored as it was: proposed again, once', async () => {
        await proposal();
        await amend(`${ward.id}-answer-1`, 8, 'entered-in-error');
        await ward.steps(day(4));
        const response = await ward.direct.read('QuestionnaireResponse', `${ward.id}-answer-1`);
        await ward.put({ ...response, status: 'completed' } as never);
        await ward.derive();
        expect(await ward.steps(day(5))).toMatchObject({ proposed: 1 });
        await ward.steps(day(5), { since: ward.opened });
        await proposed();
      });

      test('a clinician who decides before the job has seen it is told that the answer was amended', async () => {
        const it = await proposal();
        await amend(`${ward.id}-answer-1`, 1);
        expect(await ward.approve(it.id ?? '', ward.anna, day(4))).toEqual({
          kind: 'lost',
          what: 'evidence-amended',
        });
        expect(await ward.plans()).toHaveLength(1);
      });

      test('after the decision: the decision stands, and both CarePlans say what it rested on', async () => {
        const it = await proposal();
        await ward.approve(it.id ?? '', ward.anna, day(4));
        await amend(`${ward.id}-answer-1`, 1);
        expect(await ward.steps(day(5))).toMatchObject({ marked: 2, withdrawn: 0 });
        const [plan] = (await ward.plans()).filter((one) => one.status === 'active');
        const [decided] = await ward.proposals();
        expect([plan, decided].map((one) => one !== undefined && tagged(one))).toEqual([true, true]);
        const { restedOnAmended } = await ward.worklist();
        expect(restedOnAmended.filter((one) => one.patient === ward.patient)).toMatchObject([
          { plan: `CarePlan/${plan?.id}` },
        ]);
        expect(JSON.stringify(plan)).toMatch(/"was","valueDecimal":8.*"now","valueDecimal":1/);
        expect(await ward.steps(day(6))).toMatchObject({ marked: 0, written: 0 });
      });
    });

    describe('the history can be replayed', () => {
      test('every proposal comes out equal, although answers were amended and the level changed since', async () => {
        const it = await proposal();
        await ward.approve(it.id ?? '', ward.bernat, day(4));
        await ward.answer('phq-9', 14, day(20));
        await ward.answer('distress-thermometer', 7, day(20));
        expect(await ward.steps(day(21))).toMatchObject({ proposed: 1 });
        const next = await proposed();
        await ward.decline(next.id ?? '', ward.anna, day(22), 'she prefers to wait');
        const response = await ward.direct.read('QuestionnaireResponse', `${ward.id}-answer-1`);
        await ward.put({
          ...response,
          status: 'amended',
          item: [{ linkId: 'dt-1', answer: [{ valueInteger: 0 }] }],
        } as never);
        await ward.derive();
        await ward.steps(day(23));
        const replay = await ward.replay(day(24));
        expect(replay.proposals.map((one) => [one.rule, one.verdict, one.by])).toEqual([
          ['up-to-2', 'equal', 'versions'],
          ['up-to-3', 'equal', 'versions'],
        ]);
        expect(replay.history.map((row) => [row.at, row.event, row.level, row.by])).toEqual([
          [T0, 'enrolled', '1-monitoring', ward.anna],
          [day(3), 'proposed', '2-psychoeducation', 'Device/vincle'],
          [day(4), 'approved', '2-psychoeducation', ward.bernat],
          [day(21), 'proposed', '3-peer-support', 'Device/vincle'],
          [day(22), 'declined', '3-peer-support', ward.anna],
        ]);
        expect([replay.problems, replay.equal]).toEqual([[], true]);
      });

      test('a proposal that the answers of then do not give comes out different', async () => {
        const it = await proposal();
        await ward.put({ ...it, id: `${ward.id}-forged`, identifier: [], created: day(-5) } as CarePlan);
        const replay = await ward.replay(day(4));
        expect(replay.proposals.map((one) => one.verdict)).toEqual(['different', 'equal']);
        expect(replay.problems).toHaveLength(2);
        expect(replay.equal).toBe(false);
      });
    });

    describe('bad days', () => {
      test('two clinicians at the same moment, with nothing shared but the server: one decides, the other is told', async () => {
        const it = await proposal();
        const other = await openState('sqlite::memory:');
        proxy.faults.push({
          when: isTransaction,
          before: async () => {
            await ward.approve(it.id ?? '', ward.bernat, day(4), other);
          },
        });
        const result = await ward.approve(it.id ?? '', ward.anna, day(4, 1));
        expect(result).toEqual({ kind: 'lost', what: 'approved', by: ward.bernat, at: day(4) });
        expect(await ward.plans()).toHaveLength(2);
        await invariants();
        await other.close();
      });

      test('a server without transactions: the same chain in the end', async () => {
        proxy.faults.push({ when: isTransaction, times: 1_000, answer: noTransactions });
        const it = await proposal();
        expect(await ward.approve(it.id ?? '', ward.anna, day(4))).toMatchObject({ kind: 'decided' });
        expect((await ward.plans()).map((one) => one.status)).toEqual(['completed', 'active']);
        expect(await ward.tasks()).toMatchObject([{ status: 'completed' }]);
        await invariants();
        expect(await ward.steps(day(5), { since: ward.opened })).toMatchObject({ persons: 1, written: 0 });
      });

      test('a server without transactions that breaks at any write: the next run ends what was begun', async () => {
        for (let nth = 1; nth <= 6; nth += 1) {
          proxy.faults.length = 0;
          ward = await openWard(`steps-${run}-${serial}-${nth}`, proxy.baseUrl, baseUrlOf());
          const it = await proposal();
          let writes = 0;
          proxy.faults.push({ when: isTransaction, times: 1_000, answer: noTransactions });
          proxy.faults.push({
            when: (r) => {
              if (r.method === 'PUT') writes += 1;
              return r.method === 'PUT' && writes >= nth;
            },
            times: 1_000,
            cutBefore: true,
          });
          await ward.approve(it.id ?? '', ward.anna, day(4)).catch(() => undefined);
          proxy.faults.length = 0;
          await ward.steps(day(4, 1));
          if (nth === 1) {
            expect((await ward.plans()).map((one) => one.status)).toEqual(['active']);
            continue;
          }
          expect((await ward.plans()).map((one) => one.status)).toEqual(['completed', 'active']);
          expect(await ward.tasks()).toMatchObject([{ status: 'completed', owner: { reference: ward.anna } }]);
          await invariants();
        }
      });

      test('a server that gives its own ids: the same chain, each resource once, and nothing written twice', async () => {
        ward = await openWard(`steps-${run}-${serial}-own-ids`, proxy.baseUrl, baseUrlOf(), 'no');
        const it = await proposal();
        expect(it.id).not.toBe(it.identifier?.[0]?.value);
        expect(await ward.approve(it.id ?? '', ward.anna, day(4))).toMatchObject({ kind: 'decided' });
        expect(await ward.steps(day(5), { since: ward.opened })).toMatchObject({ written: 0, failed: 0 });
        const [old, now] = await ward.plans();
        expect([old?.status, now?.status]).toEqual(['completed', 'active']);
        expect(now?.replaces).toEqual([{ reference: `CarePlan/${old?.id}` }]);
        expect(now?.basedOn).toEqual([{ reference: `CarePlan/${it.id}` }]);
        expect(await ward.tasks()).toMatchObject([{ status: 'completed', focus: { reference: `CarePlan/${it.id}` } }]);
        expect((await ward.all('Provenance', 'target', `CarePlan/${now?.id}`)).length).toBe(1);
        await invariants();
        expect((await ward.replay(day(6))).equal).toBe(true);
      });

      test('a therapist who no longer cares for the patient: the open Task goes to another who does', async () => {
        await proposal();
        const team = await ward.direct.read('CareTeam', ward.id);
        const episode = await ward.direct.read('EpisodeOfCare', ward.id);
        await ward.put(
          { ...team, participant: team?.participant?.slice(1) } as never,
          {
            ...episode,
            careManager: { reference: ward.bernat },
          } as never,
        );
        expect(await ward.steps(day(4))).toMatchObject({ reassigned: 1 });
        expect(await ward.tasks()).toMatchObject([{ status: 'requested', owner: { reference: ward.bernat } }]);
        expect(await ward.approve((await proposed()).id ?? '', ward.anna, day(5))).toMatchObject({
          reason: 'not-in-your-care',
        });
      });

      test('a patient who died: the plan is revoked with the reason, the proposal too, and nothing is proposed', async () => {
        await proposal();
        const patient = (await ward.direct.read('Patient', ward.id)) as Patient;
        await ward.put({ ...patient, deceasedDateTime: day(3, 5) });
        expect(await ward.steps(day(4))).toMatchObject({ ended: 1, withdrawn: 1, proposed: 0 });
        const [plan] = await ward.plans();
        expect([plan?.status, plan?.period?.end, statusReasonOf(plan as CarePlan)]).toEqual([
          'revoked',
          day(3, 5),
          'deceased',
        ]);
        expect((await ward.proposals()).map((it) => statusReasonOf(it))).toEqual(['deceased']);
        expect(await ward.enrol(day(5))).toMatchObject({ kind: 'not-allowed', reason: 'deceased' });
        const open = (await ward.all('Task', 'patient')).filter((it) => it.status === 'requested');
        expect(open).toEqual([]);
      });

      test('consent to digital follow-up withdrawn: the plan is revoked; given again, a clinician enrols anew', async () => {
        await ward.enrol(T0);
        const consent: Consent = {
          resourceType: 'Consent',
          id: ward.id,
          status: 'active',
          scope: { text: 'care' },
          category: [
            { coding: [{ system: 'https://w3id.org/vincle/CodeSystem/consent-purpose', code: 'digital-follow-up' }] },
          ],
          patient: { reference: ward.patient },
          dateTime: day(3),
          provision: { type: 'deny' },
        };
        await ward.put(consent);
        expect(await ward.steps(day(4))).toMatchObject({ ended: 1, reasons: { 'consent-withdrawn': 1 } });
        expect((await ward.plans()).map((it) => it.status)).toEqual(['revoked']);
        await ward.put({ ...consent, status: 'inactive' });
        expect(await ward.enrol(day(6))).toMatchObject({ kind: 'enrolled', already: false });
        expect((await ward.plans()).map((it) => it.status)).toEqual(['revoked', 'active']);
      });

      test('an episode of care that ended completes the plan', async () => {
        await ward.enrol(T0);
        const episode = await ward.direct.read('EpisodeOfCare', ward.id);
        await ward.put({ ...episode, status: 'finished', period: { start: '2026-01-01', end: day(3) } } as never);
        await ward.steps(day(4));
        expect(await ward.plans()).toMatchObject([{ status: 'completed', period: { end: day(3) } }]);
      });

      test('a clinician who left: the open Task goes to another who may decide, else to the team', async () => {
        await proposal();
        const leave = async (who: string) => {
          const person = await ward.direct.read('Practitioner', who.split('/')[1] ?? '');
          await ward.put({ ...person, active: false } as never);
        };
        await leave(ward.anna);
        expect(await ward.steps(day(4))).toMatchObject({ reassigned: 1 });
        expect(await ward.tasks()).toMatchObject([{ status: 'requested', owner: { reference: ward.bernat } }]);
        await leave(ward.bernat);
        await ward.steps(day(5));
        expect(await ward.tasks()).toMatchObject([{ owner: { reference: `CareTeam/${ward.id}` } }]);
        expect(await ward.approve((await proposed()).id ?? '', ward.anna, day(6))).toMatchObject({
          reason: 'not-active',
        });
      });

      test('a new version of the protocol: the present level is kept, the old proposal is taken back, the next says both versions', async () => {
        await proposal();
        ward.protocol = { ...ward.protocol, version: '2.0.0' };
        expect(await ward.steps(day(4), { since: ward.opened })).toMatchObject({ withdrawn: 1, proposed: 1 });
        const it = await proposed();
        expect(ruleOf(it)?.version).toBe('2.0.0');
        expect(it.description).toContain('under version 1.0.0 of the protocol');
        expect(await ward.plans()).toMatchObject([
          { status: 'active', instantiatesCanonical: [`${ward.protocol.url}|1.0.0`] },
        ]);
        await ward.approve(it.id ?? '', ward.anna, day(5));
        expect((await ward.plans()).at(-1)?.instantiatesCanonical).toEqual([`${ward.protocol.url}|2.0.0`]);
      });

      test('undecided: passed on first, then revoked with the reason; after a month of downtime somebody is told first too', async () => {
        await proposal();
        expect(await ward.steps(day(9))).toMatchObject({ escalated: 0 });
        expect(await ward.steps(day(33))).toMatchObject({ escalated: 1, expired: 0 });
        expect(await ward.tasks()).toMatchObject([
          { status: 'requested', priority: 'urgent', businessStatus: { coding: [{ code: 'escalated' }] } },
        ]);
        expect(await ward.steps(day(46))).toMatchObject({ escalated: 0, expired: 0 });
        expect(await ward.steps(day(47, 1))).toMatchObject({ expired: 1 });
        expect((await ward.proposals()).map((it) => [it.status, statusReasonOf(it)])).toEqual([
          ['revoked', 'undecided'],
        ]);
        expect(await ward.tasks()).toMatchObject([
          { status: 'failed', businessStatus: { coding: [{ code: 'expired' }] } },
        ]);
      });

      test('who is told that a decision is overdue: the next who can be reached, once; tried again within the hour where nobody was', async () => {
        await ward.put({
          resourceType: 'PractitionerRole',
          id: `${ward.id}-carme`,
          active: true,
          practitioner: { reference: ward.carme },
          code: [{ coding: [{ system: 'https://w3id.org/vincle/CodeSystem/role', code: 'coordinator' }] }],
        });
        await proposal();
        const sent: Notice[] = [];
        let arrives = false;
        const notify: Notify = {
          channel: 'test',
          check: async () => ({ ok: true }),
          send: async (notice) => {
            sent.push(notice);
            const at = day(11);
            return arrives
              ? { kind: 'delivered', channel: 'test', at }
              : { kind: 'unreachable', channel: 'test', reason: 'the mail server is away' };
          },
        };
        expect(await ward.steps(day(11), { notify })).toMatchObject({ escalated: 1, notified: 0, unnotified: 1 });
        arrives = true;
        expect(await ward.steps(day(11, 2), { notify })).toMatchObject({ escalated: 0, notified: 1, unnotified: 0 });
        expect(await ward.steps(day(12), { notify, since: ward.opened })).toMatchObject({ notified: 0, unnotified: 0 });
        expect(sent.map((it) => [it.kind, it.to.reference])).toEqual([
          ['decision-overdue', ward.carme],
          ['decision-overdue', ward.carme],
        ]);
        expect(new Set(sent.map((it) => it.id)).size).toBe(1);
        // Every real channel refuses an id of other characters: nobody would be told.
        for (const { id } of sent) expect(id).toMatch(/^[A-Za-z0-9\-.]{1,64}$/);
        expect(JSON.stringify(await ward.tasks())).toMatch(/"delivered","valueBoolean":true/);
      });

      test('where nobody could be reached about a decision nothing lapses; once somebody is, it lapses as the protocol says', async () => {
        await proposal();
        let arrives = false;
        const notify: Notify = {
          channel: 'test',
          check: async () => ({ ok: true }),
          send: async () =>
            arrives
              ? { kind: 'delivered', channel: 'test', at: day(60) }
              : { kind: 'unreachable', channel: 'test', reason: 'the mail server is away' },
        };
        await ward.put({
          resourceType: 'PractitionerRole',
          id: `${ward.id}-carme`,
          active: true,
          practitioner: { reference: ward.carme },
          code: [{ coding: [{ system: 'https://w3id.org/vincle/CodeSystem/role', code: 'coordinator' }] }],
        });
        expect(await ward.steps(day(11), { notify })).toMatchObject({ escalated: 1, unnotified: 1 });
        expect(await ward.steps(day(59), { notify })).toMatchObject({ expired: 0, unnotified: 1 });
        arrives = true;
        expect(await ward.steps(day(60), { notify })).toMatchObject({ expired: 0, notified: 1 });
        expect(await ward.steps(day(73), { notify })).toMatchObject({ expired: 0 });
        expect(await ward.steps(day(74, 1), { notify })).toMatchObject({ expired: 1 });
      });

      test('a screening that arrives three months late speaks about then, not about now', async () => {
        await ward.enrol(T0);
        await ward.answer('distress-thermometer', 9, day(1));
        expect((await ward.steps(day(95))).outcomes).toMatchObject({ propose: 0, overdue: 1 });
        expect(await ward.proposals()).toEqual([]);
      });

      test('a clock that goes back an hour proposes nothing early, and no plan begins before the one it replaces', async () => {
        const it = await proposal();
        await ward.approve(it.id ?? '', ward.anna, day(4));
        expect(await ward.override('3-peer-support', ward.anna, day(4, -1))).toMatchObject({ kind: 'decided' });
        const starts = (await ward.plans()).map((one) => one.period?.start ?? '');
        expect(starts.toSorted()).toEqual(starts);
        await invariants();
        expect(await ward.steps(day(3))).toMatchObject({ proposed: 0, failed: 0 });
      });

      test('two records merged: one history, no reading twice; separated again, both plans go on', async () => {
        await ward.enrol(T0);
        const twin = `${ward.id}-twin`;
        await ward.put({
          resourceType: 'Patient',
          id: twin,
          active: false,
          link: [{ type: 'replaced-by', other: { reference: ward.patient } }],
        });
        const plan = await first(ward.plans());
        await ward.put({
          ...plan,
          id: `${ward.id}-twin-plan`,
          identifier: [],
          subject: { reference: `Patient/${twin}` },
          activity: [],
          period: { start: day(-10) },
        } as CarePlan);
        expect(await ward.steps(day(1))).toMatchObject({ held: 1, failed: 0 });
        const foreign = async () => (await ward.direct.read('CarePlan', `${ward.id}-twin-plan`))?.status;
        expect([await foreign(), (await ward.plans())[0]?.status]).toEqual(['on-hold', 'active']);
        await ward.put({ resourceType: 'Patient', id: twin, active: true });
        expect(await ward.steps(day(2))).toMatchObject({ resumed: 1 });
        expect([await foreign(), (await ward.plans())[0]?.status]).toEqual(['active', 'active']);
      });

      test('the server is away: the run fails, the checkpoint stays, and the next run does the work', async () => {
        await ward.enrol(T0);
        await ward.answer('distress-thermometer', 8, day(2));
        proxy.faults.push({ when: () => true, times: 100, cutBefore: true });
        await expect(ward.steps(day(3))).rejects.toMatchObject({ kind: 'unreachable' });
        expect((await ward.state.readCheckpoint('steps'))?.watermark).toBe(ward.opened);
        proxy.faults.length = 0;
        expect(await ward.steps(day(3))).toMatchObject({ proposed: 1 });
      });
    });
  });
}

const noTransactions = {
  status: 501,
  headers: { 'content-type': 'application/fhir+json' },
  body: JSON.stringify({ resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'not-supported' }] }),
};
