const LIGHT = `
  --surface: #ffffff; --sunken: #f4f6f7; --line: #d9dfe2; --strong: #7b878d; --text: #17222b; --quiet: #51606a;
  --accent: #0b6478; --soft: #e2f0f3; --warn: #7a4f00; --warn-soft: #fdf3dd; --focus: #0a58ca;
  --grid: #e3e8ea; --neutral: #5d6a72; --ribbon: #5d6a7222;
  --arm-0: #0b6478; --arm-1: #b3541e; --arm-2: #4b4a9c; --arm-3: #1d6b45;`;
const DARK = `
  --surface: #12181c; --sunken: #1a2227; --line: #2f3b42; --strong: #82909a; --text: #e8edf0; --quiet: #a7b4bc;
  --accent: #6cc4d8; --soft: #16343c; --warn: #f0c36a; --warn-soft: #35290f; --focus: #9ec5ff;
  --grid: #2a353b; --neutral: #a7b4bc; --ribbon: #a7b4bc2b;
  --arm-0: #6cc4d8; --arm-1: #f0a071; --arm-2: #aeadf2; --arm-3: #7fd0a6;`;

const TEXT = `
.report { font: 0.9375rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif;
  color: var(--text); background: var(--surface); }
.report *, .report *::before { box-sizing: border-box; }
.report .page { max-width: 60rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
.report h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 0.5rem; letter-spacing: -0.01em; }
.report h2 { font-size: 1.3rem; line-height: 1.25; margin: 3rem 0 0.75rem; padding-top: 1.25rem; border-top: 1px solid var(--line); }
.report header h2, .report header + h2 { margin-top: 1.5rem; padding-top: 1rem; }
.report h3 { font-size: 1rem; margin: 1.25rem 0 0.25rem; }
.report p { margin: 0.4rem 0; max-width: 46rem; }
.report .lead { font-size: 1.0625rem; }
.report .quiet, .report .note { color: var(--quiet); }
.report .note { font-size: 0.8125rem; }
.report a { color: var(--accent); }
.report :focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; }
.report .facts { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; padding: 0; margin: 0.75rem 0 0; list-style: none; color: var(--quiet); }
.report .facts strong { color: var(--text); font-weight: 600; }
.report nav { margin-top: 1.5rem; }
.report nav ol { columns: 2; column-gap: 2rem; margin: 0.5rem 0 0; padding-left: 1.25rem; }
.report nav li { margin: 0.1rem 0; }
.report .answer { border: 1px solid var(--line); border-left: 4px solid var(--accent); border-radius: 0.5rem; background: var(--sunken);
  padding: 0.75rem 1.25rem 1.25rem; }
.report .answer h3:first-child { margin-top: 0.4rem; }
.report .notice { border: 1px solid var(--warn); border-left-width: 4px; border-radius: 0.5rem; background: var(--warn-soft);
  padding: 0.75rem 1.25rem; margin: 1rem 0; }
.report .notice h2 { border: 0; margin: 0; padding: 0; font-size: 1.0625rem; color: var(--warn); }
.report .doubt { color: var(--warn); }
.report figure { margin: 1.25rem 0 0.5rem; }
.report figcaption { font-weight: 600; margin-bottom: 0.5rem; }
.report { counter-reset: figure; }
.report figcaption span { color: var(--quiet); }
.report figcaption span::after { counter-increment: figure; content: "\\a0" counter(figure) ". "; }
.report code, .report pre { font: 0.75rem/1.5 ui-monospace, "Cascadia Mono", "Liberation Mono", monospace; }
.report pre { white-space: pre-wrap; overflow-wrap: anywhere; background: var(--sunken); padding: 0.75rem; border-radius: 0.25rem; margin: 0.5rem 0; }
.report code { overflow-wrap: anywhere; }
.report details { margin: 0.75rem 0; }
.report summary { cursor: pointer; color: var(--accent); padding: 0.25rem 0; }`;

const TABLES = `
.report .scroll { overflow-x: auto; margin: 1rem 0 0.25rem; }
.report table { border-collapse: collapse; width: 100%; font-size: 0.8125rem; line-height: 1.4; font-variant-numeric: tabular-nums; }
.report caption { text-align: left; font-weight: 600; font-size: 0.875rem; padding: 0 0 0.4rem; }
.report th, .report td { text-align: left; vertical-align: top; padding: 0.3rem 0.6rem 0.3rem 0; border-bottom: 1px solid var(--line); font-weight: 400; }
.report thead th { font-weight: 600; vertical-align: bottom; border-bottom: 1px solid var(--strong); color: var(--quiet); }
.report .num { text-align: right; padding: 0.3rem 0 0.3rem 0.6rem; }
.report tbody :is(th, td) { white-space: nowrap; }
.report tbody .prose { white-space: normal; min-width: 14rem; }
.report .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.report .num + td:not(.num), .report .num + th:not(.num) { padding-left: 1rem; }`;

const FIGURES = `
.report svg { display: block; width: 100%; min-width: 40rem; height: auto; font: 12px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif; }
.report svg text { fill: var(--text); font-variant-numeric: tabular-nums; }
.report svg .tick, .report svg .axis { fill: var(--quiet); font-size: 11px; }
.report svg .group { font-weight: 600; font-size: 12.5px; }
.report svg .said { font-size: 11.5px; }
.report svg .halo { fill: var(--text); paint-order: stroke; stroke: var(--surface); stroke-width: 5px; stroke-linejoin: round; }
.report svg .grid { stroke: var(--grid); stroke-width: 1; }
.report svg .zero { stroke: var(--strong); stroke-width: 1; stroke-dasharray: 2 3; }
.report svg .limit { stroke: var(--neutral); stroke-width: 1.25; stroke-dasharray: 6 4; }
.report svg .middle { stroke: var(--text); stroke-width: 1.5; }
.report svg .ribbon { fill: var(--ribbon); }
.report svg .whisker { stroke: var(--neutral); stroke-width: 1.5; }
.report svg .flow { stroke: var(--strong); stroke-width: 1.25; }
.report svg .panel { fill: var(--surface); stroke: var(--strong); stroke-width: 1; }
.report svg .panel.quiet { fill: var(--sunken); }
.report svg .track { fill: var(--grid); }
.report svg .bar { fill: var(--neutral); }
.report svg .box { stroke: var(--accent); stroke-width: 2; }
.report svg .box.filled { fill: var(--accent); }
.report svg .box.hollow { fill: var(--surface); }
.report svg .mark { stroke-width: 2; }
.report svg .dyad { stroke-width: 1.25; fill-opacity: 0.55; stroke-opacity: 0.85; }
.report svg .series { stroke-width: 2; fill: none; }
${[0, 1, 2, 3]
  .map(
    (i) => `.report svg .arm-${i} { stroke: var(--arm-${i}); }
.report svg .mark.arm-${i} { fill: ${i % 2 === 0 ? `var(--arm-${i})` : 'var(--surface)'}; }`,
  )
  .join('\n')}
.report svg .series.arm-1 { stroke-dasharray: 7 4; }
.report svg .series.arm-2 { stroke-dasharray: 2 3; }
.report svg .series.arm-3 { stroke-dasharray: 9 3 2 3; }`;

const PRINT = `
@media print {
  :root, :host, :host([data-scheme]) { color-scheme: light; ${LIGHT} }
  .report { font-size: 9.5pt; }
  .report .page { max-width: none; padding: 0; }
  .report h2 { margin-top: 1.5rem; break-after: avoid; }
  .report h3, .report figcaption, .report caption { break-after: avoid; }
  .report figure, .report .notice, .report tr { break-inside: avoid; }
  .report thead { display: table-header-group; }
  .report .scroll { overflow: visible; }
  .report svg { min-width: 0; width: 100%; }
  .report table { font-size: 7.5pt; }
  .report tbody :is(th, td) { white-space: normal; }
  .report nav { display: none; }
  .report a { color: inherit; text-decoration: none; }
  @page { size: A4; margin: 16mm 14mm; }
}`;

/** The looks of the report: alone on a page, or in a shadow tree, where the host’s `data-scheme` chooses light or dark. */
export const STYLE = `
:root, :host { color-scheme: light; ${LIGHT} }
html { background: var(--surface); } body { margin: 0; }
@media (prefers-color-scheme: dark) { :root { color-scheme: dark; ${DARK} } }
:host([data-scheme="dark"]) { color-scheme: dark; ${DARK} }
${TEXT}${TABLES}${FIGURES}${PRINT}
`;
