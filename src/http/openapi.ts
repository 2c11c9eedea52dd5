import type { Route } from './route.ts';

const SECURITY: Record<Route['access'], object[]> = {
  public: [],
  bearer: [{ smart: [] }],
  'subscription-secret': [{ subscriptionSecret: [] }],
  'metrics-token': [{ metricsToken: [] }],
  'cds-client': [{ cdsClient: [] }],
  launch: [{ launch: [] }],
};
const bearer = (description: string) => ({ type: 'http', scheme: 'bearer', description });

/** The OpenAPI 3.1 document of a table of routes. */
export function openapi(routes: readonly Route[], version: string, publicUrl: string | undefined): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    const path = route.path.replace(/[:*](\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method]: operation(route) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Vincle', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    ...(publicUrl === undefined ? {} : { servers: [{ url: publicUrl }] }),
    paths,
    components: {
      securitySchemes: {
        smart: bearer('Access token of the hospital’s SMART authorization server'),
        subscriptionSecret: bearer('The secret of the Subscription'),
        metricsToken: bearer('The token of /metrics'),
        launch: { type: 'apiKey', in: 'header', name: 'Vincle-Launch' },
        cdsClient: bearer('CDS Hooks 2.0: a JWT of a configured CDS client, for this address, once'),
      },
    },
  };
}

const MEDIA = { fhir: 'application/fhir+json', json: 'application/json' } as const;

const operation = (route: Route): object => ({
  summary: route.summary,
  security: SECURITY[route.access],
  parameters: [
    ...[...route.path.matchAll(/[:*](\w+)/g)].map(([, name]) => parameter(name ?? '', 'path', 'Logical id')),
    ...Object.entries(route.query ?? {}).map(([name, what]) => parameter(name, 'query', what)),
  ],
  ...(route.body === undefined
    ? {}
    : { requestBody: { required: true, content: { [MEDIA[route.body]]: { schema: { type: 'object' } } } } }),
  responses: Object.fromEntries(
    Object.entries(route.answers).map(([status, description]) => [
      status,
      { description, content: { [Number(status) < 400 ? route.produces : 'application/fhir+json']: {} } },
    ]),
  ),
});

const parameter = (name: string, where: 'path' | 'query', description: string): object => ({
  name,
  in: where,
  required: where === 'path',
  description,
  schema: { type: 'string' },
});
