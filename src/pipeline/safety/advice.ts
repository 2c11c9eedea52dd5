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
function said(words: Words, language: string | undefined): string {
  const short = language?.toLowerCase().split('-')[0];
  const own = LANGUAGES.find((it) => it === short);
  return own === undefined ? [words.es, words.ca, words.en].join('\n') : words[own];
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
  const all = withSafety(ports);
  if (all === undefined) return [];
  const { safety, server, context } = all;
  const detected = await detectSigns(server, context.content, safety.policy, [response], true);
  if (detected.flatMap(signsOf).length === 0) return [];
  const watched = safety.notify.channel !== 'none' && isWatched(safety.policy, nowMs, context.settings.timeZone);
  const { language } = response;
  return [
    ...(safety.crisis === undefined ? [] : [issue('crisis', said(safety.crisis.words, language))]),
    ...(watched ? [] : [issue('nobody-watching', said(NOBODY, language))]),
  ];
}

const issue = (reason: string, diagnostics: string): Issue => ({
  severity: 'information',
  code: 'informational',
  reason,
  diagnostics,
});
