import type { QuestionnaireResponse } from 'fhir/r4.js';
import type { Issue } from '../../domain/outcome.ts';
import type { Words } from '../../domain/protocol.ts';
import { isWatched } from '../../domain/safety-chain.ts';
import type { AlliancePorts } from '../compute-alliance.ts';
import { detectSigns, signsOf } from './detect-signs.ts';
import { withSafety } from './safety-ports.ts';

/** Said where nobody is on duty, or nobody can be told. */
const NOBODY: Words = {
  en: 'At this moment nobody is reading what you answered.',
  es: 'En este momento nadie está leyendo lo que ha respondido.',
  ca: 'En aquest moment ningú no està llegint el que ha respost.',
};

const LANGUAGES = ['en', 'es', 'ca'] as const;

/** The words in the language of the response; in all three where that is another one, or not said. */
function inLanguage(words: Words, language: string | undefined): string {
  const short = language?.toLowerCase().split('-')[0];
  const own = LANGUAGES.find((it) => it === short);
  return own === undefined ? [words.es, words.ca, words.en].join('\n') : words[own];
}

/** What is said at once where an answer is a sign: the site’s crisis text, where it has one, and whether anybody watches. */
export interface CrisisSaid {
  readonly crisis: Words | undefined;
  /** Set where nobody reads what was answered at this moment. */
  readonly nobody: Words | undefined;
}

/** The same as `adviceOn` in all three languages; `undefined` where the answers are no sign. Asks no server. */
export async function crisisOn(
  ports: AlliancePorts,
  response: QuestionnaireResponse,
  nowMs: number,
): Promise<CrisisSaid | undefined> {
  const all = withSafety(ports);
  if (all === undefined) return undefined;
  const { safety, server, context } = all;
  const detected = await detectSigns(server, context.content, safety.policy, [response], true);
  if (detected.flatMap(signsOf).length === 0) return undefined;
  const watched = safety.notify.channel !== 'none' && isWatched(safety.policy, nowMs, context.settings.timeZone);
  return { crisis: safety.crisis?.words, nobody: watched ? undefined : NOBODY };
}

/**
 * What whoever answered reads at once where the answer is a sign: the site’s crisis text, and that nobody is watching
 * where that is so. Nothing for any other response. Asks no server.
 */
export async function adviceOn(
  ports: AlliancePorts,
  response: QuestionnaireResponse,
  nowMs: number,
): Promise<readonly Issue[]> {
  const said = await crisisOn(ports, response, nowMs);
  if (said === undefined) return [];
  const { language } = response;
  return [
    ...(said.crisis === undefined ? [] : [issue('crisis', inLanguage(said.crisis, language))]),
    ...(said.nobody === undefined ? [] : [issue('nobody-watching', inLanguage(said.nobody, language))]),
  ];
}

const issue = (reason: string, diagnostics: string): Issue => ({
  severity: 'information',
  code: 'informational',
  reason,
  diagnostics,
});
