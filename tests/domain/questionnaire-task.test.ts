import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { Task } from 'fhir/r4.js';
import type { Occasion } from '../../src/domain/occasion.ts';
import {
  isExpired,
  newQuestionnaireTask,
  outputOf,
  remindedMs,
  remindedTask,
  type Settling,
  type Situation,
  settledTask,
  stoppedFor,
  stoppedTask,
} from '../../src/domain/questionnaire-task.ts';
import { instantsOf } from '../../src/domain/schedule.ts';

const display = () => undefined;
const form = {
  id: 'wai-s-p-m3',
  instrument: 'wai-s-p',
  rater: 'patient' as const,
  timing: { kind: 'visit' as const, visit: 'm3' as const },
  createAheadDays: 7,
  remindAfterDays: [14],
};
const occasionOf = (first: string, last: string): Occasion => ({
  id: 'task-1',
  group: 'group-1',
  schedule: 'https://w3id.org/vincle/PlanDefinition/study|1.0.0',
  form,
  window: { key: 'm3', first, last },
  at: instantsOf({ key: 'm3', first, last }, form, 'Europe/Madrid'),
  patient: 'Patient/p',
  owner: 'Patient/p',
  therapist: 'Practitioner/t',
  basedOn: undefined,
});
const OCCASION = occasionOf('2025-02-25', '2025-05-24');
const LATER = occasionOf('2025-03-25', '2025-06-24');
const known = new Map<string, boolean>([
  ['QuestionnaireResponse/good', true],
  ['QuestionnaireResponse/withdrawn', false],
]);
const settling = (now = '2025-03-01T10:00:00.000Z'): Settling => ({
  questionnaire: 'https://w3id.org/vincle/Questionnaire/wai-s-p|1.0.0',
  now,
  baseUrl: 'https://fhir.example',
  display,
  answers: (response) => known.get(response) ?? false,
});
const fresh = newQuestionnaireTask(OCCASION, settling().questionnaire, '2025-02-18T00:00:00.000Z', display);
const good: Situation = { kind: 'answered', response: 'QuestionnaireResponse/good' };
const through = (task: Task, ...situations: Situation[]): Task =>
  situations.reduce((it, situation) => settledTask(it, OCCASION, situation, settling()), task);

describe('the Task of an occasion', () => {
  test('is the one of Structured Data Capture: the form in, the response out, the window and nothing else as restriction', () => {
    const done = through(fresh, { kind: 'open' }, good);
    expect(done.code?.coding?.[0]).toEqual({
      system: 'http://hl7.org/fhir/uv/sdc/CodeSystem/temp',
      code: 'complete-questionnaire',
      display: 'Complete Questionnaire',
    });
    expect(done.input?.map((it) => [it.type.coding?.[0]?.code, it.valueCanonical])).toEqual([
      ['questionnaire', 'https://w3id.org/vincle/Questionnaire/wai-s-p|1.0.0'],
    ]);
    expect(done.output?.map((it) => [it.type.coding?.[0]?.code, it.valueReference?.reference])).toEqual([
      ['questionnaire-response', 'QuestionnaireResponse/good'],
    ]);
    expect(done.restriction).toEqual({
      period: { start: '2025-02-24T23:00:00.000Z', end: '2025-05-24T21:59:59.999Z' },
    });
    expect([done.for?.reference, done.owner?.reference, done.focus?.reference]).toEqual([
      'Patient/p',
      'Patient/p',
      'Practitioner/t',
    ]);
  });

  test.each([
    ['before its window', [{ kind: 'ahead' }], 'requested'],
    ['once its window is open', [{ kind: 'ahead' }, { kind: 'open' }], 'ready'],
    ['once a draft is saved', [{ kind: 'open' }, { kind: 'begun' }], 'in-progress'],
    ['once the answer has arrived', [{ kind: 'open' }, good], 'completed'],
    ['once its window has passed', [{ kind: 'open' }, { kind: 'passed' }], 'failed'],
    ['passed over in a month of downtime', [{ kind: 'passed' }], 'failed'],
    ['answered in its window, but arriving after it', [{ kind: 'passed' }, good], 'completed'],
    ['answered, whatever time it is', [good, { kind: 'open' }], 'completed'],
  ] as [string, Situation[], Task['status']][])('%s', (_when, situations, status) => {
    expect(through(fresh, ...situations).status).toBe(status);
  });

  test('an answer that was withdrawn opens it again, or lets it expire', () => {
    const done = through(fresh, { kind: 'answered', response: 'QuestionnaireResponse/withdrawn' });
    const [again, expired] = [through(done, { kind: 'open' }), through(done, { kind: 'passed' })];
    expect([again.status, again.output, expired.status, isExpired(expired), expired.output]).toEqual([
      'ready',
      undefined,
      'failed',
      true,
      undefined,
    ]);
  });

  test('a filler that completed it with a response of its own keeps what it said', () => {
    const filled: Task = {
      ...through(fresh, { kind: 'answered', response: 'https://elsewhere.example/QuestionnaireResponse/1' }),
    };
    expect(through(filled, { kind: 'open' })).toBe(filled);
    expect(through(filled, { kind: 'passed' })).toBe(filled);
  });

  test('a clock that goes back changes nothing', () => {
    const open = through(fresh, { kind: 'open' });
    const expired = through(open, { kind: 'passed' });
    expect(through(open, { kind: 'ahead' })).toBe(open);
    expect(through(expired, { kind: 'open' })).toBe(expired);
  });

  test('a window that moved takes the Task along, and opens what had expired', () => {
    const expired = through(fresh, { kind: 'passed' });
    const moved = settledTask(expired, LATER, { kind: 'open' }, settling());
    expect([moved.status, moved.businessStatus, moved.restriction?.period?.start]).toEqual([
      'ready',
      undefined,
      '2025-03-24T23:00:00.000Z',
    ]);
    const open = through(fresh, { kind: 'open' });
    expect(settledTask(open, LATER, { kind: 'ahead' }, settling()).status).toBe('requested');
  });

  test('what a person closed stays closed, but for an answer', () => {
    for (const closed of [
      { ...fresh, status: 'rejected' as const },
      { ...fresh, status: 'cancelled' as const, statusReason: { text: 'moved abroad' } },
      { ...fresh, status: 'failed' as const },
    ]) {
      expect(through(closed, { kind: 'open' }).status).toBe(closed.status);
      expect(through(closed, { kind: 'passed' }).status).toBe(closed.status);
      expect(through(closed, good).status).toBe('completed');
    }
    const wrong = { ...fresh, status: 'entered-in-error' as const };
    expect(through(wrong, good)).toBe(wrong);
  });

  test('what Vincle cancelled is open again once the reason is gone, never after its window', () => {
    const cancelled = stoppedTask(fresh, 'consent-withdrawn', '2025-03-01T10:00:00.000Z', display);
    expect([cancelled.status, stoppedFor(cancelled)]).toEqual(['cancelled', 'consent-withdrawn']);
    const again = through(cancelled, { kind: 'open' });
    expect([again.status, again.statusReason]).toEqual(['ready', undefined]);
    expect(through(cancelled, { kind: 'passed' })).toBe(cancelled);
  });

  test('reminded is a business status, and goes when it expires', () => {
    const reminded = remindedTask(through(fresh, { kind: 'open' }), '2025-03-11T08:00:00.000Z', display);
    expect([reminded.businessStatus?.coding?.[0]?.code, remindedMs(reminded)]).toEqual([
      'reminded',
      Date.parse('2025-03-11T08:00:00.000Z'),
    ]);
    expect(isExpired(through(reminded, { kind: 'passed' }))).toBe(true);
  });
});

describe('the states of the Task, whatever happens', () => {
  const situation = fc.constantFrom<Situation>(
    { kind: 'ahead' },
    { kind: 'open' },
    { kind: 'begun' },
    good,
    { kind: 'answered', response: 'QuestionnaireResponse/withdrawn' },
    { kind: 'passed' },
  );
  const step = fc.oneof(
    fc.record({ situation, occasion: fc.constantFrom(OCCASION, LATER) }),
    fc.constantFrom<'stop' | 'remind'>('stop', 'remind'),
  );
  const OPEN = ['requested', 'ready', 'in-progress'];
  /** Every change that may be seen, by hand. */
  const MAY: Record<string, readonly string[]> = {
    requested: ['ready', 'in-progress', 'completed', 'failed', 'cancelled'],
    ready: ['requested', 'in-progress', 'completed', 'failed', 'cancelled'],
    'in-progress': ['completed', 'failed', 'cancelled'],
    completed: ['requested', 'ready', 'in-progress', 'failed'],
    failed: ['requested', 'ready', 'in-progress', 'completed'],
    cancelled: ['requested', 'ready', 'in-progress', 'completed'],
  };

  test('only the changes of the table happen, and each state says what it must', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        let task: Task = fresh;
        for (const it of steps) {
          const before = task;
          if (it === 'stop') task = stoppedTask(task, 'rescheduled', '2025-03-01T10:00:00.000Z', display);
          else if (it === 'remind')
            task = OPEN.includes(task.status) ? remindedTask(task, '2025-03-11T08:00:00.000Z', display) : task;
          else task = settledTask(task, it.occasion, it.situation, settling());
          if (task.status !== before.status) expect(MAY[before.status]).toContain(task.status);
          expect(task.output === undefined).toBe(task.status !== 'completed');
          expect(isExpired(task)).toBe(task.status === 'failed');
          expect(stoppedFor(task) === undefined).toBe(task.status !== 'cancelled');
          expect([task.id, task.identifier, task.groupIdentifier]).toEqual([
            fresh.id,
            fresh.identifier,
            fresh.groupIdentifier,
          ]);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test('said twice is said once: the second time nothing is written', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 15 }), situation, (steps, last) => {
        let task: Task = fresh;
        for (const it of steps)
          if (typeof it === 'object') task = settledTask(task, it.occasion, it.situation, settling());
          else if (it === 'stop') task = stoppedTask(task, 'rescheduled', '2025-03-01T10:00:00.000Z', display);
        const once = settledTask(task, OCCASION, last, settling('2025-03-02T10:00:00.000Z'));
        expect(settledTask(once, OCCASION, last, settling('2025-03-03T10:00:00.000Z'))).toBe(once);
      }),
    );
  });

  test('an answer is never lost to time: completed by a standing answer, it stays so', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom<Situation>({ kind: 'ahead' }, { kind: 'open' }, { kind: 'begun' }, { kind: 'passed' }),
          { maxLength: 10 },
        ),
        (later) => {
          const done = through(through(fresh, good), ...later);
          expect([done.status, outputOf(done, 'https://fhir.example')]).toEqual([
            'completed',
            'QuestionnaireResponse/good',
          ]);
        },
      ),
    );
  });
});
