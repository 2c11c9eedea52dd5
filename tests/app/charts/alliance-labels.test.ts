import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type AllianceSlot, drawAlliance } from '../../../src/app/clinician/charts/alliance-geometry.ts';
import { sidesOf } from '../../../src/app/clinician/charts/alliance-labels.ts';

const missing = (words: string): AllianceSlot => ({ kind: 'missing', words });
const rated = (total: number): AllianceSlot => ({ kind: 'rated', total, label: `${total}` });
const at = (width: number, ...slots: readonly (readonly [AllianceSlot, AllianceSlot])[]) => {
  const visits = slots.map(([patient, therapist], index) => ({
    key: `v${index}`,
    months: [3, 6, 12][index] ?? 12,
    label: `v${index}`,
    patient,
    therapist,
  }));
  const drawing = drawAlliance(visits, [12, 84], { width, height: 280 });
  return { ...drawing, sides: sidesOf(drawing, width) };
};

describe('Why a rating is missing', () => {
  const after = missing('se muestra tras su valoración');

  test('stands beside its mark where there is room for every such word', () => {
    const { sides, missing: gone } = at(640, [rated(60), rated(55)], [rated(62), missing('not due')], [after, after]);
    expect(gone.map((it) => sides?.get(it))).toEqual(['right', 'left', 'left']);
  });

  test('goes below the chart on a phone, and where two visits would write over each other', () => {
    expect(at(320, [rated(60), rated(55)], [after, after], [after, after]).sides).toBeUndefined();
    expect(at(1000, [after, after], [after, after], [after, after]).sides?.size).toBe(6);
    expect(at(480, [after, after], [after, after], [after, after]).sides).toBeUndefined();
  });

  test('no words lie on one another, on a mark, or outside of the picture', () => {
    const slot = fc.oneof(fc.integer({ min: 12, max: 84 }).map(rated), fc.string({ maxLength: 40 }).map(missing));
    fc.assert(
      fc.property(
        fc.integer({ min: 280, max: 1400 }),
        fc.array(fc.tuple(slot, slot), { minLength: 1, maxLength: 3 }),
        (width, slots) => {
          const { sides, missing: gone } = at(width, ...slots);
          if (sides === undefined) return;
          // 12 px italics of Inter are 6.2 px wide on average; the mark is 8 px to either side.
          const words = gone.map((it) => {
            const long = it.words.length * 6.2;
            return sides.get(it) === 'right'
              ? { y: it.y, from: it.x + 12, to: it.x + 12 + long }
              : { y: it.y, from: it.x - 12 - long, to: it.x - 12 };
          });
          for (const [index, one] of words.entries()) {
            expect(one.from >= 0 && one.to <= width).toBe(true);
            for (const other of words.slice(index + 1).filter((it) => it.y === one.y))
              expect(one.to <= other.from || other.to <= one.from).toBe(true);
            for (const mark of gone.filter((it) => it.y === one.y))
              expect(one.to <= mark.x - 8 || mark.x + 8 <= one.from).toBe(true);
          }
        },
      ),
    );
  });
});
