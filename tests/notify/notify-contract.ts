import { afterEach, describe, expect, test } from '@jest/globals';
import type { Notice, Notify } from '../../src/notify/port.ts';
import type { SendingOptions } from '../../src/notify/sending.ts';

/** How the receiving end answers one try. */
export type Behaviour =
  | 'takes'
  /** 550 or 422: for good. */
  | 'refuses'
  /** 451 or 503: for now. */
  | 'is-unavailable'
  /** Says nothing at all. */
  | 'is-silent'
  /** The connection breaks once the notice was sent. */
  | 'cuts';

/** One message as it arrived: the notice's id as the receiver reads it, and everything that came over the wire. */
export interface Arrived {
  readonly id: string;
  readonly raw: string;
  /** As a person reads it. */
  readonly text: string;
}

/** A real receiver that gives the n-th try the n-th behaviour; the last is for all that follow. */
export interface Receiver {
  readonly notify: Notify;
  readonly arrived: readonly Arrived[];
  readonly tries: () => number;
  stop(): Promise<void>;
}

export type StartReceiver = (options: SendingOptions, ...behaviours: Behaviour[]) => Promise<Receiver>;

/** Milliseconds waited between tries, in order. */
const waits: number[] = [];
const OPTIONS: SendingOptions = {
  timeoutMs: 400,
  attempts: 2,
  timeZone: 'Europe/Madrid',
  now: () => Date.parse('2026-03-01T08:00:00Z'),
  pause: async (ms) => void waits.push(ms),
};

export const NOTICE: Notice = {
  id: '6f3f8f2e-1111-5222-8333-444455556666',
  kind: 'reminder',
  to: { reference: 'Patient/p1', email: 'nuria@example.org', language: 'ca' },
  link: 'https://vincle.example.org/app/',
  respondBy: '2026-03-29T10:00:00Z',
};

/** What every channel owes, whatever it goes over. */
export function notifyContract(name: string, start: StartReceiver): void {
  describe(`telling people by ${name}`, () => {
    let receiver: Receiver | undefined;
    const receiving = async (...behaviours: Behaviour[]): Promise<Receiver> => {
      receiver = await start(OPTIONS, ...behaviours);
      waits.length = 0;
      return receiver;
    };
    afterEach(async () => {
      await receiver?.stop();
      receiver = undefined;
    });

    test('a notice that is taken is delivered once, with the time', async () => {
      const { notify, arrived } = await receiving('takes');
      expect(await notify.send(NOTICE)).toEqual({ kind: 'delivered', channel: name, at: '2026-03-01T08:00:00.000Z' });
      expect(arrived.map((it) => it.id)).toEqual([NOTICE.id]);
    });

    test.each([
      ['en', 'Something is waiting for you in the application.', 'Until: March 29, 2026'],
      ['es', 'Tiene algo pendiente en la aplicación.', 'Hasta: 29 de marzo de 2026'],
      ['ca', 'Té alguna cosa pendent a l’aplicació.', 'Fins: 29 de març del 2026'],
    ] as const)(
      'a person reads it in their own language (%s): that something waits, until when, and where',
      async (language, sentence, until) => {
        const { notify, arrived } = await receiving('takes');
        await notify.send({ ...NOTICE, to: { ...NOTICE.to, language } });
        for (const it of [sentence, until, NOTICE.link]) expect(arrived[0]?.text).toContain(it);
      },
    );

    test.each(['reminder', 'safety-sign', 'safety-escalation', 'decision-overdue', 'safety-watch-down'] as const)(
      'a notice of kind %s holds no instrument, no answer and no reference of a patient but its recipient’s',
      async (kind) => {
        const { notify, arrived } = await receiving('takes');
        await notify.send({ ...NOTICE, kind, to: { ...NOTICE.to, reference: 'Practitioner/t1' } });
        const words =
          /PHQ|GAD|WAI|SUS\b|HADS|VAS|distress|questionnaire|qüestionari|alliance|suicid|depress|anxi|Patient\//i;
        expect(arrived[0]?.raw).not.toMatch(words);
        expect(arrived[0]?.text).not.toMatch(words);
      },
    );

    test('what the receiver will never take is refused, without another try, and the reason is a code', async () => {
      const { notify, tries } = await receiving('refuses');
      const ended = await notify.send(NOTICE);
      expect([ended.kind, tries()]).toEqual(['refused', 1]);
      expect(ended).toEqual(expect.objectContaining({ reason: expect.stringMatching(/^(SMTP 550|HTTP 422)$/) }));
    });

    test('what it may take later is tried again, with the same id, so that it can be dropped', async () => {
      const { notify, arrived, tries } = await receiving('cuts', 'takes');
      expect((await notify.send(NOTICE)).kind).toBe('delivered');
      expect([tries(), waits]).toEqual([2, [500]]);
      expect(new Set(arrived.map((it) => it.id))).toEqual(new Set([NOTICE.id]));
    });

    test.each(['is-unavailable', 'cuts', 'is-silent'] as const)(
      'a receiver that %s is unreachable after a bounded number of tries',
      async (behaviour) => {
        const { notify, tries } = await receiving(behaviour);
        const begun = performance.now();
        expect((await notify.send(NOTICE)).kind).toBe('unreachable');
        expect(tries()).toBe(2);
        expect(performance.now() - begun).toBeLessThan(OPTIONS.timeoutMs * 2 + 1_500);
      },
    );

    test('nobody at the address is unreachable, and the check says so', async () => {
      const { notify, stop } = await receiving('takes');
      await stop();
      const ended = await notify.send(NOTICE);
      expect(ended).toEqual({ kind: 'unreachable', channel: name, reason: expect.stringMatching(/^E[A-Z]+$/) });
      expect((await notify.check()).ok).toBe(false);
    });

    test('the check finds a receiver that stands there, and tells nobody anything', async () => {
      const { notify, arrived } = await receiving('takes');
      expect([await notify.check(), arrived.length]).toEqual([{ ok: true }, 0]);
    });

    test('the check does not wait for ever', async () => {
      const { notify } = await receiving('is-silent');
      expect((await notify.check()).ok).toBe(false);
    });

    test('whoever asks to stop is heeded, and nothing is tried again', async () => {
      const { notify, tries } = await receiving('is-silent');
      const stopping = new AbortController();
      const sending = notify.send(NOTICE, stopping.signal);
      stopping.abort();
      expect([(await sending).kind, tries()]).toEqual(['unreachable', expect.any(Number)]);
      expect(tries()).toBeLessThanOrEqual(1);
      expect(waits).toEqual([]);
    });

    test.each([
      ['a link that breaks a line', { link: 'https://x.example/\r\nBcc: everybody@example.org' }],
      ['a link that is none', { link: 'javascript:alert(1)' }],
      ['a link with a password', { link: 'https://user:pass@x.example/' }],
      ['an id that breaks a header', { id: 'a>\r\nBcc: everybody@example.org' }],
    ])('%s is refused before anything is sent', async (_what, part) => {
      const { notify, tries } = await receiving('takes');
      expect([(await notify.send({ ...NOTICE, ...part })).kind, tries()]).toEqual(['refused', 0]);
    });

    test('what went wrong is told without the recipient’s address, and nothing is printed', async () => {
      const printed: unknown[] = [];
      const [out, error] = [process.stdout.write, process.stderr.write];
      process.stdout.write = (it: unknown) => printed.push(it) > 0;
      process.stderr.write = (it: unknown) => printed.push(it) > 0;
      try {
        for (const behaviour of ['refuses', 'is-unavailable', 'cuts'] as const) {
          const { notify, stop } = await receiving(behaviour);
          expect(JSON.stringify(await notify.send(NOTICE))).not.toMatch(/nuria|example\.org/);
          await stop();
        }
      } finally {
        process.stdout.write = out;
        process.stderr.write = error;
      }
      expect(printed).toEqual([]);
    });
  });
}
