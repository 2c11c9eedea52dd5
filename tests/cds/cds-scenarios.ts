import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { MeasureReport } from 'fhir/r4.js';
import { countsIn, reportId } from '../../src/domain/cds-feedback.ts';
import { prefetchTemplates } from '../../src/domain/overview-queries.ts';
import type { Card } from '../../src/http/cds-hooks/card.ts';
import { measuresRead } from '../../src/pipeline/steps/find-step-changes.ts';
import {
  alliance,
  type Clinic,
  hook,
  MARKER,
  member,
  NOW,
  openClinic,
  overdueForm,
  proposed,
  signOf,
} from './clinic.ts';

const topic = (cards: readonly Card[], code: string): Card | undefined =>
  cards.find((it) => it.source.topic.code === code);
const values = ['41', '57', '16'];
const ALLIANCE = ['wai-s-p', 'wai-s-t', 'wai-s-dyad'] as const;

/** What a clinician sees in the EHR, on any FHIR server. */
export function cdsScenarios(name: string, server: () => string): void {
  describe(`CDS Hooks on ${name}`, () => {
    jest.setTimeout(120_000);
    let clinic: Clinic;
    beforeAll(async () => {
      clinic = await openClinic(server(), {
        launchUrl: 'https://vincle.example/launch',
        guideUrl: 'https://hospital.example/stepped-care',
      });
    });
    afterAll(() => clinic.stop());
    const fresh = async (): Promise<Clinic> => openClinic(server());
    const closing = async (it: Clinic, body: () => Promise<void>) => {
      try {
        await body();
      } finally {
        await it.stop();
      }
    };

    test('the level, the proposed step with its reason, and one batch for all of it', async () => {
      const proposal = await proposed(clinic);
      const before = clinic.requests();
      const cards = await clinic.view(clinic.ward.anna);
      expect(clinic.requests() - before).toBe(1);
      expect(cards.map((it) => it.source.topic.code)).toEqual(['proposal', 'level']);
      expect(topic(cards, 'level')?.summary).toMatch(/since 1 November 2026$/);
      const card = topic(cards, 'proposal');
      expect(card?.indicator).toBe('warning');
      expect(card?.detail).toContain('3 November 2026');
      expect(card?.detail).toContain('no measurement error');
      expect(card?.detail).toContain('agreement is not recorded yet');
      expect(card?.suggestions).toBeUndefined();
      expect(card?.overrideReasons?.every((it) => (it.display ?? '') !== '')).toBe(true);
      expect(card?.links?.[0]).toEqual({
        label: 'Open in Vincle',
        url: 'https://vincle.example/launch',
        type: 'smart',
        appContext: JSON.stringify({ view: 'proposal', carePlan: proposal.id }),
      });
      expect(card?.links?.[1]).toMatchObject({ type: 'absolute', url: 'https://hospital.example/stepped-care' });
    });

    test('the words are Spanish or Catalan where the request asks for them', async () => {
      const ca = await clinic.view(clinic.ward.anna, {}, { 'accept-language': 'fr, ca;q=0.9, en;q=0.5' });
      const es = await clinic.view(clinic.ward.anna, {}, { 'accept-language': 'es-ES' });
      expect(topic(ca, 'level')?.summary).toMatch(/^Nivell d’atenció: .*1 de novembre del? 2026$/);
      expect(topic(es, 'level')?.summary).toMatch(/^Nivel de atención: .*1 de noviembre de 2026$/);
      expect(topic(ca, 'proposal')?.detail).toContain('Una regla proposa, un clínic decideix.');
    });

    test('the EHR writes the suggested CarePlan, and the steps job begins the level as if it had been decided in Vincle', async () => {
      const { ward } = clinic;
      const [proposal] = await ward.proposals();
      await ward.position(proposal?.id ?? '', 'agreed', NOW);
      expect((await clinic.view(ward.carme)).find((it) => it.suggestions !== undefined)).toBeUndefined();
      expect((await clinic.view(ward.dolors)).find((it) => it.suggestions !== undefined)).toBeUndefined();
      const [suggestion] = topic(await clinic.view(ward.bernat), 'proposal')?.suggestions ?? [];
      expect(suggestion?.actions).toHaveLength(1);
      const action = suggestion?.actions[0];
      expect(action?.type).toBe('update');
      if (action === undefined) throw new Error('nothing was suggested');
      await ward.direct.write({ method: 'PUT', resource: action.resource });
      await ward.steps('2026-11-04T09:05:00.000Z');
      const [former, next] = await ward.plans();
      expect(former?.status).toBe('completed');
      expect(next).toMatchObject({
        status: 'active',
        author: { reference: ward.bernat },
        basedOn: [{ reference: `CarePlan/${proposal?.id}` }],
      });
      clinic.setNow('2026-11-04T09:06:00.000Z');
      expect((await clinic.view(ward.anna)).map((it) => it.source.topic.code)).toEqual(['level']);
      clinic.setNow(NOW);
    });

    test('an open sign of danger is critical, says who has it, and never what was answered', async () => {
      const one = await fresh();
      await closing(one, async () => {
        const { ward } = one;
        await ward.put(...member(ward, 'eva', 'psycho-oncologist'));
        const task = signOf(ward, `Practitioner/${ward.id}-eva`);
        await ward.put({ ...task, id: `${ward.id}-sign`, note: [{ text: MARKER }] });
        const raised = await one.view(ward.anna);
        expect(raised[0]).toMatchObject({
          indicator: 'critical',
          summary: 'An open sign of danger: nobody has taken it up yet',
        });
        expect(raised[0]?.detail).toContain('Dr eva');
        expect(JSON.stringify(raised)).not.toMatch(new RegExp(`${MARKER}|phq|item 9|answer`, 'i'));
        await ward.put({ ...task, id: `${ward.id}-sign`, status: 'accepted' });
        expect((await one.view(ward.anna))[0]?.summary).toBe('An open sign of danger, taken up by Dr eva');
        await ward.put({ ...task, id: `${ward.id}-sign`, status: 'cancelled' });
        expect((await one.view(ward.anna))[0]?.indicator).toBe('critical');
      });
    });

    test('overdue ratings and an overdue screening are said, and neither is called well', async () => {
      const one = await fresh();
      await closing(one, async () => {
        const { ward } = one;
        await ward.enrol('2026-08-01T09:00:00.000Z');
        await ward.put(
          overdueForm(ward, 'wai-s-p'),
          overdueForm(ward, 'sus', {
            restriction: { period: { start: '2026-11-01T00:00:00Z', end: '2026-11-20T22:59:59Z' } },
          }),
        );
        const card = topic(await one.view(ward.anna), 'overdue');
        // 1 August to 4 November 2026: 30 + 30 + 31 + 4 days.
        expect(card?.summary).toBe('The regular screening is overdue: never done in 95 days');
        expect(card?.detail).toContain('asked on 1 October 2026, due 20 October 2026, overdue 15 days');
        expect(card?.detail).not.toMatch(/SUS|System Usability/i);
      });
    });

    test('nobody outside the programme, no patient and no relative is shown anything; a patient unknown here is 412', async () => {
      const one = await fresh();
      await closing(one, async () => {
        const { ward } = one;
        await ward.put(
          { resourceType: 'Patient', id: `${ward.id}-outside` },
          { ...overdueForm(ward), for: { reference: `Patient/${ward.id}-outside` } },
        );
        const context = { userId: ward.anna, patientId: `${ward.id}-outside` };
        expect(await one.view(ward.anna, { context })).toEqual([]);
        await ward.put(overdueForm(ward));
        expect(await one.view(ward.anna)).not.toEqual([]);
        expect(await one.view(ward.patient)).toEqual([]);
        expect(await one.view('RelatedPerson/r')).toEqual([]);
        expect((await one.call(hook({ id: `${ward.id}-nobody` }, ward.anna))).status).toBe(412);
      });
    });

    test('alliance ratings are for the team, with their uncertainty, and for nobody who rates while the study goes on', async () => {
      const one = await fresh();
      await closing(one, async () => {
        const { ward } = one;
        await ward.enrol('2026-11-01T09:00:00.000Z');
        await ward.put(
          ...member(ward, 'eva', 'head-of-service'),
          ...member(ward, 'olga', 'coordinator'),
          ...ALLIANCE.map((code, index) => alliance(ward, code, Number(values[index]))),
        );
        const eva = `Practitioner/${ward.id}-eva`;
        const shown = topic(await one.view(eva), 'alliance');
        expect(shown?.detail?.split('\n').filter((it) => it.startsWith('- '))).toEqual([
          '- The patient’s total less the therapist’s: 16, 20 October 2026 (measurement error not known at this centre)',
          '- Alliance, as the patient sees it: 41 of 84, 12 items answered, 20 October 2026 (measurement error not known at this centre)',
          '- Alliance, as the therapist sees it: 57 of 84, 12 items answered, 20 October 2026 (measurement error not known at this centre)',
        ]);
        // Who keeps the office treats nobody, although steps are passed on to her.
        const olga = `Practitioner/${ward.id}-olga`;
        for (const user of [
          olga,
          ward.anna,
          ward.bernat,
          ward.carme,
          ward.dolors,
          'Practitioner/nobody',
          ward.patient,
        ]) {
          const cards = await one.view(user);
          expect([user, topic(cards, 'alliance')]).toEqual([user, undefined]);
        }
      });
    });

    test('what the EHR brings along is used, and saves the batch; half of it is not believed', async () => {
      const one = await fresh();
      await closing(one, async () => {
        const { ward } = one;
        await proposed(one);
        const prefetch = await fetched(one, ward.anna);
        const before = one.requests();
        const brought = await one.view(ward.anna, { prefetch });
        expect(one.requests() - before).toBe(0);
        const own = await one.view(ward.anna);
        expect(one.requests() - before).toBe(1);
        const comparable = (cards: readonly Card[]) => cards.map(({ uuid: _u, suggestions: _s, ...it }) => it);
        // Names are not prefetched: who is asked is then only called a clinician.
        const withoutNames = (cards: readonly Card[]) =>
          JSON.parse(JSON.stringify(comparable(cards)).replace(/Asked: [^.]*\./g, ''));
        expect(withoutNames(brought)).toEqual(withoutNames(own));
        const { carePlans: _left, ...half } = prefetch;
        const broken = { ...prefetch, carePlans: { resourceType: 'OperationOutcome', issue: [] } };
        const paged = {
          ...prefetch,
          carePlans: { resourceType: 'Bundle', type: 'searchset', link: [{ relation: 'next', url: 'x' }] },
        };
        const strange = { ...prefetch, carePlans: { resourceType: 'CarePlan', id: 'x', subject: 7, category: 'x' } };
        for (const other of [half, broken, paged, strange]) {
          const then = one.requests();
          expect((await one.view(ward.anna, { prefetch: other })).map((it) => it.summary)).toEqual(
            own.map((it) => it.summary),
          );
          expect(one.requests() - then).toBe(1);
        }
      });
    });

    test('merged records are one person, whichever of them is open in the EHR', async () => {
      const one = await fresh();
      await closing(one, async () => {
        const { ward } = one;
        await proposed(one);
        const other = `${ward.id}-survivor`;
        await ward.put(
          {
            resourceType: 'Patient',
            id: other,
            active: true,
            link: [{ type: 'replaces', other: { reference: ward.patient } }],
          },
          {
            resourceType: 'Patient',
            id: ward.id,
            active: false,
            link: [{ type: 'replaced-by', other: { reference: `Patient/${other}` } }],
          },
        );
        const context = { userId: ward.anna, patientId: other };
        const cards = await one.view(ward.anna, { context });
        expect(topic(cards, 'level')).toBeDefined();
        expect((await one.view(ward.anna)).map((it) => it.summary)).toEqual(cards.map((it) => it.summary));
      });
    });

    test('what becomes of cards is counted for each rule in the report of the month, once, with no patient in it', async () => {
      const one = await fresh();
      await closing(one, async () => {
        const { ward } = one;
        await proposed(one);
        const cards = await one.view(ward.anna);
        const [proposal, level] = [topic(cards, 'proposal'), topic(cards, 'level')];
        const reason = proposal?.overrideReasons?.[0];
        const at = '2026-11-04T08:59:00Z';
        const before = countsIn(await ward.direct.read('MeasureReport', reportId('2026-11')));
        const feedback = [
          {
            card: proposal?.uuid,
            outcome: 'overridden',
            overrideReason: { reason, userComment: MARKER },
            outcomeTimestamp: at,
          },
          {
            card: level?.uuid,
            outcome: 'accepted',
            acceptedSuggestions: [{ id: crypto.randomUUID() }],
            outcomeTimestamp: at,
          },
          {
            card: crypto.randomUUID(),
            outcome: 'overridden',
            overrideReason: { reason: { system: 'x', code: MARKER } },
            outcomeTimestamp: at,
          },
        ];
        expect((await one.feedback({ feedback })).status).toBe(200);
        expect((await one.feedback({ feedback })).status).toBe(200);
        const report = await ward.direct.read('MeasureReport', reportId('2026-11'));
        const after = countsIn(report);
        const { url, version } = one.context.content.protocol;
        const key = Object.keys(after).find((it) => it.startsWith(`${url}|${version}#`)) ?? '';
        expect(after[key]?.overridden).toBe((before[key]?.overridden ?? 0) + 1);
        expect(after[key]?.reasons[reason?.code ?? '']).toBe((before[key]?.reasons[reason?.code ?? ''] ?? 0) + 1);
        expect(after.level?.accepted).toBe((before.level?.accepted ?? 0) + 1);
        expect(after.unknown?.reasons.other).toBe((before.unknown?.reasons.other ?? 0) + 1);
        expect(JSON.stringify(report)).not.toMatch(new RegExp(`${MARKER}|Patient/|${ward.id}`));
        expect(report).toMatchObject({
          type: 'summary',
          period: { start: '2026-11-01', end: '2026-11-30' },
        } satisfies Partial<MeasureReport>);
        expect(one.log()).not.toContain(MARKER);
        expect((await ward.proposals())[0]?.status).toBe('draft');
      });
    });

    test('five that count at once all count', async () => {
      const one = await fresh();
      await closing(one, async () => {
        const before =
          countsIn(await one.ward.direct.read('MeasureReport', reportId('2026-10'))).unknown?.overridden ?? 0;
        const answers = await Promise.all(
          Array.from({ length: 5 }, () =>
            one.feedback({
              feedback: [
                { card: crypto.randomUUID(), outcome: 'overridden', outcomeTimestamp: '2026-10-04T08:59:00Z' },
              ],
            }),
          ),
        );
        expect(answers.map((it) => it.status)).toEqual(Array(5).fill(200));
        const after = countsIn(await one.ward.direct.read('MeasureReport', reportId('2026-10')));
        expect(after.unknown?.overridden).toBe(before + 5);
      });
    });
  });
}

/** What a CDS client fetches by the templates, as it would send it. */
async function fetched({ ward, context }: Clinic, user: string): Promise<Record<string, unknown>> {
  const templates = prefetchTemplates(measuresRead(context.content.protocol));
  const all = await Promise.all(
    Object.entries(templates).map(async ([key, template]) => {
      const path = template
        .replaceAll('{{context.patientId}}', ward.id)
        .replaceAll('{{userPractitionerId}}', user.slice('Practitioner/'.length));
      const answer = await fetch(`${ward.direct.baseUrl}/${path}`, { headers: { 'cache-control': 'no-cache' } });
      return [key, await answer.json()] as const;
    }),
  );
  return Object.fromEntries(all);
}
