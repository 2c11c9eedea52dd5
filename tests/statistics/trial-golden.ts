import { expect } from '@jest/globals';
import { type Estimate, isEstimated, isTested, type Test } from '../../src/analysis/estimate.ts';
import type { CohortAnalysis, Findings } from '../../src/analysis/result.ts';
import { golden } from './golden-cohort.ts';

/** What agreement, t and correlation are held to, and the mixed models. */
const EXACT = 1e-6;
const MIXED = 1e-3;

/** What was compared, and what of it is further off than it may be. */
interface Compared {
  numbers: number;
  readonly off: string[];
}

type Near = (what: string, actual: number | undefined, expected: number, tolerance?: number) => void;

/** Holds the analysis of the synthetic trial to what golden-trial.R made of its exported CSV. */
export function expectGolden({ findings, flow }: CohortAnalysis): void {
  if (findings === undefined) throw new Error('arms are masked');
  const r = golden('trial');
  const compared: Compared = { numbers: 0, off: [] };
  const near: Near = (what, actual, expected, tolerance = EXACT) => {
    compared.numbers += 1;
    const distance = Math.abs((actual ?? Number.NaN) - expected) / Math.max(1, Math.abs(expected));
    if (!(distance < tolerance)) compared.off.push(`${what}: ${actual}, R has ${expected}`);
  };
  for (const it of r.flow) {
    const cell = flow.cells.find((one) => one.arm === it.arm && one.visit === it.visit && one.rater === it.rater);
    const state = Object.entries(cell?.states ?? {}).find(([name]) => name === it.state);
    near(`${it.arm} ${it.visit} ${it.rater} ${it.state}`, state?.[1], it.n);
  }
  agreement(findings, r, near);
  development(findings, r, near);
  joint(findings, r, near);
  associations(findings, r, near);
  expect(compared.off).toEqual([]);
  expect(compared.numbers).toBeGreaterThan(250);
}

type Golden = ReturnType<typeof golden>;

const interval = (
  near: Near,
  what: string,
  it: Estimate | undefined,
  [estimate = 0, low = 0, high = 0]: number[],
): void => {
  const found = it !== undefined && isEstimated(it) ? it : undefined;
  near(what, found?.estimate, estimate);
  near(`${what}, low`, found?.interval?.low, low);
  near(`${what}, high`, found?.interval?.high, high);
};

function agreement(findings: Findings, r: Golden, near: Near): void {
  for (const expected of r.agreement) {
    const what = `${expected.arm} ${expected.visit}`;
    const cell = findings.agreement.find((it) => it.arm === expected.arm && it.visit === expected.visit);
    near(`${what} dyads`, cell?.dyads, expected.n);
    interval(near, `${what} ICC(A,1)`, cell?.iccA1, expected.iccA1);
    interval(near, `${what} ICC(C,1)`, cell?.iccC1, expected.iccC1);
    interval(near, `${what} mean difference`, cell?.meanDifference, expected.mean);
    const mean = cell !== undefined && isEstimated(cell.meanDifference) ? cell.meanDifference : undefined;
    near(`${what} t`, mean?.statistic, expected.mean[3]);
    near(`${what} p`, mean?.p, expected.mean[4]);
    interval(near, `${what} Pearson`, cell?.pearson, expected.pearson);
    interval(near, `${what} proportional bias`, cell?.proportionalBias, expected.slope);
  }
}

interface Contrast {
  readonly estimate: number;
  readonly se: number;
  readonly df: number;
  readonly p: number;
}

function contrast(near: Near, what: string, it: Estimate | undefined, expected: Contrast): void {
  const found = it !== undefined && isEstimated(it) ? it : undefined;
  near(what, found?.estimate, expected.estimate, MIXED);
  near(`${what}, standard error`, found?.standardError, expected.se, MIXED);
  near(`${what}, df`, found?.df, expected.df, MIXED);
  near(`${what}, p`, found?.p, expected.p, MIXED);
}

function test(near: Near, what: string, it: Test | undefined, expected: { f: number; df: number; p: number }): void {
  const found = it !== undefined && isTested(it) ? it : undefined;
  near(`${what}, F`, found?.f, expected.f, MIXED);
  near(`${what}, df`, found?.denominatorDf, expected.df, MIXED);
  near(`${what}, p`, found?.p, expected.p, MIXED);
}

function development(findings: Findings, r: Golden, near: Near): void {
  for (const found of findings.development) {
    const expected = r.development[found.rater].unstructured;
    near(`${found.rater} deviance`, found.deviance, expected.deviance, MIXED);
    for (const { at, difference } of found.contrasts)
      contrast(near, `${found.rater} difference at ${at}`, difference, expected.tests[at]);
    test(near, `${found.rater} interaction`, found.interaction, expected.tests.interaction);
  }
}

function joint({ joint: found, decomposition }: Findings, r: Golden, near: Near): void {
  near('joint deviance', found.deviance, r.joint.deviance, MIXED);
  contrast(near, 'rater × arm', found.raterByArm, r.joint.raterByArm);
  test(near, 'rater × arm × visit', found.threeWay, r.joint.threeWay);
  const names = { residual: 'Residual', patient: 'patient', dyad: 'patient:rater', therapist: 'therapist' };
  for (const { part, variance } of decomposition.parts)
    near(
      `variance of ${part}`,
      isEstimated(variance) ? variance.estimate : undefined,
      r.joint.decomposition[names[part]],
      MIXED,
    );
}

const NAMES: Readonly<Record<string, string>> = {
  age: 'age',
  sus: 'sus',
  'vas-app': 'vas_app',
  communication: 'contacts',
};

function associations({ associations: found }: Findings, r: Golden, near: Near): void {
  for (const it of found.single) {
    const expected = r.associations[it.outcome][NAMES[it.variable] ?? ''];
    if (expected === undefined) continue;
    const what = `${it.outcome} and ${it.variable}`;
    interval(near, `${what}, Pearson`, it.pearson, expected.pearson);
    near(`${what}, n`, it.spearman.n, expected.n);
    near(`${what}, Spearman`, isEstimated(it.spearman) ? it.spearman.estimate : undefined, expected.spearman);
  }
  const slope = isEstimated(found.platform.slope) ? found.platform.slope : undefined;
  near('platform slope', slope?.estimate, r.platform.estimate, MIXED);
  near('platform slope, standard error', slope?.standardError, r.platform.se, MIXED);
  // lme4 finds no variance between therapists: lmerTest’s df are then those of patients, nlme’s those of therapists.
  const { df, between, singular } = r.platform;
  near('platform slope, df', slope?.df, Math.min(df, between.nlme), MIXED);
  near('platform model is singular', Number(found.platform.singular), Number(singular), 0.5);
}
