/** `npm run bench:local`: scoring and validation alone, on one core, without a server. */
import { fileURLToPath } from 'node:url';
import type { Questionnaire, QuestionnaireResponse } from 'fhir/r4.js';
import { table } from '../src/cli/print.ts';
import { responseAjv } from '../src/content/ajv-keywords.ts';
import { NO_TERMINOLOGY } from '../src/content/answer-options.ts';
import { loadContent } from '../src/content/load.ts';
import { responseSchema } from '../src/content/response-schema.ts';
import { compileScoring } from '../src/domain/scoring.ts';
import { generateCohort } from '../src/embedded/cohort/generate-cohort.ts';
import { median } from '../tests/bench/rig.ts';

const content = await loadContent({ shipped: fileURLToPath(new URL('..', import.meta.url)) });
const resources = generateCohort({ seed: 1, patients: 2, responses: 3_000 })
  .first.flatMap((it) => it.entry ?? [])
  .flatMap((it) => it.resource ?? []);
const responses = resources.filter(
  (it): it is QuestionnaireResponse =>
    it.resourceType === 'QuestionnaireResponse' && (it.questionnaire?.includes('/wai-s-p|') ?? false),
);
const resolved = content.resolve(responses[0]?.questionnaire);
if (resolved.kind !== 'known') throw new Error('the bench has no form');
const { form, instrument } = resolved;
const questionnaire = content.resources.find(
  (it): it is Questionnaire => it.resourceType === 'Questionnaire' && it.id === instrument.id,
);

const ROUNDS = 7;
const MS = 600;
/** How often a second, the median of several rounds after a warm-up. */
function rate(work: (index: number) => unknown): number {
  const once = (): number => {
    const started = performance.now();
    let count = 0;
    while (performance.now() - started < MS) for (let i = 0; i < 500; i += 1) work(count++);
    return (1000 * count) / (performance.now() - started);
  };
  once();
  return median(Array.from({ length: ROUNDS }, once));
}
const at = (index: number): QuestionnaireResponse => responses[index % responses.length] as QuestionnaireResponse;

const score = compileScoring(instrument);
const answers = responses.map((it) => form.answers(it));
const scoring = rate((index) => score(answers[index % answers.length] as ReadonlyMap<string, number>));
const bare =
  questionnaire === undefined
    ? undefined
    : responseAjv(false).compile(responseSchema({ questionnaire, terminology: NO_TERMINOLOGY, systemOptional: false }));
const validating = rate((index) => form.validate(at(index)));
const ajv = bare === undefined ? Number.NaN : rate((index) => bare(at(index)));

const rows: [string, string, string][] = [
  ['WAI-S responses scored a second, one core', scoring.toFixed(0), '≥ 500000'],
  ['WAI-S responses validated a second', validating.toFixed(0), ''],
  ['the bare ajv validator', ajv.toFixed(0), ''],
  ['validation against the bare validator', (validating / ajv).toFixed(2), '≥ 0.7'],
];
process.stdout.write(`${table(['measured', 'result', 'target'], rows)}\n`);
