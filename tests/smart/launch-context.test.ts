import { expect, test } from '@jest/globals';
import { type LaunchContext, launchContextOf, launchedOn } from '../../src/http/smart/launch-context.ts';

const ISS = 'https://hospital.example/fhir';
const read = (said: Record<string, unknown>): LaunchContext => launchContextOf(said, ISS);

test('191 · an item of fhirContext without a role is what the app was launched on', () => {
  const context = read({
    fhirContext: [
      { reference: 'QuestionnaireResponse/a' },
      { reference: 'QuestionnaireResponse/b', role: 'launch' },
      { reference: 'QuestionnaireResponse/c', role: 'https://ehr.example/role/compare' },
      { reference: 'Task/d', role: null },
    ],
  });
  expect(context.fhirContext.map((it) => it.role)).toEqual([
    'launch',
    'launch',
    'https://ehr.example/role/compare',
    'launch',
  ]);
  expect(launchedOn(context, 'QuestionnaireResponse')).toEqual(['QuestionnaireResponse/a', 'QuestionnaireResponse/b']);
  expect(launchedOn(context, 'Task')).toEqual(['Task/d']);
});

test('fhirContext on this server is read, by relative or absolute reference; what lies elsewhere or is malformed is left out', () => {
  const { fhirContext } = read({
    fhirContext: [
      { reference: `${ISS}/Task/1` },
      { reference: 'https://elsewhere.example/fhir/Task/2' },
      { reference: 'Task/../3' },
      { reference: 4 },
      { canonical: 'https://example.org/Questionnaire/x' },
      null,
      'Task/5',
      { reference: 'Task/6', role: 'two words' },
    ],
  });
  expect(fhirContext).toEqual([{ reference: 'Task/1', role: 'launch' }]);
});

test.each([[undefined], [null], ['a'], [{}], [7]])('fhirContext that is %p is as good as none', (fhirContext) => {
  expect(read({ fhirContext }).fhirContext).toEqual([]);
});

test('the patient is an id, or a reference as some servers write it', () => {
  for (const patient of ['p1', 'Patient/p1', `${ISS}/Patient/p1`]) expect(read({ patient }).patient).toBe('Patient/p1');
  for (const patient of [undefined, null, '']) expect(read({ patient }).patient).toBeUndefined();
});

test.each(['p1/../p2', 'Practitioner/p1', 'https://elsewhere.example/fhir/Patient/p1', 'p 1', 7, ['p1'], { id: 'p1' }])(
  'a patient that is %p is refused: nobody is guessed',
  (patient) => {
    expect(() => read({ patient })).toThrow('wrong-patient');
  },
);

test('without a word about the banner Vincle shows who the patient is', () => {
  expect(
    [{}, { need_patient_banner: true }, { need_patient_banner: 'x' }].map((it) => read(it).needPatientBanner),
  ).toEqual([true, true, true]);
  expect(read({ need_patient_banner: false }).needPatientBanner).toBe(false);
  expect(read({ need_patient_banner: 'false' }).needPatientBanner).toBe(false);
});

test('intent, encounter and style are taken as they are said, and as nothing where they cannot be', () => {
  expect(
    read({ intent: 'reconcile', encounter: 'e1', smart_style_url: 'https://ehr.example/style.json' }),
  ).toMatchObject({
    intent: 'reconcile',
    encounter: 'Encounter/e1',
    styleUrl: 'https://ehr.example/style.json',
  });
  const nothing = read({ intent: 7, encounter: 'e/1', smart_style_url: 'javascript:alert(1)' });
  expect([nothing.intent, nothing.encounter, nothing.styleUrl]).toEqual([undefined, undefined, undefined]);
});
