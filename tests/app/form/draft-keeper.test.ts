import { describe, expect, test } from '@jest/globals';
import { Refused } from '../../../src/app/api/refused.ts';
import { DraftKeeper, type Keeping } from '../../../src/app/form/keep/draft-keeper.ts';
import type { Items } from '../../../src/app/form/render/answers.ts';

const answered = (value: number): Items => [{ linkId: 'vas-1', answer: [{ valueInteger: value }] }];

/** A keeper over a server that answers as it is told, on a clock that is moved by hand. */
function keeperOver(answers: readonly (string | Refused)[]) {
  const sent: { items: Items; over: string | undefined }[] = [];
  const kept: (Items | undefined)[] = [];
  const states: Keeping['state'][] = [];
  const waiting: { run: () => void; ms: number }[] = [];
  const left = [...answers];
  const keeper = new DraftKeeper(
    {
      put: async (items, over) => {
        sent.push({ items, over });
        const answer = left.shift() ?? 'last';
        if (answer instanceof Refused) throw answer;
        return answer;
      },
      keepHere: (items) => void kept.push(items),
      onKeeping: ({ state }) => void states.push(state),
      now: () => 0,
      later: (run, ms) => {
        const one = { run, ms };
        waiting.push(one);
        return () => void waiting.splice(waiting.indexOf(one), waiting.includes(one) ? 1 : 0);
      },
    },
    undefined,
  );
  /** Lets the time pass that the next try waits for. */
  const pass = async (): Promise<number | undefined> => {
    const next = waiting.shift();
    next?.run();
    await keeper.flush();
    return next?.ms;
  };
  return { keeper, sent, kept, states, waiting, pass };
}

const offline = () => new Refused('offline', 0, 'offline');
const status = (code: number, retryAfter?: number) => new Refused('status', code, 'said', { retryAfter });

describe('What is answered is saved', () => {
  test('a mark that is being moved is saved once, where it came to rest', async () => {
    const { keeper, sent, pass } = keeperOver(['1']);
    for (const value of [10, 40, 62]) keeper.change(answered(value));
    await pass();
    expect(sent).toEqual([{ items: answered(62), over: undefined }]);
    expect(keeper.isUnsaved).toBe(false);
  });

  test('each answer is saved over the version of the one before, and nothing stays behind in the browser', async () => {
    const { keeper, sent, kept, pass } = keeperOver(['1', '2']);
    keeper.change(answered(1));
    await pass();
    keeper.change(answered(2));
    await pass();
    expect(sent.map((it) => it.over)).toEqual([undefined, '1']);
    expect(kept.at(-1)).toBeUndefined();
  });

  test('an answer given while another is on its way is saved after it', async () => {
    const { keeper, sent, pass } = keeperOver(['1', '2']);
    keeper.change(answered(1));
    const passing = pass();
    keeper.change(answered(2));
    await passing;
    expect(sent.map((it) => it.over)).toEqual([undefined, '1']);
    expect(sent.at(-1)?.items).toEqual(answered(2));
  });
});

describe('What cannot be saved is kept', () => {
  test('without network it is tried again, ever less often, and at once when the network is back', async () => {
    const { keeper, states, waiting, kept } = keeperOver([offline(), offline(), offline(), '1']);
    keeper.change(answered(1));
    waiting.shift()?.run();
    await settled();
    expect(states.at(-1)).toBe('offline');
    const first = waiting.shift();
    first?.run();
    await settled();
    const second = waiting[0];
    expect([first?.ms, second?.ms]).toEqual([2_000, 4_000]);
    expect(kept.at(-1)).toEqual(answered(1));
    keeper.retry();
    expect(waiting.map((it) => it.ms)).toEqual([0]);
  });

  test('the wait that the server names is kept, half a minute at most', async () => {
    const { keeper, waiting } = keeperOver([status(503, 7), status(429, 3_600)]);
    keeper.change(answered(1));
    waiting.shift()?.run();
    await settled();
    const first = waiting.shift();
    first?.run();
    await settled();
    expect([first?.ms, waiting[0]?.ms]).toEqual([7_000, 30_000]);
  });

  test('an ended session is not asked again until a person answers again', async () => {
    const { keeper, sent, states, waiting } = keeperOver([status(401)]);
    keeper.change(answered(1));
    waiting.shift()?.run();
    await settled();
    expect(states.at(-1)).toBe('expired');
    await keeper.flush();
    expect({ tries: sent.length, waiting: waiting.length, unsaved: keeper.isUnsaved }).toEqual({
      tries: 1,
      waiting: 0,
      unsaved: true,
    });
  });

  test('over another version nothing is written until a person has chosen', async () => {
    const { keeper, sent, states, waiting, pass } = keeperOver([status(409), '9']);
    keeper.change(answered(1));
    waiting.shift()?.run();
    await settled();
    keeper.change(answered(2));
    keeper.retry();
    await keeper.flush();
    expect({ state: states.at(-1), tries: sent.length }).toEqual({ state: 'conflict', tries: 1 });
    keeper.settle(answered(2), '8');
    await pass();
    expect(sent.at(-1)).toEqual({ items: answered(2), over: '8' });
  });
});

/** Lets every promise that can settle do so. */
const settled = (): Promise<void> => new Promise((done) => setImmediate(done));
