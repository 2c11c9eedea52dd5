import { expect, test } from '@jest/globals';
import { formatOf } from '../../src/report/format.ts';

test('a number just below zero is not written as zero: an interval from it holds zero, and one from zero would not say so', () => {
  const { number, signed } = formatOf('en');
  expect([number(-0.0038), number(0.00012), number(0)]).toEqual(['−0.004', '0.0001', '0.00']);
  expect([signed(0.04, 1), signed(-0.04, 1), signed(-3.14, 1)]).toEqual(['+0.04', '−0.04', '−3.1']);
});

test('a language writes its own decimal sign', () => {
  expect(['es', 'ca'].map((it) => formatOf(it as 'es' | 'ca').number(-0.0038))).toEqual(['−0,004', '−0,004']);
});
