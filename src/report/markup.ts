/** Markup that is safe to stand in a page: only the tag below makes it, and the tag escapes whatever is not markup. */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in a template: text and numbers are escaped, markup stands as it is, nothing leaves nothing. */
export type Part = string | number | Markup | undefined | false | readonly Part[];

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const written = (part: Part): string => {
  if (part === undefined || part === false) return '';
  if (part instanceof Markup) return part.text;
  if (typeof part === 'object') return part.map(written).join('');
  return String(part).replace(/[&<>"']/g, (it) => ESCAPES[it] ?? '');
};

/** HTML or SVG; every part is escaped, in text and in quoted attributes alike. Attributes are always quoted. */
export const html = (strings: TemplateStringsArray, ...parts: readonly Part[]): Markup =>
  new Markup(strings.reduce((all, it, i) => all + it + written(parts[i]), ''));
