import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Observation, Patient } from 'fhir/r4.js';
import { connectFhir } from '../../src/fhir/connect.ts';
import { FhirError, type FhirServer, type Page, type Search, type Write } from '../../src/fhir/port.ts';

const SYSTEM = 'urn:vincle:contract';

const kindOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'no error',
    (error: unknown) => (error instanceof FhirError ? error.kind : String(error)),
  );

async function pagesOf(server: FhirServer, search: Search): Promise<Page[]> {
  const pages: Page[] = [];
  for await (const page of server.search(search)) pages.push(page);
  return pages;
}

/** What every FHIR server must do for Vincle, through the one adapter; run against each server that Vincle is tested with. */
export function fhirServerContract(name: string, baseUrlOf: () => string): void {
  describe(`${name} through the port`, () => {
    const run = `c${randomUUID().slice(0, 8)}`;
    let server: FhirServer;
    beforeAll(() => {
      server = connectFhir({ baseUrl: baseUrlOf(), auth: { kind: 'none' } });
    });

    const patient = (id: string): Patient => ({
      resourceType: 'Patient',
      id: `${run}-${id}`,
      identifier: [{ system: SYSTEM, value: `${run}-${id}` }],
    });
    const observation = (id: string, value: number, subject = 'p1'): Observation => ({
      resourceType: 'Observation',
      id: `${run}-${id}`,
      identifier: [{ system: SYSTEM, value: `${run}-${id}` }],
      status: 'final',
      code: { coding: [{ system: `${SYSTEM}:code`, code: 'a' }] },
      subject: { reference: `Patient/${run}-${subject}` },
      valueInteger: value,
    });
    const put = (resource: Patient | Observation, more: { ifMatch?: string } = {}): Write => ({
      method: 'PUT',
      resource,
      ...more,
    });

    test('a PUT on an absent id creates, and a read gives it back', async () => {
      expect((await server.write(put(patient('p1')))).status).toBe(201);
      expect((await server.read('Patient', `${run}-p1`))?.identifier?.[0]?.value).toBe(`${run}-p1`);
    });
    test('what is not there is undefined, and so is what was deleted', async () => {
      expect(await server.read('Patient', `${run}-never`)).toBeUndefined();
      await server.write(put(patient('gone')));
      expect([200, 204]).toContain(
        (await server.write({ method: 'DELETE', type: 'Patient', id: `${run}-gone` })).status,
      );
      expect(await server.read('Patient', `${run}-gone`)).toBeUndefined();
    });
    test('an id that is no FHIR id is refused before anything is sent', async () => {
      const before = server.traffic.requests;
      expect(await kindOf(server.read('Patient', '../metadata'))).toBe('rejected');
      expect(server.traffic.requests).toBe(before);
    });
    test('an identical PUT makes no new version', async () => {
      await server.write(put(observation('same', 1)));
      await server.write(put(observation('same', 1)));
      expect((await server.read('Observation', `${run}-same`))?.meta?.versionId).toBe('1');
    });
    test('a stale If-Match is a conflict and changes nothing', async () => {
      await server.write(put(observation('match', 1)));
      const version = (await server.read('Observation', `${run}-match`))?.meta?.versionId ?? '';
      expect((await server.write(put(observation('match', 2), { ifMatch: version }))).status).toBe(200);
      expect(await kindOf(server.write(put(observation('match', 3), { ifMatch: version })))).toBe('conflict');
      expect((await server.read('Observation', `${run}-match`))?.valueInteger).toBe(2);
    });
    test('a conditional create stores once, a conditional update replaces the one it finds', async () => {
      const { id: _own, ...fresh } = observation('once', 1);
      const identifier = `identifier=${SYSTEM}|${run}-once`;
      const create: Write = { method: 'POST', resource: fresh, ifNoneExist: identifier };
      const [first, second] = [await server.write(create), await server.write(create)];
      expect([first.status, second.status]).toEqual([201, 200]);
      await server.write({
        method: 'PUT',
        resource: { ...fresh, valueInteger: 5 },
        where: `Observation?${identifier}`,
      });
      const [found] = await server.searchAll([
        { type: 'Observation', params: [['identifier', `${SYSTEM}|${run}-once`]] },
      ]);
      expect(found?.resources.map((it) => (it as Observation).valueInteger)).toEqual([5]);
    });
    test('a transaction is written whole, and its results are in the order of its entries', async () => {
      const results = await server.transaction([put(observation('t1', 1)), put(observation('t2', 2))]);
      expect(results.map((it) => [it.status, it.type, it.id])).toEqual([
        [201, 'Observation', `${run}-t1`],
        [201, 'Observation', `${run}-t2`],
      ]);
    });
    test('a transaction with one stale If-Match leaves nothing of itself', async () => {
      const writes = [put(observation('r1', 1)), put(observation('t1', 9), { ifMatch: '77' })];
      expect(await kindOf(server.transaction(writes))).toBe('conflict');
      expect(await server.read('Observation', `${run}-r1`)).toBeUndefined();
    });
    test('an entry of a transaction may name another by its urn:uuid', async () => {
      const urn = `urn:uuid:${randomUUID()}`;
      const { id: _own, ...mother } = patient('urn');
      const { id: _other, ...child } = observation('urn', 1);
      const [created, named] = await server.transaction([
        { method: 'POST', resource: mother, fullUrl: urn },
        { method: 'POST', resource: { ...child, subject: { reference: urn } } },
      ]);
      const stored = await server.read('Observation', named?.id ?? '');
      expect(stored?.subject?.reference).toBe(`Patient/${created?.id}`);
    });

    describe('searching', () => {
      const COUNT = 57;
      beforeAll(async () => {
        const all = Array.from({ length: COUNT }, (_, index) =>
          put(observation(`s${index}`, index, index % 2 === 0 ? 'even' : 'odd')),
        );
        await server.transaction([put(patient('even')), put(patient('odd')), ...all]);
      });
      const both = `Patient/${run}-even,Patient/${run}-odd`;
      const observations = async (...params: Search['params']): Promise<Page | undefined> =>
        (await server.searchAll([{ type: 'Observation', params }]))[0];

      test('page after page gives everything once', async () => {
        const pages = await pagesOf(server, {
          type: 'Observation',
          params: [
            ['subject', both],
            ['_count', '10'],
          ],
        });
        const ids = pages.flatMap((page) => page.resources.map((it) => it.id));
        expect([pages.length > 1, ids.length, new Set(ids).size]).toEqual([true, COUNT, COUNT]);
      });
      test('several searches are one request, each to its end', async () => {
        const before = server.traffic.requests;
        const [even, odd, none] = await server.searchAll([
          {
            type: 'Observation',
            params: [
              ['subject', `Patient/${run}-even`],
              ['_count', '1000'],
            ],
          },
          {
            type: 'Observation',
            params: [
              ['subject', `Patient/${run}-odd`],
              ['_count', '1000'],
            ],
          },
          { type: 'Observation', params: [['subject', `Patient/${run}-nobody`]] },
        ]);
        expect([even?.resources.length, odd?.resources.length, none?.resources.length]).toEqual([29, 28, 0]);
        expect(server.traffic.requests - before).toBe(1);
      });
      test('the patient of what is found comes along where asked for, apart from what is found', async () => {
        const page = await observations(['_id', `${run}-s0`], ['_include', 'Observation:subject']);
        expect([page?.resources, page?.included].map((it) => it?.map(({ id }) => id))).toEqual([
          [`${run}-s0`],
          [`${run}-even`],
        ]);
      });
      test('any code of a system is found by system and bar', async () => {
        const page = await observations(['subject', both], ['code', `${SYSTEM}:code|`], ['_count', '1000']);
        expect(page?.resources.length).toBe(COUNT);
      });
      test('what changed since an instant is found, that instant included, with the server’s own time', async () => {
        const stored = await server.read('Observation', `${run}-s0`);
        const since = stored?.meta?.lastUpdated ?? '';
        const [page] = await server.searchAll([
          {
            type: 'Observation',
            params: [
              ['subject', both],
              ['_lastUpdated', `ge${since}`],
              ['_count', '1000'],
            ],
          },
        ]);
        expect(page?.resources.length).toBe(COUNT);
        expect(Math.abs(Date.parse(page?.serverTime ?? '') - Date.now())).toBeLessThan(60_000);
      });
      test('a response is found by its canonical without the version that is stored', async () => {
        const url = `https://w3id.org/vincle/Questionnaire/contract-${run}`;
        await server.write({
          method: 'PUT',
          resource: {
            resourceType: 'QuestionnaireResponse',
            id: `${run}-q`,
            status: 'completed',
            questionnaire: `${url}|1.0.0`,
          },
        });
        const [page] = await server.searchAll([
          { type: 'QuestionnaireResponse', params: [['questionnaire', `${url},${url}|1.0.0`]] },
        ]);
        expect(page?.resources.map((it) => it.id)).toEqual([`${run}-q`]);
      });
      test('a search too long for a URL goes as a form and finds the same', async () => {
        const many = Array.from({ length: 120 }, (_, index) => `Patient/${run}-absent-${index}`).join(',');
        const [page] = await pagesOf(server, {
          type: 'Observation',
          params: [
            ['subject', `${many},Patient/${run}-even`],
            ['_count', '1000'],
          ],
        });
        expect(page?.resources.length).toBe(29);
      });
      test('a parameter the server does not know is refused, not passed over', async () => {
        expect(await kindOf(pagesOf(server, { type: 'Observation', params: [['no-such-parameter', 'x']] }))).toBe(
          'rejected',
        );
      });
    });

    test('tags that a PUT leaves out are gone', async () => {
      const tagged = { ...observation('tag', 1), meta: { tag: [{ system: SYSTEM, code: 'temporary' }] } };
      await server.write(put(tagged));
      await server.transaction([put(observation('tag', 1))]);
      expect((await server.read('Observation', `${run}-tag`))?.meta?.tag ?? []).toEqual([]);
    });
    test('eight writers of one key leave one resource', async () => {
      const writes = Array.from({ length: 8 }, (_, index) => server.write(put(observation('race', index % 2))));
      expect((await Promise.all(writes)).every((it) => it.status === 200 || it.status === 201)).toBe(true);
      const [page] = await server.searchAll([
        { type: 'Observation', params: [['identifier', `${SYSTEM}|${run}-race`]] },
      ]);
      expect(page?.resources.length).toBe(1);
    });
  });
}
