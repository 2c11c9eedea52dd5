import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { FhirResource } from 'fhir/r4.js';
import { errorLines, judge } from './judge.ts';

const FOLDER = new URL('../../docs/examples/protocol/profiles', import.meta.url).pathname;

test('the HL7 validator finds no error in the worked example of a site’s own protocol', async () => {
  const example = readdirSync(FOLDER)
    .sort()
    .map((name): FhirResource => JSON.parse(readFileSync(join(FOLDER, name), 'utf8')));
  expect(example).toHaveLength(7);
  expect(errorLines(example, await judge(example))).toEqual([]);
}, 180_000);
