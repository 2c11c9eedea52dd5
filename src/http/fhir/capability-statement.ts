import type { CapabilityStatement } from 'fhir/r4.js';

/** What Vincle itself serves; the hospital's FHIR server says for itself what it does. */
export const capabilityStatement = (
  version: string,
  date: string,
  publicUrl: string | undefined,
  issuer: string | undefined,
  /** How fast an answer with a sign of danger is seen; nothing where nobody looks. */
  safety?: string,
): CapabilityStatement => ({
  resourceType: 'CapabilityStatement',
  status: 'active',
  date,
  kind: 'instance',
  software: { name: 'Vincle', version },
  implementation: {
    description: 'Intake of questionnaire responses beside the hospital’s FHIR server',
    ...(publicUrl === undefined ? {} : { url: `${publicUrl}/fhir` }),
  },
  fhirVersion: '4.0.1',
  format: ['application/fhir+json'],
  rest: [
    {
      mode: 'server',
      security: {
        service: [
          {
            coding: [
              {
                system: 'http://terminology.hl7.org/CodeSystem/restful-security-service',
                code: 'SMART-on-FHIR',
                display: 'SMART-on-FHIR',
              },
            ],
          },
        ],
        description: `QuestionnaireResponse needs a bearer token of ${issuer ?? 'an authorization server, none of which is configured'}.`,
      },
      resource: [
        {
          type: 'Questionnaire',
          interaction: [{ code: 'read' }, { code: 'search-type' }],
          searchParam: [{ name: 'url', type: 'uri', documentation: 'Canonical, with or without |version' }],
        },
        {
          type: 'QuestionnaireResponse',
          interaction: [
            {
              code: 'create',
              documentation: `Stored on the hospital’s server and computed at once. The same identifier is the same response: a correction has the status amended.${safety === undefined ? '' : ` ${safety}`}`,
            },
          ],
        },
      ],
    },
  ],
});
