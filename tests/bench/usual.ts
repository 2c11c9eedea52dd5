import type { Bundle, FhirResource, Observation, Questionnaire, QuestionnaireResponse } from 'fhir/r4.js';
import fhirpath from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4/index.js';
import { type BenchCohort, bare } from './rig.ts';

const CALCULATED = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression';

const isResponse = (it: FhirResource): it is QuestionnaireResponse => it.resourceType === 'QuestionnaireResponse';

function expressionOf(questionnaire: Questionnaire | undefined): string | undefined {
  const total = questionnaire?.item?.find((it) => it.linkId === 'score-total');
  return total?.extension?.find((it) => it.url === CALCULATED)?.valueExpression?.expression;
}

/** What a usual script does: one search, one expression from a string, one PUT an Observation. Responses a second. */
export async function usualScript(
  baseUrl: string,
  cohort: BenchCohort,
  questionnaires: readonly Questionnaire[],
): Promise<number> {
  const started = performance.now();
  const [, study = ''] = cohort.study.split('/');
  let done = 0;
  let next: string | undefined =
    `QuestionnaireResponse?subject:Patient._has:ResearchSubject:individual:study=${study}&_count=200`;
  while (next !== undefined) {
    const page = (await bare(baseUrl, 'GET', next)) as Bundle<FhirResource>;
    for (const { resource } of page.entry ?? []) {
      if (resource === undefined || !isResponse(resource)) continue;
      const expression = expressionOf(questionnaires.find((it) => resource.questionnaire?.startsWith(`${it.url}|`)));
      if (expression === undefined) continue;
      const [value] = await fhirpath.evaluate(resource, expression, { resource }, r4 as never);
      const observation: Observation = {
        resourceType: 'Observation',
        id: `usual-${resource.id}`.slice(0, 64),
        status: 'final',
        code: { text: 'total' },
        ...(resource.subject === undefined ? {} : { subject: resource.subject }),
        derivedFrom: [{ reference: `QuestionnaireResponse/${resource.id}` }],
        ...(typeof value === 'number'
          ? { valueQuantity: { value, code: '{score}', system: 'http://unitsofmeasure.org' } }
          : {}),
      };
      await bare(baseUrl, 'PUT', `Observation/${observation.id}`, observation);
      done += 1;
    }
    next = page.link?.find((it) => it.relation === 'next')?.url;
  }
  return (1000 * done) / (performance.now() - started);
}

const EXTRACT = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-observationExtract';

/** HAPI’s own `$extract`, one response at a time, its transaction posted back. Responses a second. */
export async function serverExtract(
  baseUrl: string,
  cohort: BenchCohort,
  questionnaires: readonly Questionnaire[],
): Promise<number> {
  for (const it of questionnaires) {
    const item = it.item?.map((each) => ({
      ...each,
      extension: [
        ...(each.extension ?? []),
        { url: EXTRACT, valueBoolean: each.code !== undefined && each.type === 'choice' },
      ],
    }));
    await bare(baseUrl, 'PUT', `Questionnaire/${it.id}`, { ...it, item });
  }
  const responses = cohort.resources
    .filter(isResponse)
    .filter((it) => it.questionnaire?.includes('/phq-9|') || it.questionnaire?.includes('/gad-7|'));
  const started = performance.now();
  for (const resource of responses) {
    const parameters = { resourceType: 'Parameters', parameter: [{ name: 'questionnaire-response', resource }] };
    const bundle = await bare(baseUrl, 'POST', 'QuestionnaireResponse/$extract', parameters);
    await bare(baseUrl, 'POST', '', bundle);
  }
  return (1000 * responses.length) / (performance.now() - started);
}
