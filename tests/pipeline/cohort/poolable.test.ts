import { expect, test } from '@jest/globals';
import type { ExportManifest } from '../../../src/pipeline/cohort/manifest.ts';
import { armsOfAll, type ExportOrigin, poolingRefusals } from '../../../src/pipeline/cohort/poolable.ts';

const north: ExportOrigin = { name: 'north', digest: 'n', content: 'c1', plan: 'p1', windows: '1.0.0' };
const south: ExportOrigin = { ...north, name: 'south', digest: 's' };

test('exports of two sites with the same content, plan and windows are pooled', () => {
  expect(poolingRefusals([north, south])).toEqual([]);
});

test.each([
  ['content', { content: 'c2' }],
  ['plan', { plan: 'p2' }],
  ['windows', { windows: '1.1.0' }],
])('an export of other %s is refused by its name', (differs, change) => {
  expect(poolingRefusals([north, { ...south, ...change }])).toEqual([{ name: 'south', differs }]);
});

test('all that differs is named at once, of every export', () => {
  const west = { ...south, name: 'west', digest: 'w', windows: '2.0.0' };
  expect(poolingRefusals([north, { ...south, content: 'c2', plan: 'p2' }, west])).toEqual([
    { name: 'south', differs: 'content' },
    { name: 'south', differs: 'plan' },
    { name: 'west', differs: 'windows' },
  ]);
});

test('the same export given twice would count its patients twice, and is refused', () => {
  expect(poolingRefusals([north, { ...north, name: 'north-copy' }])).toEqual([
    { name: 'north-copy', differs: 'given-twice' },
  ]);
});

test('arms stand in one order, whichever export is given first', () => {
  const exportOf = (dataDigest: string, ...arms: string[]) => ({
    manifest: { dataDigest, arms: arms.map((arm) => ({ arm, label: arm })) } as unknown as ExportManifest,
  });
  const [north, south] = [exportOf('a', 'usual', 'digital'), exportOf('b', 'digital', 'usual')];
  expect(armsOfAll([south, north])).toEqual(armsOfAll([north, south]));
  expect(armsOfAll([south, exportOf('c', 'usual'), north]).map((it) => it.arm)).toEqual(['usual', 'digital']);
});
