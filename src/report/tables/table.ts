import { html, type Markup, type Part } from '../markup.ts';

/** A heading; numbers stand to the right, in tabular figures. */
export interface Head {
  readonly text: string;
  readonly isNumber?: boolean;
  /** Long text, which breaks; everything else stays on its line. */
  readonly isProse?: boolean;
}

export const numeric = (text: string): Head => ({ text, isNumber: true });
export const wordy = (text: string): Head => ({ text });
export const prose = (text: string): Head => ({ text, isProse: true });

export interface Table {
  readonly caption: string;
  readonly heads: readonly Head[];
  /** The first cell of a row names it. */
  readonly rows: readonly (readonly Part[])[];
  readonly note?: Part;
  /** Where a heading above says the same, the caption is for those who listen. */
  readonly isCaptionHidden?: boolean;
}

/** A table that a narrow window scrolls, by keyboard too. */
export const tableOf = ({ caption, heads, rows, note, isCaptionHidden }: Table): Markup => html`
<div class="scroll" role="group" aria-label="${caption}" tabindex="0">
<table>
<caption${isCaptionHidden === true && HIDDEN}>${caption}</caption>
<thead><tr>${heads.map((it) => html`<th scope="col"${classOf(it)}>${it.text}</th>`)}</tr></thead>
<tbody>${rows.map(
  (row) => html`<tr>${row.map((cell, i) => cellOf(cell, heads[i], i))}</tr>
`,
)}</tbody>
</table>
</div>${note !== undefined && html`<p class="note">${note}</p>`}`;

const NUMBER = html` class="num"`;
const PROSE = html` class="prose"`;
const HIDDEN = html` class="unseen"`;
const classOf = (head: Head | undefined): Part => (head?.isNumber === true ? NUMBER : head?.isProse === true && PROSE);

const cellOf = (cell: Part, head: Head | undefined, column: number): Markup =>
  column === 0 ? html`<th scope="row"${classOf(head)}>${cell}</th>` : html`<td${classOf(head)}>${cell}</td>`;
