import { html, type Markup, type Part } from '../markup.ts';
import { place } from './scale.ts';

/** A drawing with what it says in words. */
export interface Drawing {
  /** Unique on the page; ids of title and description follow from it. */
  readonly id: string;
  readonly title: string;
  readonly desc: string;
  readonly width: number;
  readonly height: number;
  readonly body: Part;
}

/** An SVG that a reader without eyes for it knows by title and description; its numbers stand in a table beside it. */
export const drawingOf = ({ id, title, desc, width, height, body }: Drawing): Markup => html`
<div class="scroll" role="group" aria-label="${title}" tabindex="0">
<svg viewBox="0 0 ${width} ${Math.ceil(height)}" width="${width}" height="${Math.ceil(height)}" role="img" aria-labelledby="${id}-title ${id}-desc">
<title id="${id}-title">${title}</title><desc id="${id}-desc">${desc}</desc>
${body}
</svg>
</div>`;

export const line = (x1: number, y1: number, x2: number, y2: number, kind: string): Markup =>
  html`<line x1="${place(x1)}" y1="${place(y1)}" x2="${place(x2)}" y2="${place(y2)}" class="${kind}"/>`;

export const rectangle = (x: number, y: number, width: number, height: number, kind: string): Markup =>
  html`<rect x="${place(x)}" y="${place(y)}" width="${place(Math.max(0, width))}" height="${place(Math.max(0, height))}" class="${kind}"/>`;

export const text = (
  x: number,
  y: number,
  said: string,
  kind = '',
  anchor: 'start' | 'middle' | 'end' = 'start',
): Markup => html`<text x="${place(x)}" y="${place(y)}" text-anchor="${anchor}" class="${kind}">${said}</text>`;

/** Shapes that tell arms apart without colour. */
const SHAPES = ['circle', 'square', 'triangle', 'diamond'] as const;
const KINDS = SHAPES.length;

/** The mark of the nth arm: filled circle, hollow square, triangle, diamond. `scale` 1 is a radius of four. */
export function mark(index: number, x: number, y: number, scale = 1, kind = ''): Markup {
  const shape = SHAPES[index % KINDS] ?? 'circle';
  const r = 4 * scale;
  const classes = `mark arm-${index % KINDS} ${kind}`.trimEnd();
  switch (shape) {
    case 'circle':
      return html`<circle cx="${place(x)}" cy="${place(y)}" r="${place(r)}" class="${classes}"/>`;
    case 'square':
      return html`<rect x="${place(x - r * 0.9)}" y="${place(y - r * 0.9)}" width="${place(r * 1.8)}" height="${place(r * 1.8)}" class="${classes}"/>`;
    case 'triangle':
      return html`<path d="M${place(x)} ${place(y - r * 1.2)}l${place(r * 1.1)} ${place(r * 2)}h${place(-r * 2.2)}z" class="${classes}"/>`;
    case 'diamond':
      return html`<path d="M${place(x)} ${place(y - r * 1.3)}l${place(r * 1.2)} ${place(r * 1.3)}l${place(-r * 1.2)} ${place(r * 1.3)}l${place(-r * 1.2)} ${place(-r * 1.3)}z" class="${classes}"/>`;
  }
}

/** A line of marks with their names, above a drawing. */
export function legend(names: readonly string[], x: number, y: number): Markup[] {
  let at = x;
  return names.map((name, i) => {
    const here = at;
    // System fonts are not measured on a server: seven units a letter leave room in each of them.
    at += 30 + name.length * 7;
    return html`${mark(i, here + 5, y - 4)}${text(here + 15, y, name, 'label')}`;
  });
}
