import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type {
  CareTeam,
  Consent,
  FhirResource,
  ObservationComponent,
  QuestionnaireResponse,
  ResearchSubject,
} from 'fhir/r4.js';
import { displayOf } from '../../src/content/display.ts';
import { loadContent } from '../../src/content/load.ts';
import type { Content } from '../../src/content/port.ts';
import { CONSENT_PURPOSE } from '../../src/domain/consent.ts';
import { pairId, responseKey, scoreId } from '../../src/domain/derived-identity.ts';
import { connectFhir } from '../../src/fhir/connect.ts';
import type { FhirServer } from '../../src/fhir/port.ts';
import { logContact } from '../../src/pipeline/clinic/change-care.ts';
import { handOverPatient } from '../../src/pipeline/clinic/hand-over-patient.ts';
import { readPatientPage } from '../../src/pipeline/clinic/read-patient.ts';
import { readResponsePage } from '../../src/pipeline/clinic/read-response-page.ts';
import { readWorklist } from '../../src/pipeline/clinic/read-worklist.ts';
import type { Reader } from '../../src/pipeline/clinic/reader.ts';
import { computeAlliance } from '../../src/pipeline/compute-alliance.ts';
import { patientOverview } from '../../src/pipeline/patient-overview.ts';
import { openState } from '../../src/state/open.ts';
import { INCLUDED, type Scenario, scenario } from '../interop/scenario.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const ROLE = 'https://w3id.org/vincle/CodeSystem/role';
const RELIABLE_CHANGE = 'https://w3id.org/vincle/CodeSystem/reliable-change';
const NOW = Date.parse('2025-09-01T10:00:00Z');
/** Every list as it is opened first. */
const ALL = { q: '', need: 'all', sort: 'need', page: 1 } as const;

/** The clinician's pages over a real server: who is shown what, and what a page costs. */
export function clinicPages(name: string, baseUrlOf: () => string): void {
  let server: FhirServer;
  let content: Content;
  let it: Scenario;
  let serial = 0;

  beforeAll(async () => {
    server = connectFhir({ baseUrl: baseUrlOf(), auth: { kind: 'none' } });
    content = await loadContent({ shipped: ROOT });
  }, 60_000);

  const idOf = (reference: string): string => reference.slice(reference.indexOf('/') + 1);
  const put = async (...resources: FhirResource[]): Promise<void> => {
    await server.transaction(resources.map((resource) => ({ method: 'PUT', resource })));
  };
  const context = () => ({
    content,
    display: displayOf(content.resources),
    settings: { study: it.study, episodeType: undefined, timeZone: 'Europe/Madrid', baseUrl: server.baseUrl },
  });
  const member = (role: string, who: string) => ({
    role: [{ coding: [{ system: ROLE, code: role }] }],
    member: { reference: who },
  });
  const reader = (practitioner: string, ...roles: string[]): Reader => ({ practitioner, roles, mayWrite: () => true });
  const therapist = (): Reader => reader(it.therapist, 'psycho-oncologist');
  const head = (): Reader => reader(`${it.therapist}-head`, 'head-of-service');
  const whole = (who = therapist()) => readPatientPage({ server, context: context() }, who, it.patient, NOW);
  const page = async (who = therapist()) => (await whole(who))?.view;
  const wholeList = (who = therapist(), asked: Parameters<typeof readWorklist>[2] = ALL) =>
    readWorklist({ server, context: context() }, who, asked, NOW);
  const list = async (...asked: Parameters<typeof wholeList>) => (await wholeList(...asked)).view;
  const response = (end: string, who = therapist()) =>
    readResponsePage(
      { server, context: context() },
      who,
      { patient: it.patient, response: it.responses.find((r) => r.id?.endsWith(end))?.id ?? '' },
      NOW,
    );

  beforeEach(async () => {
    serial += 1;
    it = scenario(`clinic-${process.pid.toString(36)}-${name.length}-${serial}`);
    const team: CareTeam = {
      resourceType: 'CareTeam',
      id: `${idOf(it.patient)}-roles`,
      status: 'active',
      subject: { reference: it.patient },
      participant: [member('psycho-oncologist', it.therapist), member('head-of-service', `${it.therapist}-head`)],
    };
    const others: FhirResource[] = ['head', 'other'].map((end) => ({
      resourceType: 'Practitioner',
      id: `${idOf(it.therapist)}-${end}`,
      name: [{ text: `Synthetic ${end}` }],
    }));
    await put(...others, ...it.programme, team, ...it.responses);
    await computed();
  });
  const computed = async (): Promise<void> => {
    const state = await openState('sqlite::memory:');
    await computeAlliance(
      { server, state, context: context() },
      { overlapMs: 0, now: Date.now, holder: 'test', pause: async () => {} },
    );
    await state.close();
  };

  /** Whatever would tell how the patient rated: ids of the answers, of the scores, the dyad and the change. */
  const patientSide = (): string[] => {
    const own = it.responses.filter((r) => r.questionnaire?.includes('wai-s-p'));
    return [
      ...own.map((r) => r.id ?? ''),
      ...own.map((r) => scoreId('wai-s-p', responseKey(r))),
      pairId('wai-s-dyad', it.patient, it.therapist, 'm3'),
      pairId('wai-s-p-change', it.patient, it.therapist, 'm6'),
      '"gap"',
      '"change"',
    ];
  };

  const participationEnds = async (): Promise<void> => {
    const subject = it.programme.find((r): r is ResearchSubject => r.resourceType === 'ResearchSubject');
    await put({ ...(subject as ResearchSubject), status: 'off-study', period: { start: INCLUDED, end: '2025-08-01' } });
  };
  const consents = (type: 'permit' | 'deny'): Consent => ({
    resourceType: 'Consent',
    id: `${idOf(it.patient)}-release`,
    status: 'active',
    scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
    category: [{ coding: [{ system: CONSENT_PURPOSE, code: 'alliance-release' }] }],
    patient: { reference: it.patient },
    dateTime: '2025-08-02',
    policyRule: {
      coding: [
        { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: type === 'permit' ? 'OPTIN' : 'OPTOUT' },
      ],
    },
    provision: { type },
  });

  describe(`${name}: while the patient takes part in the study`, () => {
    test('a therapist sees the own rating and nothing of the patient’s, not even its id', async () => {
      const view = await page();
      const json = JSON.stringify(view);
      expect(patientSide().filter((secret) => json.includes(secret))).toEqual([]);
      const [m3, m6] = view?.alliance.state === 'shown' ? view.alliance.visits : [];
      expect([m3?.patient, m6?.patient]).toEqual([
        { state: 'withheld', why: 'study' },
        { state: 'withheld', why: 'study' },
      ]);
      expect(m3?.therapist).toMatchObject({ state: 'shown', total: 48, task: 16, bond: 16, goal: 16 });
      expect(view?.banner.mode).toBe('study');
    });

    test('a visit that the patient did not rate is withheld as one that she rated: silence tells nothing', async () => {
      const view = await page();
      const visits = view?.alliance.state === 'shown' ? view.alliance.visits : [];
      expect(visits.map((visit) => visit.patient.state)).toEqual(['withheld', 'withheld', 'withheld']);
    });

    test('the patient’s answers are not opened by their id either', async () => {
      expect(await response('m3-patient')).toEqual({ kind: 'withheld', why: 'study' });
      expect((await response('m3-therapist')).kind).toBe('shown');
    });

    test('the worklist tells nothing of the alliance', async () => {
      const json = JSON.stringify(await list());
      expect(patientSide().filter((secret) => json.includes(secret))).toEqual([]);
    });
  });

  describe(`${name}: once participation has ended`, () => {
    test('without the patient’s consent to the release her side stays hers', async () => {
      await participationEnds();
      const view = await page();
      const json = JSON.stringify(view);
      expect(patientSide().filter((secret) => json.includes(secret))).toEqual([]);
      expect(view?.alliance.state === 'shown' && view.alliance.visits[0]?.patient).toEqual({
        state: 'withheld',
        why: 'no-consent',
      });
    });

    test('with it each visit is shown after the own rating of that visit, and not before', async () => {
      await participationEnds();
      await put(consents('permit'));
      const view = await page();
      const [m3, m6] = view?.alliance.state === 'shown' ? view.alliance.visits : [];
      expect(m3?.patient).toMatchObject({ state: 'shown', total: 84 });
      expect(m3?.gap).toMatchObject({ value: 36, daysApart: 4 });
      expect(m6?.patient).toEqual({ state: 'withheld', why: 'own-rating-first' });
      expect(JSON.stringify(view)).not.toContain(scoreId('wai-s-p', responseKey(it.responses[2] ?? it.responses[0]!)));
      expect(await response('m6-patient')).toEqual({ kind: 'withheld', why: 'own-rating-first' });
      expect((await response('m3-patient')).kind).toBe('shown');
    });

    test('what a rater is shown of the other’s rating is named, so that an analysis can leave it out', async () => {
      expect((await whole())?.exposes).toEqual([]);
      await participationEnds();
      await put(consents('permit'));
      const own = it.responses[0];
      expect((await whole())?.exposes).toEqual([
        `Observation/${own === undefined ? '' : scoreId('wai-s-p', responseKey(own))}`,
      ]);
      expect((await whole(head()))?.exposes).toEqual([]);
    });

    test('who has not begun the study, or is on the way into it, is kept from as one who takes part', async () => {
      const subject = it.programme.find((r): r is ResearchSubject => r.resourceType === 'ResearchSubject');
      await put(consents('permit'));
      for (const status of ['candidate', 'screening', 'eligible', 'pending-on-study'] as const) {
        await put({ ...(subject as ResearchSubject), status });
        const view = await page();
        expect([status, view?.alliance.state === 'shown' && view.alliance.visits[0]?.patient]).toEqual([
          status,
          { state: 'withheld', why: 'study' },
        ]);
      }
    });

    test('a denial that comes later takes the patient’s side away again', async () => {
      await participationEnds();
      await put(consents('deny'));
      const view = await page();
      expect(view?.alliance.state === 'shown' && view.alliance.visits[0]?.patient.state).toBe('withheld');
    });
  });

  describe(`${name}: a change of the patient’s rating beyond measurement error`, () => {
    /** As the job writes it at a site that has stated SD and reliability. */
    const changed = async (visit: 'm3' | 'm6', effective = '2025-08-25T10:00:00+02:00'): Promise<void> => {
      const known = await server.read('Observation', pairId('wai-s-p-change', it.patient, it.therapist, 'm6'));
      if (known === undefined) throw new Error('The scenario has a change at six months.');
      const code = (one: ObservationComponent) => one.code.coding?.[0]?.code;
      await put({
        ...known,
        id: `${idOf(it.patient)}-change-${visit}`,
        identifier: [{ system: 'urn:test', value: `${idOf(it.patient)}-change-${visit}` }],
        effectiveDateTime: effective,
        interpretation: [{ coding: [{ system: RELIABLE_CHANGE, code: 'reliable-decrease' }] }],
        component: (known.component ?? []).map((one) =>
          code(one) === 'visit'
            ? {
                ...one,
                valueCodeableConcept: { coding: [{ system: 'https://w3id.org/vincle/CodeSystem/visit', code: visit }] },
              }
            : one,
        ),
      });
    };
    const kinds = async (who = therapist()) =>
      (await list(who, { ...ALL, need: 'alliance-change' })).rows.flatMap((row) => row.needs.map((one) => one.kind));

    test('is on the worklist once the visit is released to the therapist, and whose ratings it tells of is on record', async () => {
      await participationEnds();
      await put(consents('permit'));
      await changed('m3');
      expect(await kinds()).toContain('alliance-change');
      const whole = await wholeList();
      expect(whole.view.counts['alliance-change']).toBe(1);
      expect(whole.exposes).toContain(`Observation/${scoreId('wai-s-p', responseKey(it.responses[0]!))}`);
    });

    test('is not there in the study, without consent, before the own rating of that visit, or a month later', async () => {
      await changed('m3');
      expect(await kinds()).toEqual([]);
      await participationEnds();
      expect(await kinds()).toEqual([]);
      await put(consents('permit'));
      await changed('m3', '2025-07-25T10:00:00+02:00');
      await changed('m6');
      expect(await kinds()).toEqual([]);
      expect((await wholeList()).exposes).toEqual([]);
    });

    test('is nobody else’s to be told: a coordinator’s list has none', async () => {
      await participationEnds();
      await put(consents('permit'));
      await changed('m3');
      expect(await kinds(reader(`${it.therapist}-other`, 'coordinator'))).toEqual([]);
    });
  });

  describe(`${name}: of several therapists`, () => {
    const other = (): Reader => reader(`${it.therapist}-other`, 'psycho-oncologist');
    const bothTreat = async (): Promise<void> => {
      await participationEnds();
      await put(consents('permit'), {
        resourceType: 'CareTeam',
        id: `${idOf(it.patient)}-both`,
        status: 'active',
        subject: { reference: it.patient },
        participant: [member('psycho-oncologist', it.therapist), member('psycho-oncologist', `${it.therapist}-other`)],
      });
    };

    test('a psycho-oncologist of the team who never rated is shown no rating of the patient’s, nor its answers', async () => {
      await bothTreat();
      const shown = await whole(other());
      const visits = shown?.view.alliance.state === 'shown' ? shown.view.alliance.visits : [];
      expect(visits.map((visit) => visit.patient)).toEqual(
        Array.from({ length: 3 }, () => ({ state: 'withheld', why: 'own-rating-first' })),
      );
      expect(shown?.exposes).toEqual([]);
      expect(await response('m3-patient', other())).toEqual({ kind: 'withheld', why: 'own-rating-first' });
      expect(await response('m6-patient', other())).toEqual({ kind: 'withheld', why: 'own-rating-first' });
    });

    test('a card tells whoever rates the own side alone', async () => {
      await bothTreat();
      const looked = await patientOverview(
        { server, context: context() },
        { patient: it.patient, viewer: it.therapist },
        NOW,
      );
      expect(looked?.alliance.map((one) => one.instrument)).toEqual(['wai-s-t']);
    });

    test('what the patient says of a colleague’s work is not shown, and no gap is made across two therapists', async () => {
      await bothTreat();
      const about = (one: QuestionnaireResponse): QuestionnaireResponse => ({
        ...one,
        item: (one.item ?? []).map((item) =>
          item.linkId === 'rated-therapist'
            ? { ...item, answer: [{ valueReference: { reference: `${it.therapist}-other` } }] }
            : item,
        ),
      });
      await put(...it.responses.filter((one) => one.questionnaire?.includes('wai-s-p')).map(about));
      await computed();
      const shown = await whole();
      const [m3] = shown?.view.alliance.state === 'shown' ? shown.view.alliance.visits : [];
      expect([m3?.patient.state, m3?.gap]).toEqual(['missing', undefined]);
      expect(await response('m3-patient')).toEqual({ kind: 'withheld', why: 'not-your-role' });
      expect(shown?.exposes).toEqual([]);
    });
  });

  describe(`${name}: a contact is logged`, () => {
    test('two taps on either side of a full minute are one call, and the next call is another', async () => {
      const at = Date.parse('2025-09-01T10:00:59.900Z');
      const log = (nowMs: number) => logContact(server, { kind: 'call', patient: it.patient, by: it.therapist, nowMs });
      const [first, second] = [await log(at), await log(at + 300)];
      expect(second.id).toBe(first.id);
      expect((await log(at + 600_000)).id).not.toBe(first.id);
    });
  });

  describe(`${name}: who may open what`, () => {
    test('somebody who rates nobody and leads the service sees both sides', async () => {
      const view = await page(head());
      const [m3] = view?.alliance.state === 'shown' ? view.alliance.visits : [];
      expect([m3?.patient.state, m3?.therapist.state, m3?.gap?.value]).toEqual(['shown', 'shown', 36]);
    });

    test('a therapist of nobody finds no page, no response, and an empty list', async () => {
      const other = reader(`${it.therapist}-other`, 'psycho-oncologist');
      expect(await page(other)).toBeUndefined();
      expect(await response('m3-sus', other)).toEqual({ kind: 'not-found' });
      expect((await list(other)).rows).toEqual([]);
    });

    test('a coordinator reaches everybody of the programme and is told nothing of the alliance', async () => {
      const coordinator = reader(`${it.therapist}-other`, 'coordinator');
      // On a server that others use too, those of theirs who need somebody come first.
      const ids: string[] = [];
      for (let [at, pages] = [1, 1]; at <= pages; at += 1) {
        const shown = await list(coordinator, { ...ALL, page: at });
        pages = shown.pages;
        ids.push(...shown.rows.map((one) => one.id));
      }
      expect(ids).toContain(idOf(it.patient));
      const view = await page(coordinator);
      expect(view?.alliance).toEqual({ state: 'withheld', why: 'not-your-role' });
      expect(patientSide().filter((secret) => JSON.stringify(view).includes(secret))).toEqual([]);
    });

    test('a coordinator who is in the care team is told nothing of the alliance either, of neither rater', async () => {
      await put({
        resourceType: 'CareTeam',
        id: `${idOf(it.patient)}-office`,
        status: 'active',
        subject: { reference: it.patient },
        participant: [member('coordinator', `${it.therapist}-other`)],
      });
      const coordinator = reader(`${it.therapist}-other`, 'coordinator');
      expect((await page(coordinator))?.alliance).toEqual({ state: 'withheld', why: 'not-your-role' });
      expect(await response('m3-patient', coordinator)).toEqual({ kind: 'withheld', why: 'study' });
      expect(await response('m3-therapist', coordinator)).toEqual({ kind: 'withheld', why: 'study' });
      expect((await whole(coordinator))?.exposes).toEqual([]);
      const looked = await patientOverview(
        { server, context: context() },
        { patient: it.patient, viewer: `${it.therapist}-other` },
        NOW,
      );
      expect(looked?.alliance).toEqual([]);
    });

    test('a role without the worklist opens nothing', async () => {
      expect(await page(reader(it.therapist, 'privacy-officer'))).toBeUndefined();
    });
  });

  describe(`${name}: what a list of patients says`, () => {
    const formOf = (form: string, end: string, owner: string): FhirResource => ({
      resourceType: 'Task',
      id: `${idOf(it.patient)}-${form}-asked`,
      identifier: [{ system: 'https://w3id.org/vincle/identifier/task', value: `${idOf(it.patient)}-${form}-asked` }],
      status: 'ready',
      intent: 'order',
      code: { coding: [{ system: 'https://w3id.org/vincle/CodeSystem/task', code: 'questionnaire' }] },
      for: { reference: it.patient },
      owner: { reference: owner },
      restriction: { period: { start: '2025-08-01', end } },
      input: [{ type: { text: 'q' }, valueCanonical: `https://w3id.org/vincle/Questionnaire/${form}|1.0.0` }],
    });
    const row = async (who = therapist()) => (await list(who)).rows.find((one) => one.id === idOf(it.patient));

    test('whether the patient has rated the alliance is on no list of a therapist, late or still due; other forms are', async () => {
      await put(
        formOf('wai-s-p', '2025-08-20T10:00:00Z', it.patient),
        formOf('sus', '2025-08-25T10:00:00Z', it.patient),
      );
      expect((await row())?.needs.map((one) => one.text.en)).toEqual([expect.stringContaining('SUS')]);
      await put(
        formOf('wai-s-p', '2025-09-20T10:00:00Z', it.patient),
        formOf('sus', '2025-09-25T10:00:00Z', it.patient),
      );
      expect((await row())?.nextDue).toMatchObject({ date: '2025-09-25' });
    });

    test('who is in the team by a role of theirs finds the patient on the list', async () => {
      const other = reader(`${it.therapist}-other`, 'psycho-oncologist');
      expect(await row(other)).toBeUndefined();
      const role = `PractitionerRole/${idOf(it.therapist)}-by-role`;
      await put(
        {
          resourceType: 'PractitionerRole',
          id: idOf(role),
          active: true,
          practitioner: { reference: `${it.therapist}-other` },
          code: [{ coding: [{ system: ROLE, code: 'psycho-oncologist' }] }],
        },
        {
          resourceType: 'CareTeam',
          id: `${idOf(it.patient)}-by-role-too`,
          status: 'active',
          subject: { reference: it.patient },
          participant: [{ member: { reference: role } }],
        },
      );
      expect(await row(other)).toBeDefined();
    });

    test('a notice that Vincle sent about the patient is no contact with the patient; a call is', async () => {
      await put({
        resourceType: 'Communication',
        id: `${idOf(it.patient)}-notice`,
        status: 'completed',
        subject: { reference: it.patient },
        sent: '2025-08-30T10:00:00Z',
        sender: { identifier: { system: 'https://w3id.org/vincle/identifier/device', value: 'vincle' } },
        medium: [
          { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationMode', code: 'EMAILWRIT' }] },
        ],
      });
      expect((await row())?.lastContact).toBeUndefined();
      await logContact(server, { kind: 'call', patient: it.patient, by: it.therapist, nowMs: NOW - 86_400_000 });
      expect((await row())?.lastContact).toBe('2025-08-31');
    });
  });

  describe(`${name}: what a page costs and shows`, () => {
    test('a patient page is one request, a response page two, a worklist four, of everybody at most five', async () => {
      const counted = async (work: () => Promise<unknown>): Promise<number> => {
        const before = server.traffic.requests;
        await work();
        return server.traffic.requests - before;
      };
      expect(await counted(() => page())).toBe(1);
      expect(await counted(() => response('m3-sus'))).toBe(2);
      expect(await counted(() => list())).toBeLessThanOrEqual(4);
      expect(await counted(() => list(reader(it.therapist, 'coordinator')))).toBeLessThanOrEqual(5);
    });

    test('a score that cannot be had is said to be missing, never drawn as a number', async () => {
      const view = await page();
      const phq = view?.distress.find((one) => one.measure === 'phq-9');
      expect(phq?.readings.map((one) => one.value)).toEqual([27]);
    });

    test('where nothing tells of contacts their number is unknown, not none', async () => {
      expect((await page())?.contacts).toEqual({ state: 'missing', why: 'not-asked' });
    });

    test('a response shows each answer, what it counts after reversal, and what was computed', async () => {
      const shown = await response('m3-sus');
      const view = shown.kind === 'shown' ? shown.view : undefined;
      expect(view?.answers).toHaveLength(10);
      // Brooke 1996: odd items count their answer less one, even items five less their answer; here the raw reversal 1+5−2.
      expect(view?.answers[1]).toMatchObject({ linkId: 'sus-2', weight: 4, reversed: true });
      expect(view?.scores).toMatchObject([
        { measure: 'total', score: { state: 'shown', value: 80, low: 0, high: 100 } },
      ]);
    });

    test('of the WAI-S what counts adds up to the total: items 4 and 10 are reversed', async () => {
      const shown = await response('m3-therapist');
      const answers = shown.kind === 'shown' ? shown.view.answers : [];
      const ratings = answers.filter((one) => one.weight !== undefined);
      expect(ratings).toHaveLength(12);
      // Horvath & Greenberg's short form after Tracey & Kokotovic 1989: items 4 and 10 are worded the other way round.
      expect(ratings.filter((one) => one.reversed).map((one) => one.linkId)).toEqual(['wai-4', 'wai-10']);
      expect(ratings.reduce((sum, one) => sum + (one.weight ?? 0), 0)).toBe(48);
    });

    test('a list is searched without regard to case or accents, and sorted by what needs somebody', async () => {
      expect((await list(therapist(), { ...ALL, q: 'SYNTHÉTIC' })).total).toBe(1);
      expect((await list(therapist(), { ...ALL, q: 'nobody' })).total).toBe(0);
      expect((await list(therapist(), { ...ALL, need: 'safety' })).total).toBe(0);
    });
  });

  describe(`${name}: a patient is handed over`, () => {
    const colleague = () => `${it.therapist}-other`;
    const treats = (): FhirResource => ({
      resourceType: 'PractitionerRole',
      id: `${idOf(colleague())}-role`,
      active: true,
      practitioner: { reference: colleague() },
      code: [{ coding: [{ system: ROLE, code: 'psycho-oncologist' }] }],
    });
    const handOver = (to = colleague(), by = it.therapist) =>
      handOverPatient({ server, context: context() }, { patient: it.patient, by, to, reason: 'On leave' }, NOW);

    test('the colleague’s care begins today, the former’s ended yesterday, and who did it is on record', async () => {
      await put(treats());
      expect((await page())?.colleagues?.map((one) => one.reference)).toContain(colleague());
      const done = await handOver();
      const wrote = done.kind === 'handed-over' ? done.wrote : [];
      expect(wrote.length).toBeGreaterThan(0);
      expect(await page()).toBeUndefined();
      expect(await page(reader(colleague(), 'psycho-oncologist'))).toBeDefined();
      const teams = await Promise.all(wrote.map((reference) => server.read('CareTeam', idOf(reference))));
      const periods = teams
        .flatMap((team) => team?.participant ?? [])
        .map((one) => [one.member?.reference, one.period]);
      expect(periods).toContainEqual([it.therapist, { end: '2025-08-31' }]);
      expect(periods).toContainEqual([colleague(), { start: '2025-09-01' }]);
      for await (const found of server.search({ type: 'Provenance', params: [['target', wrote[0] ?? '']] }))
        expect(found.resources.map((one) => one.agent[0]?.who.reference)).toEqual([it.therapist]);
    });

    test('who manages the episode by a role of theirs, and is in the team by it, gives both on', async () => {
      const role = `PractitionerRole/${idOf(it.therapist)}-held`;
      await put(
        treats(),
        { resourceType: 'PractitionerRole', id: idOf(role), active: true, practitioner: { reference: it.therapist } },
        {
          resourceType: 'EpisodeOfCare',
          id: `${idOf(it.patient)}-managed`,
          status: 'active',
          patient: { reference: it.patient },
          careManager: { reference: role },
          period: { start: '2025-01-01' },
        },
        {
          resourceType: 'CareTeam',
          id: `${idOf(it.patient)}-by-role`,
          status: 'active',
          subject: { reference: it.patient },
          participant: [{ member: { reference: role } }],
        },
      );
      expect((await handOver()).kind).toBe('handed-over');
      const episode = await server.read('EpisodeOfCare', `${idOf(it.patient)}-managed`);
      const team = await server.read('CareTeam', `${idOf(it.patient)}-by-role`);
      expect(episode?.careManager?.reference).toBe(colleague());
      expect(team?.participant?.map((one) => [one.member?.reference, one.period])).toEqual([
        [role, { end: '2025-08-31' }],
        [colleague(), { start: '2025-09-01' }],
      ]);
      expect(await page()).toBeUndefined();
    });

    test('whoever answers for the service gives a patient from one therapist to another, under their own name', async () => {
      await put(treats());
      const asked = { patient: it.patient, by: `${it.therapist}-head`, to: colleague(), reason: 'On leave' };
      const done = await handOverPatient({ server, context: context() }, { ...asked, forService: true }, NOW);
      expect(done.kind).toBe('handed-over');
      expect(await page()).toBeUndefined();
      expect(await page(reader(colleague(), 'psycho-oncologist'))).toBeDefined();
      const wrote = done.kind === 'handed-over' ? done.wrote : [];
      for await (const found of server.search({ type: 'Provenance', params: [['target', wrote[0] ?? '']] }))
        expect(found.resources.map((one) => one.agent[0]?.who.reference)).toEqual([`${it.therapist}-head`]);
    });

    test('said twice it is done once; to somebody who does not treat here it is refused', async () => {
      expect(await handOver()).toEqual({ kind: 'no-colleague' });
      await put(treats());
      expect((await handOver()).kind).toBe('handed-over');
      expect(await handOver()).toEqual({ kind: 'not-yours' });
      expect(await handOver(it.therapist)).toEqual({ kind: 'no-colleague' });
    });
  });
}
