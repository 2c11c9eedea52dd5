import type { Request, Response } from 'express';
import { refusalOf } from '../answer-errors.ts';

type Kind = 'again' | 'refused' | 'setup';

const WORDS: Readonly<Record<'es' | 'ca' | 'en', Readonly<Record<Kind | 'title' | 'code', string>>>> = {
  es: {
    title: 'Vincle no se ha abierto',
    again:
      'No se ha podido completar la entrada. No se ha guardado nada. Vuelva a abrir Vincle desde la historia clínica.',
    refused: 'El hospital no le permite abrir Vincle aquí. No se ha mostrado ningún dato.',
    setup: 'Vincle no está configurado para esta entrada. Comunique este código a informática:',
    code: 'Código',
  },
  ca: {
    title: 'Vincle no s’ha obert',
    again: 'No s’ha pogut completar l’entrada. No s’ha desat res. Torneu a obrir Vincle des de la història clínica.',
    refused: 'L’hospital no us permet obrir Vincle aquí. No s’ha mostrat cap dada.',
    setup: 'Vincle no està configurat per a aquesta entrada. Comuniqueu aquest codi a informàtica:',
    code: 'Codi',
  },
  en: {
    title: 'Vincle was not opened',
    again: 'Signing in could not be completed. Nothing was saved. Open Vincle again from the record.',
    refused: 'The hospital does not let you open Vincle here. No data was shown.',
    setup: 'Vincle is not set up for this way in. Tell your IT department this code:',
    code: 'Code',
  },
};
const SETUP: ReadonlySet<string> = new Set([
  'unknown-iss',
  'iss-missing',
  'launch-parameter',
  'smart-configuration',
  'no-user',
  'no-patient',
]);

function kindOf(status: number, reason: string): Kind {
  if (SETUP.has(reason)) return 'setup';
  return status === 403 ? 'refused' : 'again';
}

/** A launch that went wrong, said to the person who stands before it: three languages, no script, nothing of anybody. */
export function refusalPage(language: 'es' | 'ca' | 'en', status: number, reason: string): string {
  const words = WORDS[language];
  return `<!doctype html>
<html lang="${language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><title>${words.title}</title></head>
<body><main><h1>${words.title}</h1><p role="alert">${words[kindOf(status, reason)]}</p><p>${words.code}: <code>${reason}</code></p></main></body>
</html>
`;
}

type Handle = (request: Request, response: Response) => Promise<void>;

/** A refusal as a page for whoever navigates here, as an OperationOutcome for everybody else. */
export const orPage =
  (handle: Handle, frameAncestors: readonly string[]): Handle =>
  async (request, response) => {
    try {
      await handle(request, response);
    } catch (error) {
      const { status, issues, headers } = refusalOf(error);
      const reason = issues[0]?.reason ?? '';
      if (status >= 500 && reason === 'failed') throw error;
      if (request.accepts(['json', 'html']) !== 'html' || !/^[a-z0-9-]{1,60}$/.test(reason)) throw error;
      const language = request.acceptsLanguages(['es', 'ca', 'en']) || 'es';
      const frames = frameAncestors.length === 0 ? "'none'" : frameAncestors.join(' ');
      response.set('Content-Security-Policy', `default-src 'none'; frame-ancestors ${frames}`);
      if (frameAncestors.length > 0) response.removeHeader('X-Frame-Options');
      response
        .status(status)
        .set(headers)
        .type('html')
        .send(refusalPage(language as 'es' | 'ca' | 'en', status, reason));
    }
  };
