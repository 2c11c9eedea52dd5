import { FhirError, type FhirServer } from '../fhir/port.ts';
import type { Finding } from './finding.ts';

/** Deletes what an examination wrote, and says what would not go. */
export async function cleanUp(server: FhirServer, made: ReadonlySet<string>): Promise<Finding> {
  const left: string[] = [];
  for (const reference of made) {
    const [type, id] = reference.split('/') as ['Observation' | 'QuestionnaireResponse' | 'Subscription', string];
    await server.write({ method: 'DELETE', type, id }).catch((error: unknown) => {
      if (!(error instanceof FhirError) || error.kind !== 'not-found') left.push(reference);
    });
  }
  return {
    ability: 'deletes what was written for this examination',
    found: left.length === 0 ? 'yes' : 'no',
    evidence: left.length === 0 ? `${made.size} probes deleted` : `left: ${left.join(', ')}`,
    consequence:
      left.length === 0
        ? 'nothing is left behind'
        : 'the probes are entered in error and tagged synthetic: delete them by hand',
  };
}
