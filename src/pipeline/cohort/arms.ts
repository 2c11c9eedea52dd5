import type { Group } from 'fhir/r4.js';
import { idOf, literal, typeOf } from '../../domain/reference.ts';
import { FhirError, type FhirServer } from '../../fhir/port.ts';

/** Where arms stand that no ResearchSubject tells, and what they say. */
export interface GivenArms {
  /** As the manifest names it. */
  readonly source: string;
  /** Arms of a patient, `Patient/…`; none for one who is in no group and on no list. */
  of(patient: string): readonly string[];
  /** Whether the source was written since it was read. */
  changed(): Promise<boolean>;
}

/** Arm and Group: whoever is, or was, a member was assigned to it (intention to treat). */
export interface ArmGroup {
  readonly arm: string;
  /** `Group/…` */
  readonly group: string;
}

/**
 * Arms by the members of Groups, one Group an arm.
 * @throws FhirError where a Group is not there or the server is not reached
 */
export async function armsOfGroups(server: FhirServer, groups: readonly ArmGroup[]): Promise<GivenArms> {
  const arms = new Map<string, string[]>();
  const versions = new Map<string, string | undefined>();
  const versionOf = (it: Group | undefined) => it?.meta?.versionId ?? it?.meta?.lastUpdated;
  for (const { arm, group } of groups) {
    const found = await server.read('Group', idOf(group));
    if (found === undefined) throw new FhirError('not-found', `${group} is not on the server.`);
    versions.set(group, versionOf(found));
    for (const { entity } of found.member ?? []) {
      const patient = literal(entity, server.baseUrl);
      if (patient !== undefined && typeOf(patient) === 'Patient')
        arms.set(patient, [...(arms.get(patient) ?? []), arm]);
    }
  }
  const changed = async () => {
    for (const [group, version] of versions)
      if (versionOf(await server.read('Group', idOf(group))) !== version) return true;
    return false;
  };
  return given(`arms of ${groups.map((it) => `${it.arm}=${it.group}`).join(', ')}`, arms, changed);
}

/** Arms by a list of patients; `digest` is that of the list, for the manifest. */
export function armsOfList(
  lines: readonly { readonly patient: string; readonly arm: string }[],
  digest: string,
): GivenArms {
  const arms = new Map<string, string[]>();
  for (const { patient, arm } of lines) arms.set(patient, [...(arms.get(patient) ?? []), arm]);
  return given(`arms of a list, SHA-256 ${digest}`, arms, async () => false);
}

const given = (
  source: string,
  arms: ReadonlyMap<string, readonly string[]>,
  changed: GivenArms['changed'],
): GivenArms => ({
  source,
  changed,
  of: (patient) => arms.get(patient) ?? [],
});
