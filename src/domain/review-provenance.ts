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

const participant = (code: 'author' | 'enterer' | 'verifier', display: string) => ({
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/provenance-participant-type', code, display }],
});

/** Who wrote down what a patient answered on paper, and who vouches for what counts. */
export function paperProvenance(
  target: string,
  {
    transcribers,
    by,
    at,
    note,
  }: { readonly transcribers: readonly string[]; readonly by: string; readonly at: string; readonly note: string },
): Provenance {
  return {
    resourceType: 'Provenance',
    id: identify(`paper|${target}`),
    target: [{ reference: target }],
    recorded: at,
    activity: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-DataOperation', code: 'CREATE', display: 'create' }],
      text: 'paper entry',
    },
    reason: [{ text: note }],
    agent: [
      ...[...new Set(transcribers)].map((it) => ({
        type: participant('enterer', 'Enterer'),
        who: { reference: it },
      })),
      { type: participant('verifier', 'Verifier'), who: { reference: by } },
    ],
  };
}
