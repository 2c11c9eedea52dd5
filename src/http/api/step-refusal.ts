import type { Decided, Lost } from '../../pipeline/steps/decide.ts';
import type { Positioned } from '../../pipeline/steps/record-position.ts';
import { type Refusal, refusal } from '../refusal.ts';

const SAID: Readonly<Record<string, string>> = {
  'not-active': 'The caller no longer works here.',
  'not-in-your-care': 'The patient is not in the care of the caller.',
  'role-may-not-decide': 'The protocol does not let the caller’s role decide this.',
  'same-level': 'The patient is at this level already.',
  'unknown-level': 'The protocol knows no such level.',
  paused: 'Stepped care is paused: go on with it first.',
  'not-a-proposal': 'This CarePlan is no proposal: there is nothing to agree to.',
  'not-a-plan': 'A wish is recorded on the plan in force.',
};

/** What happened instead, for whoever came second: who, what and when, as far as anybody decided. */
export function lostSentence({ what, by, at }: Lost): string {
  const when = at === undefined ? '' : ` at ${at}`;
  return by === undefined ? `It waits no longer: ${what}.` : `${by} was first: ${what}${when}.`;
}

/** A result that is not what was asked for, as an answer; `undefined` where it is. */
export function refusalOf(result: Decided | Positioned): Refusal | undefined {
  switch (result.kind) {
    case 'decided':
    case 'recorded':
      return undefined;
    case 'lost':
      return refusal(409, 'conflict', result.what, lostSentence(result));
    case 'not-found':
      return refusal(404, 'not-found', 'not-found', 'There is none of that id here.');
    case 'agreement-missing':
      return refusal(422, 'business-rule', 'agreement-missing', 'The protocol wants the patient’s agreement first.');
    case 'busy':
      return refusal(503, 'transient', 'busy', 'The patient’s record is being written: try again.', {
        'Retry-After': '2',
      });
    case 'rejected':
      return refusal(502, 'processing', 'rejected', 'The hospital’s FHIR server did not take it.');
    case 'not-allowed':
      return result.reason === 'reason-missing'
        ? refusal(422, 'required', 'reason-missing', 'A reason is required.')
        : refusal(403, 'forbidden', result.reason, SAID[result.reason] ?? result.reason);
  }
}
