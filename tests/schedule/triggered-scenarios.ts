import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { displayOf } from '../../src/content/display.ts';
import { loadContent } from '../../src/content/load.ts';
import type { Content } from '../../src/content/port.ts';
import type { Protocol, ScheduledForm } from '../../src/domain/protocol.ts';
import { computeAlliance } from '../../src/pipeline/compute-alliance.ts';
import { openState } from '../../src/state/open.ts';
import { compared } from '../steps/protocol.ts';
import { type Clinic, openClinic } from './clinic.ts';
import { PROTOCOL } from './protocol.ts';
import { type NoticeReceiver, startReceiver } from './receiver.ts';

const LONGER: ScheduledForm = {
  id: 'phq-9-after-thermometer',
  instrument: 'phq-9',
  rater: 'patient',
  timing: {
    kind: 'answer',
    when: [compared('distress-thermometer', '>=', 4, 1, 1)],
    windowDays: 7,
    notAgainWithinDays: 14,
  },
  createAheadDays: 0,
  remindAfterDays: [2],
};
/** The digital arm is asked the PHQ-9 only where the thermometer calls for it. */
export const TRIGGERED: Protocol = {
  ...PROTOCOL,
  schedules: PROTOCOL.schedules.map((it) => (it.arm === 'digital' ? { ...it, forms: [...it.forms, LONGER] } : it)),
};
const at = (date: string, hour = 12): string => `${date}T${String(hour).padStart(2, '0')}:00:00+01:00`;

/** The longer form where the shorter one calls for it, against a real server and with the real scoring. */
export function askedOnAnswer(name: string, baseUrlOf: () => string): void {
  describe(`forms that answers call for, ${name}`, () => {
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
      const id = `trg-${process.pid.toString(36)}-${name.length}-${serial}`;
      it = await openClinic(id, { baseUrl: baseUrlOf(), receiver });
      it.protocol = TRIGGERED;
      await it.put(...it.admit('p'));
      receiver.arrived.length = 0;
    });

    /** The thermometer as the patient’s app stores it. */
    const thermometer = async (
      value: number,
      when: string,
      id: string,
      status: 'completed' | 'amended' = 'completed',
    ) =>
      it.put({
        resourceType: 'QuestionnaireResponse',
        id: `${it.id}-${id}`,
        questionnaire: 'https://w3id.org/vincle/Questionnaire/distress-thermometer|1.0.0',
        status,
        subject: { reference: it.patient },
        source: { reference: it.patient },
        authored: when,
        item: [{ linkId: 'dt-1', answer: [{ valueInteger: value }] }],
      });
    /** The alliance job, over what was stored a moment ago. */
    const scored = async () => {
      const settings = {
        study: `ResearchStudy/${it.id}`,
        episodeType: undefined,
        timeZone: 'Europe/Madrid',
        baseUrl: it.server.baseUrl,
      };
      const state = await openState('sqlite::memory:');
      await computeAlliance(
        { server: it.server, state, context: { content, display: displayOf(content.resources), settings } },
        {
          since: new Date(Date.now() - 5_000).toISOString(),
          overlapMs: 0,
          now: Date.now,
          holder: it.id,
          pause: async () => {},
        },
      );
      await state.close();
    };
    const longer = async () =>
      (await it.tasks()).filter((task) => task.input?.[0]?.valueCanonical?.includes('/phq-9|') === true);

    test('below the cut-off nothing is asked; at or above it one Task for a week, which says which answer called for it', async () => {
      await thermometer(3, at('2025-01-20'), 'low');
      await scored();
      await it.keep(at('2025-01-20', 13));
      expect(await longer()).toEqual([]);
      await thermometer(6, at('2025-02-03'), 'high');
      await scored();
      await it.keep(at('2025-02-03', 13));
      const [task, ...others] = await longer();
      expect(others).toEqual([]);
      expect(task).toMatchObject({
        status: 'ready',
        for: { reference: it.patient },
        owner: { reference: it.patient },
        restriction: { period: { start: '2025-02-02T23:00:00.000Z', end: '2025-02-09T22:59:59.999Z' } },
        reasonReference: { reference: expect.stringMatching(/^Observation\//) },
      });
      expect(JSON.stringify(task?.reasonReference)).toMatch(/"value","valueDecimal":6.*">=".*"limit","valueDecimal":4/);
      const source = task?.reasonReference?.reference?.slice('Observation/'.length) ?? '';
      expect((await it.direct.read('Observation', source))?.derivedFrom?.[0]?.reference).toBe(
        `QuestionnaireResponse/${it.id}-high`,
      );
    });

    test('once, whatever comes: another run, a worse answer within the fortnight, a run of another deployment; then again', async () => {
      const other = await openClinic(it.id, { baseUrl: baseUrlOf(), receiver });
      other.protocol = TRIGGERED;
      await thermometer(6, at('2025-02-03'), 'first');
      await scored();
      await Promise.all([it.keep(at('2025-02-03', 13)), other.keep(at('2025-02-03', 13))]);
      await thermometer(9, at('2025-02-08'), 'second');
      await scored();
      await Promise.all([it.keep(at('2025-02-08', 13)), other.keep(at('2025-02-08', 13))]);
      expect(await longer()).toHaveLength(1);
      await thermometer(5, at('2025-02-17'), 'third');
      await scored();
      await it.keep(at('2025-02-17', 13));
      expect((await longer()).map((task) => task.status).sort()).toEqual(['failed', 'ready']);
      expect(await it.keep(at('2025-02-17', 14))).toMatchObject({ created: 0, written: 0 });
    });

    test('reminded in its window, and completed by the answer', async () => {
      await thermometer(6, at('2025-02-03'), 'high');
      await scored();
      await it.keep(at('2025-02-03', 13));
      await it.keep(at('2025-02-05', 9));
      expect(receiver.arrived.map(({ to }) => to)).toEqual([it.patient]);
      const response = await it.answer('phq-9', at('2025-02-06'));
      await it.keep(at('2025-02-06', 13));
      const [task] = await longer();
      expect([task?.status, task?.output?.[0]?.valueReference?.reference]).toEqual(['completed', response]);
    });

    test('amended below the cut-off, the open Task is cancelled and says why; amended back, it is open again, the same one', async () => {
      await thermometer(6, at('2025-02-03'), 'high');
      await scored();
      await it.keep(at('2025-02-03', 13));
      const [before] = await longer();
      await thermometer(2, at('2025-02-03'), 'high', 'amended');
      await scored();
      await it.keep(at('2025-02-03', 14));
      const [cancelled] = await longer();
      expect([cancelled?.status, cancelled?.statusReason?.coding?.[0]?.code]).toEqual(['cancelled', 'answer-amended']);
      await thermometer(7, at('2025-02-03'), 'high', 'amended');
      await scored();
      await it.keep(at('2025-02-03', 15));
      const tasks = await longer();
      expect(tasks.map((task) => [task.id, task.status])).toEqual([[before?.id, 'ready']]);
    });

    test('scored only after the schedule has run, it is asked by the next run all the same', async () => {
      await thermometer(6, at('2025-02-03'), 'high');
      await it.keep(at('2025-02-03', 13));
      expect(await longer()).toEqual([]);
      await scored();
      await it.keep(at('2025-02-03', 14));
      expect(await longer()).toHaveLength(1);
    });

    test('where an item about death may not be offered it is not asked, and the short form is not asked again in its place', async () => {
      await thermometer(6, at('2025-02-03'), 'high');
      await scored();
      await it.keep(at('2025-02-03', 13), { mayOfferSafetyItems: false });
      expect(await it.board()).toEqual([]);
    });
  });
}
