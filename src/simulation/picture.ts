import { type Tick, total, type Year } from './year.ts';

const WIDTH = 900;
const LEFT = 64;
const PLOT = WIDTH - LEFT - 24;
const LEVELS_HEIGHT = 240;
const BARS_HEIGHT = 70;

/** Lightness rises with the level, and each band is named: colour is never alone. */
const FILL = ['#cfe3e8', '#8fbecb', '#4a8da0', '#1f5566'];
const BARS: readonly (readonly [label: string, of: (it: Tick) => number, fill: string])[] = [
  ['answers', (it) => it.answers, '#4a8da0'],
  ['proposals', (it) => it.proposed, '#8a6d1d'],
  ['signs of danger', (it) => it.signs, '#a13b2f'],
];

const text = (x: number, y: number, words: string, more = ''): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}"${more}>${words}</text>`;

/** A simulated year as an SVG: levels over time as bands, and under them answers, proposals and signs at each tick. */
export function pictureOf(year: Year): string {
  const { ticks, levels } = year;
  const step = PLOT / Math.max(1, ticks.length - 1);
  const x = (index: number): number => LEFT + index * step;
  const height = 60 + LEVELS_HEIGHT + BARS.length * (BARS_HEIGHT + 26) + 20;
  const parts = [
    text(
      LEFT,
      26,
      `A simulated programme: ${year.patients} synthetic patients, ${year.months} months, seed ${year.seed}`,
      ' font-size="15" font-weight="600"',
    ),
    bands(ticks, levels, x),
    ...BARS.map(([label, of, fill], row) =>
      bars(ticks, label, of, fill, 60 + LEVELS_HEIGHT + 26 + row * (BARS_HEIGHT + 26), x, step),
    ),
    text(LEFT, height - 8, `${ticks[0]?.date ?? ''} to ${ticks.at(-1)?.date ?? ''} · made-up behaviour, of no study`),
  ];
  const summary = `Levels of care over time; ${total(year, 'proposed')} proposals, ${total(year, 'approved')} approved, ${total(year, 'signs')} signs of danger`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${summary}">
<rect width="100%" height="100%" fill="#ffffff"/>
<g fill="#1b1f24" font-family="system-ui, sans-serif" font-size="12">
${parts.join('\n')}
</g>
</svg>
`;
}

function bands(ticks: readonly Tick[], levels: readonly string[], x: (index: number) => number): string {
  const most = Math.max(1, ...ticks.map((it) => levels.reduce((sum, level) => sum + (it.levels[level] ?? 0), 0)));
  const y = (count: number): number => 44 + LEVELS_HEIGHT - (count / most) * LEVELS_HEIGHT;
  const below = ticks.map(() => 0);
  const shapes = levels.map((level, rank) => {
    const lower = [...below];
    ticks.forEach((it, index) => {
      below[index] = (below[index] ?? 0) + (it.levels[level] ?? 0);
    });
    const up = below.map((count, index) => `${x(index).toFixed(1)},${y(count).toFixed(1)}`);
    const down = lower.map((count, index) => `${x(index).toFixed(1)},${y(count).toFixed(1)}`).reverse();
    const [from, to] = [lower.at(-1) ?? 0, below.at(-1) ?? 0];
    const dark = rank >= 2;
    const label =
      to > from && y(from) - y(to) > 13
        ? text(
            x(ticks.length - 1) - 6,
            y((from + to) / 2) + 4,
            `${level} · ${to - from}`,
            ` text-anchor="end"${dark ? ' fill="#ffffff"' : ''}`,
          )
        : '';
    return `<polygon points="${[...up, ...down].join(' ')}" fill="${FILL[rank] ?? '#1f5566'}" stroke="#ffffff" stroke-width="0.6"/>${label}`;
  });
  return [
    ...shapes,
    text(LEFT - 8, y(most) + 10, String(most), ' text-anchor="end"'),
    text(LEFT - 8, y(0), '0', ' text-anchor="end"'),
  ].join('\n');
}

function bars(
  ticks: readonly Tick[],
  label: string,
  of: (it: Tick) => number,
  fill: string,
  top: number,
  x: (index: number) => number,
  step: number,
): string {
  const most = Math.max(1, ...ticks.map(of));
  const rects = ticks.map((it, index) => {
    const tall = (of(it) / most) * BARS_HEIGHT;
    return `<rect x="${(x(index) - step * 0.35).toFixed(1)}" y="${(top + BARS_HEIGHT - tall).toFixed(1)}" width="${Math.max(1, step * 0.7).toFixed(1)}" height="${tall.toFixed(1)}" fill="${fill}"/>`;
  });
  return [
    text(LEFT, top - 6, `${label} (most at one tick: ${most})`),
    `<line x1="${LEFT}" y1="${top + BARS_HEIGHT}" x2="${LEFT + PLOT}" y2="${top + BARS_HEIGHT}" stroke="#8b939b" stroke-width="0.7"/>`,
    ...rects,
  ].join('\n');
}
