export const FHIR_JSON = { 'content-type': 'application/fhir+json' };

/** What came back, with the body as JSON where there is one. */
export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: the tests say what they expect of it
  readonly body: any;
}

/** One request to a FHIR server with a JSON body, or none. */
export async function request(
  url: string,
  method = 'GET',
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answered> {
  const answer = await fetch(url, {
    method,
    headers: { ...(body === undefined ? {} : FHIR_JSON), ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: text === '' ? undefined : JSON.parse(text) };
}

/** The ids on all pages of a search. */
export async function idsOf(url: string): Promise<string[]> {
  const { body } = await request(url);
  const ids = (body.entry ?? []).map((entry: { resource: { id: string } }) => entry.resource.id);
  const next = body.link.find((link: { relation: string }) => link.relation === 'next');
  return next === undefined ? ids : [...ids, ...(await idsOf(next.url))];
}
