import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { QuestionnaireResponse, Task } from 'fhir/r4.js';
import type { SafetyItem, SafetyPolicy } from '../../src/domain/protocol.ts';
import { type AskedItem, isBefore, type SafetySign, signsIn } from '../../src/domain/safety.ts';
import { dueSteps, isWatched } from '../../src/domain/safety-chain.ts';
import { flagId, safetyTaskId, signKey } from '../../src/domain/safety-identity.ts';
import {
  acknowledgedTask,
  closedTask,
  isRise,
  type SeenAnswer,
  safetyTask,
  seenAnswer,
  stateOf,
  verdictOn,
  withAnswer,
} from '../../src/domain/safety-sign.ts';

const ITEM: SafetyItem = { instrument: 'phq-9', linkId: 'phq9-9', codes: ['44260-8'], atLeast: 1 };
/** LOINC LL358-3: not at all, several days, more than half the days, nearly every day. */
const OPTIONS = new Map(
  ['LA6568-5', 'LA6569-3', 'LA6570-1', 'LA6571-9'].map((code, raw) => [`http://loinc.org|${code}`, raw]),
);
const CODES = [...OPTIONS.keys()].map((key) => key.slice('http://loinc.org|'.length));
const asked: AskedItem = { item: ITEM, questions: [], options: OPTIONS, ours: true, illegible: false };
const response = (item: unknown, more: Partial<QuestionnaireResponse> = {}): QuestionnaireResponse =>
  ({ resourceType: 'QuestionnaireResponse', status: 'completed', item, ...more }) as QuestionnaireResponse;
const signs = (item: unknown) => signsIn(response(item), [asked]).map((it) => it.answer);

const readable = fc
  .integer({ min: 0, max: 3 })
  .chain((raw) =>
    fc
      .constantFrom<object>(
        { valueCoding: { system: 'http://loinc.org', code: CODES[raw] } },
        { valueCoding: { code: CODES[raw] } },
        { valueInteger: raw },
        { valueDecimal: raw },
        { valueString: String(raw) },
      )
      .map((answer) => ({ raw, answer })),
  );
const unreadable = fc.constantFrom<unknown>(
  { valueString: 'often' },
  { valueString: '', valueCoding: {} },
  { valueCoding: { system: 'urn:other', code: 'LA6568-5' } },
  { valueCoding: { display: 'Not at all' } },
  { valueBoolean: false },
  { valueDecimal: 0.5 },
  { valueInteger: -1 },
  { valueDate: '2026-01-01' },
  7,
  'x',
);
const nothing = fc.constantFrom<unknown>(undefined, null, [], [null], [{}], [{ extension: [{ url: 'urn:x' }] }]);
/** Wraps an item in groups and in items under answers. */
const nested = (item: unknown) =>
  fc
    .array(fc.constantFrom('group', 'answer'), { maxLength: 5 })
    .map((way) =>
      way.reduce<unknown>(
        (inner, kind) =>
          kind === 'group'
            ? { linkId: 'g', item: [inner] }
            : { linkId: 'q', answer: [{ valueInteger: 0, item: [inner] }] },
        item,
      ),
    );
const linkId = fc.constantFrom('phq9-9', '/44260-8', '44260-8', 'phq.44260-8', 'http://loinc.org/44260-8');

describe('signs in a response', () => {
  test('item 9 above 0 is a sign wherever it stands, however it is coded, whatever the status', () => {
    fc.assert(
      fc.property(
        readable,
        linkId.chain((id) => fc.tuple(fc.constant(id), nested(0))),
        fc.constantFrom('in-progress', 'completed', 'amended', 'stopped', 'entered-in-error'),
        fc.array(fc.constantFrom('group', 'answer'), { maxLength: 5 }),
        ({ raw, answer }, [id], status, way) => {
          const item = way.reduce<unknown>(
            (inner, kind) =>
              kind === 'group'
                ? { linkId: 'g', item: [inner] }
                : { linkId: 'q', answer: [{ valueInteger: 0, item: [inner] }] },
            { linkId: id, answer: [answer] },
          );
          const found = signsIn(response([item], { status: status as 'completed' }), [asked]);
          expect(found.map((it) => it.answer)).toEqual(raw === 0 ? [] : [raw]);
        },
      ),
    );
  });

  test('an answer that cannot be read is a sign', () => {
    fc.assert(
      fc.property(unreadable, linkId, (answer, id) => {
        expect(signs([{ linkId: id, answer: [answer] }])).toEqual(['unreadable']);
      }),
    );
  });

  test('a question without an answer is no sign, nor is any other question', () => {
    fc.assert(
      fc.property(
        nothing,
        linkId,
        fc.constantFrom('phq9-8', '/44260-81', '144260-8', 'phq9-99'),
        (answer, id, other) => {
          expect(signs([{ linkId: id, answer }])).toEqual([]);
          expect(signs([{ linkId: other, answer: [{ valueInteger: 3 }] }])).toEqual([]);
        },
      ),
    );
  });

  test('of several answers the worst counts, and one that is harmless hides none', () => {
    fc.assert(
      fc.property(fc.array(readable, { minLength: 1, maxLength: 5 }), (answers) => {
        const worst = Math.max(...answers.map((it) => it.raw));
        expect(signs(answers.map((it) => ({ linkId: 'phq9-9', answer: [it.answer] })))).toEqual(
          worst === 0 ? [] : [worst],
        );
      }),
    );
  });

  test('no malformed response makes it fail', () => {
    fc.assert(
      fc.property(fc.anything(), (item) => {
        expect(Array.isArray(signs(item))).toBe(true);
        expect(Array.isArray(signs([{ linkId: 'phq9-9', answer: item }]))).toBe(true);
      }),
    );
  });

  test('a form whose questions nobody can tell is a sign as soon as anything is answered', () => {
    const illegible = { ...asked, illegible: true, ours: false };
    expect(signsIn(response([{ linkId: 'x', answer: [{ valueInteger: 0 }] }]), [illegible])).toHaveLength(1);
    expect(signsIn(response([{ linkId: 'x' }]), [illegible])).toEqual([]);
  });
});

type Step =
  | { readonly kind: 'answer'; readonly answer: SafetySign['answer'] | 'none' }
  | { readonly kind: 'acknowledge' | 'close' | 'cancel' };
const step: fc.Arbitrary<Step> = fc.oneof(
  fc
    .constantFrom<SafetySign['answer'] | 'none'>('none', 1, 2, 3, 'unreadable')
    .map((answer) => ({ kind: 'answer' as const, answer })),
  fc.constantFrom('acknowledge' as const, 'close' as const, 'cancel' as const).map((kind) => ({ kind })),
);
const key = signKey('Patient/p', response([], { id: 'r' }), 'phq9-9');
const display = () => undefined;
const fresh = (episode: number, answer: SafetySign['answer']): Task =>
  safetyTask(
    {
      key,
      episode,
      item: ITEM,
      answer,
      response: { reference: 'QuestionnaireResponse/r' },
      at: '2026-11-23T08:00:00.000Z',
      respondBy: '2026-11-23T09:00:00.000Z',
      owner: { reference: 'Practitioner/a' },
      deceased: false,
    },
    display,
  );

/** Plays a history over the Tasks of one response and item, as the pipeline does. */
function play(steps: readonly Step[]) {
  const tasks: Task[] = [];
  const closedBy: number[] = [];
  let answer: SeenAnswer = 'none';
  for (const it of steps) {
    const latest = tasks.at(-1);
    if (it.kind === 'answer') {
      answer = it.answer;
      const verdict = verdictOn(tasks, it.answer === 'none' ? undefined : { item: ITEM, answer: it.answer });
      if (verdict.kind === 'raise') tasks.push(fresh(verdict.episode, it.answer === 'none' ? 'unreadable' : it.answer));
      if (verdict.kind === 'note') tasks[tasks.length - 1] = withAnswer(verdict.task, verdict.answer, display);
    } else if (latest !== undefined && stateOf(latest) !== 'closed') {
      if (it.kind === 'acknowledge') tasks[tasks.length - 1] = acknowledgedTask(latest, 'Practitioner/a', 'now');
      if (it.kind === 'cancel') tasks[tasks.length - 1] = { ...latest, status: 'cancelled' };
      if (it.kind === 'close') {
        tasks[tasks.length - 1] = closedTask(latest, 'Practitioner/a', 'now', 'safety-plan', display);
        closedBy.push(tasks.length - 1);
      }
    }
  }
  return { tasks, closedBy, answer };
}

describe('the state of a sign', () => {
  test('nothing but a clinician closes one: no answer, no cancelling, no number of them', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const { tasks, closedBy } = play(steps);
        expect(tasks.flatMap((it, index) => (stateOf(it) === 'closed' ? [index] : []))).toEqual([...new Set(closedBy)]);
      }),
    );
  });

  test('a sign that stands is never without an open or closed review, and only the last may be open', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const { tasks, answer } = play(steps);
        expect(answer === 'none' || tasks.length > 0).toBe(true);
        expect(tasks.slice(0, -1).every((it) => stateOf(it) === 'closed')).toBe(true);
      }),
    );
  });

  test('seen again with the same answer, nothing is raised and nothing changes', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        // A closed sign learns at the first look after its closure what the answer is by then.
        const { answer } = play(steps);
        const { tasks } = play([...steps, { kind: 'answer', answer }]);
        const sign = answer === 'none' ? undefined : { item: ITEM, answer };
        expect(verdictOn(tasks, sign)).toEqual({ kind: 'stands' });
      }),
    );
  });

  test('while it is open it keeps the worst answer; once closed, any rise opens the next', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1 }), (raws) => {
        const open = play(raws.map((answer): Step => ({ kind: 'answer', answer })));
        expect(open.tasks.map(seenAnswer)).toEqual([Math.max(...raws)]);
        const closed: Step[] = [{ kind: 'answer', answer: 3 }, { kind: 'close' }];
        const after = play([...closed, ...raws.map((answer): Step => ({ kind: 'answer', answer }))]);
        const rose = raws.some((raw, index) => raw > (raws[index - 1] ?? 3));
        expect(after.tasks.length > 1).toBe(rose);
      }),
    );
  });

  test('what cannot be read may be anything: from and to it is a rise', () => {
    expect([
      isRise(3, 'unreadable'),
      isRise('unreadable', 1),
      isRise('unreadable', 'unreadable'),
      isRise('none', 1),
    ]).toEqual([true, true, false, true]);
  });

  test('Flag and Task of a patient, response, item and episode have ids of their own, always the same', () => {
    const id = fc.stringMatching(/^[a-z0-9]{1,6}$/);
    fc.assert(
      fc.property(
        id,
        id,
        id,
        id,
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 4 }),
        (a, b, r, s, m, n) => {
          const [one, two] = [a, b].map((patient, index) =>
            signKey(`Patient/${patient}`, response([], { id: index === 0 ? r : s }), 'phq9-9'),
          );
          const same = a === b && r === s && m === n;
          expect(flagId(one!, m) === flagId(two!, n)).toBe(same);
          expect(safetyTaskId(one!, m) === safetyTaskId(two!, n)).toBe(same);
          expect(flagId(one!, m)).not.toBe(safetyTaskId(one!, m));
        },
      ),
    );
  });
});

const POLICY: SafetyPolicy = {
  items: [ITEM],
  respondWithinMinutes: 60,
  chain: [
    { afterMinutes: 0, role: 'psycho-oncologist' },
    { afterMinutes: 30, role: 'on-call' },
    { afterMinutes: 60, role: 'coordinator' },
  ],
  outcomes: ['safety-plan'],
  watched: [
    { days: [1, 2, 3, 4, 5], from: '08:00', to: '15:00' },
    { days: [5], from: '22:00', to: '06:00' },
  ],
};

describe('the chain and the hours', () => {
  test('the first step is due at once, whatever the clock says, and a step once due stays due', () => {
    fc.assert(
      fc.property(fc.integer({ min: -120, max: 240 }), fc.nat(240), (minutes, more) => {
        const at = (m: number) => dueSteps(POLICY, 0, m * 60_000).map((it) => it.name);
        expect(at(minutes)[0]).toBe('0/psycho-oncologist');
        expect(at(minutes + more)).toEqual(expect.arrayContaining(at(minutes)));
      }),
    );
  });

  test.each([
    ['Monday 08:00', '2026-11-23T07:00:00Z', true],
    ['Monday 07:59', '2026-11-23T06:59:00Z', false],
    ['Monday 15:00', '2026-11-23T14:00:00Z', false],
    ['Sunday noon', '2026-11-22T11:00:00Z', false],
    ['the night from Friday to Saturday, 05:59', '2026-11-28T04:59:00Z', true],
    ['the night from Thursday to Friday, 05:59', '2026-11-27T04:59:00Z', false],
    ['Monday 08:30 in summer', '2026-07-20T06:30:00Z', true],
  ])('somebody watches in Madrid: %s', (_when, instant, watched) => {
    expect(isWatched(POLICY, Date.parse(instant), 'Europe/Madrid')).toBe(watched);
  });

  test('an answer from the day of SAFETY_FROM is not too old, one from the day before is', () => {
    const from = Date.parse('2026-06-01T00:00:00+02:00');
    const old = (authored: string | undefined, lastUpdated?: string) =>
      isBefore(
        response([], {
          ...(authored === undefined ? {} : { authored }),
          ...(lastUpdated === undefined ? {} : { meta: { lastUpdated } }),
        }),
        from,
        'Europe/Madrid',
      );
    expect([old('2026-06-01'), old('2026-05-31'), old('2026-06'), old('2026-04')]).toEqual([false, true, false, true]);
    expect([old('2026-05-30'), old('2026-05-31T23:59:00+02:00'), old(undefined)]).toEqual([true, true, false]);
    expect(old(undefined, '2026-05-01T00:00:00Z')).toBe(true);
  });
});
