import { describe, expect, test } from '@jest/globals';
import {
  type AllianceSlot,
  type AllianceVisit,
  drawAlliance,
} from '../../../src/app/clinician/charts/alliance-geometry.ts';

const rated = (total: number, more: Partial<Extract<AllianceSlot, { kind: 'rated' }>> = {}): AllianceSlot => ({
  kind: 'rated',
  total,
  label: `${total}`,
  ...more,
});
const missing: AllianceSlot = { kind: 'missing', words: 'not answered' };
const visit = (months: number, patient: AllianceSlot, therapist: AllianceSlot): AllianceVisit => ({
  key: `m${months}`,
  months,
  label: `${months} months`,
  patient,
  therapist,
  ...(patient.kind === 'rated' && therapist.kind === 'rated' ? { gap: 'gap' } : {}),
});
const draw = (...visits: readonly AllianceVisit[]) => drawAlliance(visits, [12, 84], { width: 640, height: 280 });

describe('The alliance chart', () => {
  test('no line leads over a visit without a rating', () => {
    const { lines, missing: gone } = draw(
      visit(3, rated(60), rated(50)),
      visit(6, missing, rated(52)),
      visit(12, rated(70), rated(51)),
    );
    expect(lines.map((it) => [it.rater, it.from.visit, it.to.visit])).toEqual([
      ['therapist', 'm3', 'm6'],
      ['therapist', 'm6', 'm12'],
    ]);
    expect(gone.map((it) => [it.rater, it.words])).toEqual([['patient', 'not answered']]);
  });

  test('only a change beyond the error is news; one within it, or of which nobody knows, is not', () => {
    const { lines } = draw(
      visit(3, rated(40), rated(50)),
      visit(6, rated(60, { change: 'reliable' }), rated(52, { change: 'within' })),
      visit(12, rated(61, { change: 'unknown' }), rated(51)),
    );
    expect(lines.filter((it) => it.isReliable).map((it) => [it.rater, it.to.visit])).toEqual([['patient', 'm6']]);
  });

  test('a total stands on its place between 12 and 84, and its error ends at the range', () => {
    const { points, plot } = draw(
      visit(3, rated(84, { error: 6 }), missing),
      visit(6, rated(12, { error: 6 }), missing),
    );
    const [high, low] = points;
    expect([high?.y, low?.y]).toEqual([plot.top, plot.bottom]);
    // 6 of 72 points of the range, in pixels; nothing above 84 or below 12.
    const six = (6 / 72) * (plot.bottom - plot.top);
    expect(high?.band?.[0]).toBe(plot.top);
    expect(high?.band?.[1]).toBeCloseTo(plot.top + six, 9);
    expect(low?.band?.[0]).toBeCloseTo(plot.bottom - six, 9);
    expect(low?.band?.[1]).toBe(plot.bottom);
  });

  test('two raters who rate alike stand side by side, with their numbers on both sides', () => {
    const { points, gaps } = draw(visit(3, rated(60), rated(60)), visit(6, missing, rated(50)));
    const [patient, therapist, alone] = points;
    expect((therapist?.x ?? 0) - (patient?.x ?? 0)).toBe(16);
    expect(patient?.above).not.toBe(therapist?.above);
    expect(gaps).toHaveLength(1);
    // Whoever rated alone stands on the visit itself.
    expect(alone?.x).toBe(draw(visit(3, missing, rated(1)), visit(6, missing, rated(1))).columns[1]?.x);
  });

  test('visits stand as far apart as they are in time', () => {
    const [a, b, c] = draw(visit(3, missing, missing), visit(6, missing, missing), visit(12, missing, missing)).columns;
    expect(((c?.x ?? 0) - (b?.x ?? 0)) / ((b?.x ?? 0) - (a?.x ?? 0))).toBeCloseTo(2, 9);
  });
});
