import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { QuestionnaireResponse } from 'fhir/r4.js';
import { allOf, scoresOf } from '../http/rig.ts';
import { answered, openWard, type Ward } from './rig.ts';

/** What the forms do over a FHIR server, whichever it is. */
export function formScenarios(serverOf: () => Promise<string>): void {
  let ward: Ward;
  beforeAll(async () => {
    ward = await openWard(await serverOf());
    await ward.put({ resourceType: 'Practitioner', id: 't1', name: [{ text: 'Anna Vidal' }] });
  });
  afterAll(() => ward.stop());

  const responsesTo = async (form: string, patient: string): Promise<QuestionnaireResponse[]> =>
    (await allOf(ward.direct, 'QuestionnaireResponse')).filter(
      (it) => it.questionnaire?.includes(`/${form}`) && it.subject?.reference === `Patient/${patient}`,
    );

  test('a patient sees the forms that wait with her, and nobody else’s', async () => {
    await ward.task('own-sus', 'sus', 'Patient/p1');
    await ward.task('others-sus', 'sus', 'Patient/p2');
    await ward.task('ahead', 'gad-7', 'Patient/p1', {
      restriction: { period: { start: '2099-01-01T00:00:00Z', end: '2099-01-09T00:00:00Z' } },
    });
    const maria = await ward.person('Patient/p1');
    const { status, json } = await maria.ask('GET', '/api/forms');
    expect(status).toBe(200);
    expect(json).toMatchObject({ rater: 'patient' });
    expect(json.forms.map((it: { taskId: string }) => it.taskId)).toEqual(['own-sus']);
    expect(json.forms[0]).toMatchObject({ instrument: 'sus', questions: 10, answered: 0, isOverdue: false });
    expect((await maria.ask('GET', '/api/forms/others-sus')).reason).toBe('not-found');
    expect((await maria.ask('GET', '/api/forms/ahead')).reason).toBe('form-closed');
  });

  test('the words come in her language, the numbers of the answers do not change', async () => {
    const maria = await ward.person('Patient/p1');
    const [ca, en] = [
      await maria.ask('GET', '/api/forms/own-sus?language=ca'),
      await maria.ask('GET', '/api/forms/own-sus?language=en'),
    ];
    expect(ca.json).toMatchObject({ language: 'ca', isFallback: false, wording: 'own' });
    expect(ca.json.items[0].text).not.toBe(en.json.items[0].text);
    const codes = (it: { json: { items: { options: { value: { valueCoding: { code: string } } }[] }[] } }) =>
      it.json.items[0]?.options.map((one) => one.value.valueCoding.code);
    expect(codes(ca)).toEqual(['1', '2', '3', '4', '5']);
    expect(codes(ca)).toEqual(codes(en));
    expect(JSON.stringify(ca.json)).not.toContain('score-total');
  });

  test('a draft is kept on the hospital’s server and resumed on another device; the older device is told', async () => {
    await ward.task('draft-sus', 'sus', 'Patient/p1');
    const [phone, desk] = [await ward.person('Patient/p1'), await ward.person('Patient/p1')];
    const form = (await phone.ask('GET', '/api/forms/draft-sus?language=es')).json;
    const one = answered(form.items.slice(0, 1), 2);
    const first = await phone.ask('PUT', '/api/forms/draft-sus/draft', { items: one, language: 'es' });
    expect(first.status).toBe(200);
    const resumed = (await desk.ask('GET', '/api/forms/draft-sus?language=es')).json;
    expect(resumed.draft).toMatchObject({ version: first.json.version });
    expect(resumed.draft.items.map((it: { linkId: string }) => it.linkId)).toEqual(['sus-1']);
    const two = answered(form.items.slice(0, 2), 3);
    const second = await desk.ask('PUT', '/api/forms/draft-sus/draft', {
      items: two,
      language: 'es',
      version: first.json.version,
    });
    expect(second.status).toBe(200);
    const late = { items: answered(form.items.slice(0, 3), 1), language: 'es', version: first.json.version };
    expect(await phone.ask('PUT', '/api/forms/draft-sus/draft', late)).toMatchObject({
      status: 409,
      reason: 'draft-conflict',
    });
    const list = (await phone.ask('GET', '/api/forms')).json;
    expect(list.forms.find((it: { taskId: string }) => it.taskId === 'draft-sus')).toMatchObject({ answered: 2 });
    expect((await ward.direct.read('Task', 'draft-sus'))?.status).toBe('in-progress');
  });

  test('what is handed in twice with one key is one response, is scored, and completes what was asked', async () => {
    await ward.task('twice-sus', 'sus', 'Patient/p2');
    const nuria = await ward.person('Patient/p2');
    const form = (await nuria.ask('GET', '/api/forms/twice-sus?language=en')).json;
    // Brooke 1996: neutral throughout is 50.
    const body = { items: answered(form.items, 2), language: 'en', key: 'twice-sus-key' };
    const both = await Promise.all([
      nuria.ask('POST', '/api/forms/twice-sus/response', body),
      nuria.ask('POST', '/api/forms/twice-sus/response', body),
    ]);
    expect(both.map((it) => it.status)).toEqual([200, 200]);
    expect((await nuria.ask('POST', '/api/forms/twice-sus/response', body)).status).toBe(200);
    const stored = await responsesTo('sus', 'p2');
    expect(stored).toHaveLength(1);
    expect(stored[0]).toMatchObject({ status: 'completed', source: { reference: 'Patient/p2' }, language: 'en' });
    const task = await ward.direct.read('Task', 'twice-sus');
    expect(task).toMatchObject({
      status: 'completed',
      output: [{ valueReference: { reference: `QuestionnaireResponse/${stored[0]?.id}` } }],
    });
    const [score] = (await scoresOf(ward.direct, 'sus')).filter((it) => it.subject?.reference === 'Patient/p2');
    expect(score?.valueQuantity?.value).toBe(50);
    const other = { ...body, items: answered(form.items, 0), key: 'another-key' };
    expect(await nuria.ask('POST', '/api/forms/twice-sus/response', other)).toMatchObject({
      status: 409,
      reason: 'already-answered',
    });
  });

  test('whose work is rated comes from what was asked, and a score never from the browser', async () => {
    await ward.task('wai', 'wai-s-p', 'Patient/p1', { focus: { reference: 'Practitioner/t1' } });
    const maria = await ward.person('Patient/p1');
    const form = (await maria.ask('GET', '/api/forms/wai?language=es')).json;
    expect(form).toMatchObject({ wording: 'neutral' });
    const items = [
      { linkId: 'rated-therapist', answer: [{ valueReference: { reference: 'Practitioner/t9' } }] },
      ...answered(form.items, 3),
      { linkId: 'score-total', answer: [{ valueDecimal: 84 }] },
    ];
    const sent = await maria.ask('POST', '/api/forms/wai/response', { items, language: 'es', key: 'wai-key-1' });
    expect(sent).toMatchObject({ status: 200, json: { state: 'stored' } });
    const [stored] = await responsesTo('wai-s-p', 'p1');
    expect(stored?.item?.find((it) => it.linkId === 'rated-therapist')?.answer?.[0]?.valueReference?.reference).toBe(
      'Practitioner/t1',
    );
    expect(stored?.item?.some((it) => it.linkId === 'score-total')).toBe(false);
    expect(stored?.meta?.security?.map((it) => it.code)).toContain('blinded-from-therapist');
  });

  test('a therapist’s round has the forms about all patients by name, and nothing of what patients answered', async () => {
    await ward.task('t-p1', 'wai-s-t', 'Practitioner/t1', { focus: { reference: 'Practitioner/t1' } });
    await ward.task('t-p2', 'wai-s-t', 'Practitioner/t1', {
      for: { reference: 'Patient/p2' },
      focus: { reference: 'Practitioner/t1' },
    });
    const anna = await ward.person('Practitioner/t1', { roles: ['psycho-oncologist'] });
    const { json } = await anna.ask('GET', '/api/forms');
    expect(json.rater).toBe('therapist');
    expect(json.forms.map((it: { about: { patientId: string } }) => it.about.patientId).sort()).toEqual(['p1', 'p2']);
    expect(JSON.stringify(json)).not.toMatch(/total|score|change|dyad/);
    const chart = await ward.person('Practitioner/t1', { patient: 'Patient/p1', roles: ['psycho-oncologist'] });
    const one = (await chart.ask('GET', '/api/forms')).json;
    expect(one.forms.map((it: { taskId: string }) => it.taskId)).toEqual(['t-p1']);
    expect((await chart.ask('GET', '/api/forms/t-p2')).status).toBe(404);
    const form = (await anna.ask('GET', '/api/forms/t-p2?language=es')).json;
    const body = { items: answered(form.items, 5), language: 'es', key: 'round-key-1' };
    expect((await anna.ask('POST', '/api/forms/t-p2/response', body)).status).toBe(200);
    expect((await responsesTo('wai-s-t', 'p2'))[0]).toMatchObject({ source: { reference: 'Practitioner/t1' } });
  });

  test('a hospital’s own form is shown, saved and handed in without code', async () => {
    await ward.put({
      resourceType: 'Questionnaire',
      id: 'own-form',
      url: 'https://hospital.example/Questionnaire/home',
      version: '2',
      status: 'active',
      language: 'es',
      title: 'En casa',
      item: [
        { linkId: 'alone', type: 'boolean', text: '¿Vive sola?' },
        {
          linkId: 'with',
          type: 'integer',
          text: '¿Con cuántas personas?',
          enableWhen: [{ question: 'alone', operator: '=', answerBoolean: false }],
        },
        {
          linkId: 'help',
          type: 'choice',
          repeats: true,
          text: '¿Quién le ayuda?',
          answerOption: [{ valueString: 'Familia' }, { valueString: 'Amistades' }],
        },
        { linkId: 'note', type: 'text', text: 'Algo más' },
      ],
    });
    await ward.task('own', 'https://hospital.example/Questionnaire/home|2', 'Patient/p1');
    const maria = await ward.person('Patient/p1');
    const { json } = await maria.ask('GET', '/api/forms/own?language=ca');
    expect(json).toMatchObject({ title: 'En casa', language: 'es', asked: 'ca', isFallback: true, wording: 'own' });
    expect(json.items.map((it: { type: string }) => it.type)).toEqual(['boolean', 'integer', 'choice', 'text']);
    const items = [
      { linkId: 'alone', answer: [{ valueBoolean: true }] },
      // Switched off by the answer above: it is not taken.
      { linkId: 'with', answer: [{ valueInteger: 3 }] },
      { linkId: 'help', answer: [{ valueString: 'Familia' }, { valueString: 'Amistades' }] },
    ];
    const draft = await maria.ask('PUT', '/api/forms/own/draft', { items, language: 'es' });
    expect(draft.status).toBe(200);
    const wrong = { items: [{ linkId: 'note', answer: [{ valueInteger: 3 }] }], language: 'es', key: 'own-key-wrong' };
    expect((await maria.ask('POST', '/api/forms/own/response', wrong)).status).toBe(422);
    const sent = await maria.ask('POST', '/api/forms/own/response', {
      items,
      language: 'es',
      key: 'own-key-1',
      version: draft.json.version,
    });
    expect(sent).toMatchObject({ status: 200, json: { state: 'stored' } });
    const [stored] = await responsesTo('home', 'p1');
    expect(stored?.item?.map((it) => it.linkId)).toEqual(['alone', 'help']);
    expect(stored).toMatchObject({
      status: 'completed',
      questionnaire: 'https://hospital.example/Questionnaire/home|2',
    });
    expect((await ward.direct.read('Task', 'own'))?.status).toBe('completed');
  });
}
