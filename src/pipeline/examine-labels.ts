import { codeSystem } from '../domain/canonicals.ts';
import { FhirError, type FhirServer } from '../fhir/port.ts';
import { type Finding, reasonOf } from './finding.ts';

const RELEASE = codeSystem('release');

/** Whether the server keeps a rating from those it is blinded from, asked with their own tokens. */
export async function examineLabels(asPerson: FhirServer, who: 'therapist' | 'patient'): Promise<Finding> {
  const label = `blinded-from-${who}`;
  const ability = `keeps ${label} Observations from a ${who}`;
  try {
    const [page] = await asPerson.searchAll([
      {
        type: 'Observation',
        params: [
          ['code', `${codeSystem('measure')}|`],
          ['_count', '200'],
        ],
      },
    ]);
    const shown = (page?.resources ?? []).filter((it) =>
      it.meta?.security?.some((s) => s.system === RELEASE && s.code === label),
    );
    return shown.length === 0
      ? {
          ability,
          found: 'unknown',
          evidence: `none was shown among ${page?.resources.length ?? 0}`,
          consequence: 'no leak was seen with this token',
        }
      : {
          ability,
          found: 'no',
          evidence: `${shown.length} were shown`,
          consequence:
            'cannot be done: this server does not honour security labels, so blinding holds in Vincle’s own pages only',
        };
  } catch (error) {
    return {
      ability,
      found: error instanceof FhirError && error.kind === 'unauthorized' ? 'yes' : 'unknown',
      evidence: reasonOf(error),
      consequence: 'this token reads no Observations',
    };
  }
}
