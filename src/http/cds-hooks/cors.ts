import type { RequestHandler } from 'express';

/** How long a browser may remember the answer to a preflight, in seconds. */
const REMEMBERED_SECONDS = 600;
/** What a CDS client sends beside what every page may (Fetch, CORS-safelisted request headers). */
const HEADERS = 'Authorization, Content-Type';

/** Origins as `CDS_ORIGINS` names them, separated by spaces or commas, as a browser writes them. */
export const originsOf = (text: string): string[] =>
  text
    .split(/[\s,]+/)
    .filter((it) => it !== '')
    .map((it) => new URL(it).origin);

/**
 * Lets pages of these origins call the CDS Hooks routes (CDS Hooks 2.0, “CORS”; Fetch, “HTTP-CORS protocol”): each is named
 * back, never `*`, and never with credentials: who calls is told by the token alone. Of any other origin nothing is said,
 * and its browser keeps the answer from the page. Where no origin is configured this does nothing.
 *
 * @param methods the methods of each path below `/cds-services`, by its whole path
 */
export function cdsCors(origins: readonly string[], methods: ReadonlyMap<string, string>): RequestHandler {
  const allowed = new Set(origins);
  return (request, response, next) => {
    if (allowed.size === 0) return next();
    // A cache between must not give one origin the answer for another.
    response.vary('Origin');
    const origin = request.get('origin');
    if (origin === undefined || !allowed.has(origin)) return next();
    response.set({ 'Access-Control-Allow-Origin': origin, 'Access-Control-Expose-Headers': 'WWW-Authenticate' });
    const asked = request.get('access-control-request-method');
    const method = methods.get(request.baseUrl + (request.path === '/' ? '' : request.path));
    if (request.method !== 'OPTIONS' || asked === undefined || method === undefined) return next();
    response.vary('Access-Control-Request-Method');
    response.set({
      'Access-Control-Allow-Methods': method,
      'Access-Control-Allow-Headers': HEADERS,
      'Access-Control-Max-Age': String(REMEMBERED_SECONDS),
    });
    response.status(204).end();
  };
}
