import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { CarePlan, Task } from 'fhir/r4.js';
import { displayOf } from '../../src/content/display.ts';
import { loadContent } from '../../src/content/load.ts';
import type { Content } from '../../src/content/port.ts';
import { rescheduleForm } from '../../src/pipeline/schedule/reschedule-form.ts';
import { enrol } from '../../src/pipeline/steps/enrol.ts';
import { override } from '../../src/pipeline/steps/override.ts';
import { pause, resume } from '../../src/pipeline/steps/pause.ts';
import { stepCare } from '../../src/pipeline/steps/step-care.ts';
import { type Clinic, carePlan, openClinic } from './clinic.ts';
import { PROTOCOL } from './protocol.ts';
import { type NoticeReceiver, startReceiver } from './receiver.ts';

const at = (date: string, hour = 12): string => `${date}T${String(hour).padStart(2, '0')}:00:00+01:00`;

/** Stepped care that rests, and forms that people move to other days, against a real server. */
export function restingCare(name: string, baseUrlOf: () => string): void {
  describe(`pausing and rescheduling, ${name}`, () => {
    let receiver: NoticeReceiver;
    let content: Content;
    let it: Clinic;
    let serial = 0;

    beforeAll(async () => {
      receiver = await startReceiver();
      content = await loadContent({ shipped: new URL('../..', import.meta.url).pathname });
    });
    afterAll(() => receiver.stop());
    beforeEach(async () => {
      serial += 1;
      const id = `rst-${process.pid.toString(36)}-${name.length}-${serial}`;
      it = await openClinic(id, { baseUrl: baseUrlOf(), receiver });
      it.protocol = {
        ...PROTOCOL,
        levels: content.protocol.levels,
        rules: content.protocol.rules,
        schedules: PROTOCOL.schedules.map((one) => (one.arm === 'digital' ? { ...one, levels: true } : one)),
      };
      await it.put(...it.admit('p'), carePlan(`${id}-p`, '2025-01-10'), {
        resourceType: 'PractitionerRole',
        id: `${id}-role`,
        active: true,
        practitioner: { reference: it.therapist },
        code: [{ coding: [{ system: 'https://w3id.org/vincle/CodeSystem/role', code: 'psycho-oncologist' }] }],
      });
      receiver.arrived.length = 0;
    });

    const ports = () => ({
      server: it.server,
      state: it.state,
      context: {
        content: { ...content, protocol: it.protocol },
        display: displayOf(content.resources),
        settings: {
          study: `ResearchStudy/${it.id}`,
          episodeType: undefined,
          timeZone: 'Europe/Madrid',
          baseUrl: it.server.baseUrl,
        },
      },
    });
    const doing = (when: string) => ({ holder: it.id, now: () => Date.parse(when), pause: async () => {} });
    const paused = (when: string, more: object = {}) =>
      pause(ports(), { patient: it.patient, by: it.therapist, reason: 'In hospital', ...more }, doing(when));
    const resumed = (when: string) =>
      resume(ports(), { patient: it.patient, by: it.therapist, reason: '' }, doing(when));
    const plan = async (): Promise<CarePlan | undefined> => it.direct.read('CarePlan', `${it.id}-p-plan`);
    const thermometers = async () => (await it.board()).filter((row) => row.startsWith('distress'));
    const thermometer = async (): Promise<Task> => {
      const task = (await it.tasks()).find((one) => one.input?.[0]?.valueCanonical?.includes('/distress-') === true);
      if (task === undefined) throw new Error('The thermometer is asked by nobody.');
      return task;
    };
    const moved = (when: string, task: Task, first: string, last: string) =>
      rescheduleForm(
        ports(),
        { patient: it.patient, task: task.id ?? '', by: it.therapist, days: { first, last }, reason: 'On holiday' },
        doing(when),
      );

    test('a paused plan is on hold, says who, why and since when, and keeps its level; what was asked is taken back', async () => {
      await it.keep(at('2025-01-12'));
      expect(await thermometers()).toEqual(['distress-thermometer p ready']);
      expect(await paused(at('2025-01-13'))).toMatchObject({ kind: 'done', already: false });
      expect(await plan()).toMatchObject({
        status: 'on-hold',
        category: [{ coding: [{ code: '1-monitoring' }] }],
      });
      expect(JSON.stringify((await plan())?.extension)).toMatch(/step-reason","code":"paused".*"text":"In hospital"/);
      const [said] = await it.all('Provenance', 'target', `CarePlan/${it.id}-p-plan`);
      expect(said).toMatchObject({
        activity: { coding: [{ code: 'held' }] },
        agent: [{ who: { reference: it.therapist } }],
        reason: [{ text: 'In hospital' }],
      });
      await it.keep(at('2025-01-13', 13));
      expect(await thermometers()).toEqual(['distress-thermometer p cancelled paused']);
    });

    test('while paused the visits of the study are asked, no window of care is, and none is made up for afterwards', async () => {
      await it.keep(at('2025-01-12'));
      await paused(at('2025-01-13'));
      await it.keep(at('2025-03-20'));
      expect(await it.board()).toEqual([
        'distress-thermometer p cancelled paused',
        'sus p ready',
        'wai-s-p p ready',
        'wai-s-t t ready',
      ]);
      expect(await resumed(at('2025-03-21'))).toMatchObject({ kind: 'done', already: false });
      expect((await plan())?.status).toBe('active');
      await it.keep(at('2025-03-21', 13));
      expect(await thermometers()).toEqual(['distress-thermometer p cancelled paused']);
      await it.keep(at('2025-04-05'));
      expect(await thermometers()).toEqual(['distress-thermometer p cancelled paused', 'distress-thermometer p ready']);
    });

    test('a form whose window is still open goes on where care does', async () => {
      await it.keep(at('2025-01-12'));
      await paused(at('2025-01-13'));
      await it.keep(at('2025-01-13', 13));
      await resumed(at('2025-01-15'));
      await it.keep(at('2025-01-15', 13));
      expect(await thermometers()).toEqual(['distress-thermometer p ready']);
    });

    test('a pause until a day ends by itself on that day, by the steps job, and says so', async () => {
      const opened = new Date(Date.now() - 60_000).toISOString();
      expect(await paused(at('2025-01-13'), { until: '2025-01-20' })).toMatchObject({ kind: 'done' });
      const step = (when: string) => stepCare(ports(), { ...doing(when), overlapMs: 0, since: opened });
      await step(at('2025-01-19'));
      expect((await plan())?.status).toBe('on-hold');
      await step(at('2025-01-20', 8));
      expect((await plan())?.status).toBe('active');
      const period = (await plan())?.extension?.find((one) => one.url.endsWith('/pause'))?.valuePeriod;
      expect([period?.start, period?.end]).toEqual(['2025-01-13T11:00:00.000Z', '2025-01-19T23:00:00.000Z']);
    });

    test('paused twice it is paused once; nobody is enrolled or moved to a level meanwhile, and a day in the past is refused', async () => {
      expect(await paused(at('2025-01-13'), { until: '2025-01-13' })).toEqual({
        kind: 'not-allowed',
        reason: 'until-past',
      });
      await paused(at('2025-01-13'));
      const version = (await plan())?.meta?.versionId;
      expect(await paused(at('2025-01-14'))).toMatchObject({ kind: 'done', already: true });
      expect((await plan())?.meta?.versionId).toBe(version);
      const asked = { patient: it.patient, by: it.therapist, reason: 'x' };
      expect(await enrol(ports(), asked, doing(at('2025-01-14')))).toEqual({ kind: 'not-allowed', reason: 'paused' });
      expect(await override(ports(), { ...asked, level: '3-peer-support' }, doing(at('2025-01-14')))).toEqual({
        kind: 'not-allowed',
        reason: 'paused',
      });
    });

    test('without a reason, or by somebody who does not treat the patient, nothing is paused', async () => {
      expect(await paused(at('2025-01-13'), { reason: ' ' })).toEqual({
        kind: 'not-allowed',
        reason: 'reason-missing',
      });
      expect(await paused(at('2025-01-13'), { by: it.other })).toEqual({
        kind: 'not-allowed',
        reason: 'not-in-your-care',
      });
      expect((await plan())?.status).toBe('active');
    });

    test('a form is moved to other days, the same Task, and stays there whatever runs; reminders count from the new day', async () => {
      await it.keep(at('2025-01-12'));
      const before = await thermometer();
      expect(await moved(at('2025-01-13'), before, '2025-01-27', '2025-02-05')).toMatchObject({ kind: 'rescheduled' });
      await it.keep(at('2025-01-13', 13));
      await it.keep(at('2025-01-17', 9));
      const after = await thermometer();
      expect(after).toMatchObject({
        id: before.id,
        status: 'requested',
        restriction: { period: { start: '2025-01-26T23:00:00.000Z', end: '2025-02-05T22:59:59.999Z' } },
        note: [{ authorReference: { reference: it.therapist }, text: 'On holiday' }],
      });
      expect(receiver.arrived).toEqual([]);
      await it.keep(at('2025-01-30', 9));
      expect(receiver.arrived.map(({ to }) => to)).toEqual([it.patient]);
      const response = await it.answer('distress-thermometer', at('2025-02-03'));
      await it.keep(at('2025-02-03', 13));
      const [done, ...others] = (await it.tasks()).filter((task) => task.status === 'completed');
      expect([done?.id, done?.output?.[0]?.valueReference?.reference, others]).toEqual([before.id, response, []]);
    });

    test('a window that passed is asked again in the days before the next one; the answer completes that Task', async () => {
      await it.keep(at('2025-01-12'));
      await it.keep(at('2025-01-25'));
      const expired = await thermometer();
      expect(expired.businessStatus?.coding?.[0]?.code).toBe('expired');
      await moved(at('2025-01-26'), expired, '2025-01-26', '2025-02-01');
      await it.keep(at('2025-01-26', 13));
      expect(await thermometers()).toEqual(['distress-thermometer p ready']);
    });

    test('outside its bounds, past, or answered, a form stays where it is', async () => {
      await it.keep(at('2025-01-12'));
      const task = await thermometer();
      expect(await moved(at('2025-01-13'), task, '2025-01-20', '2025-02-10')).toEqual({
        kind: 'out-of-bounds',
        bounds: { first: '2025-01-10', last: '2025-02-06' },
      });
      expect(await moved(at('2025-01-13'), task, '2025-01-10', '2025-01-12')).toEqual({ kind: 'past' });
      await it.answer('distress-thermometer', at('2025-01-13'));
      await it.keep(at('2025-01-13', 13));
      expect(await moved(at('2025-01-14'), task, '2025-01-20', '2025-01-25')).toEqual({ kind: 'closed' });
      expect(await moved(at('2025-01-14'), { ...task, id: 'nothing' }, '2025-01-20', '2025-01-25')).toEqual({
        kind: 'not-found',
      });
    });
  });
}
