import type { Provenance } from 'fhir/r4.js';
import { DEVICE_ID } from './canonicals.ts';
import { identify } from './derived-identity.ts';

/** Who ended a review or accepted a rating, and why: written beside what it changed. */
export function reviewProvenance(
  target: string,
  what: 'accept' | 'refuse' | 'close',
  { by, at, note }: { readonly by: string; readonly at: string; readonly note: string },
): Provenance {
  return {
    resourceType: 'Provenance',
    id: identify(`review|${target}|${what}|${by}|${at}`),
    target: [{ reference: target }],
    recorded: at,
    activity: {
      coding: [
        {
          system: 'http://terminology.hl7.org/CodeSystem/v3-DataOperation',
          code: 'UPDATE',
          display: 'revise',
        },
      ],
      text: what,
    },
    reason: [{ text: note }],
    agent: [
      {
        type: {
          coding: [
            {
              system: 'http://terminology.hl7.org/CodeSystem/provenance-participant-type',
              code: 'author',
              display: 'Author',
            },
          ],
        },
        who: { reference: by },
      },
      {
        type: {
          coding: [
            {
              system: 'http://terminology.hl7.org/CodeSystem/provenance-participant-type',
              code: 'assembler',
              display: 'Assembler',
            },
          ],
        },
        who: { reference: `Device/${DEVICE_ID}` },
      },
    ],
  };
}
