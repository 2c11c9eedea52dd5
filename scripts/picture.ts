/** Writes docs/demo.svg: what `npm start` really prints, as a picture for the README. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const printed = execFileSync(process.execPath, ['bin/vincle.js', 'demo', '--exit'], {
  cwd: root,
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'ignore'],
});
const lines = ['$ npm start', ...printed.trimEnd().split('\n')];

const LINE = 18;
const CHARACTER = 8.1;
const width = Math.ceil(Math.max(...lines.map((it) => it.length)) * CHARACTER) + 40;
const height = lines.length * LINE + 40;
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const row = (text: string, index: number): string =>
  `<text x="20" y="${34 + index * LINE}"${index === 0 ? ' fill="#7fd1b9"' : ''} xml:space="preserve">${escaped(text)}</text>`;

writeFileSync(
  fileURLToPath(new URL('../docs/demo.svg', import.meta.url)),
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="Terminal: one alliance run over a synthetic cohort">
<rect width="100%" height="100%" rx="8" fill="#1b1f24"/>
<g fill="#e6e9ec" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="13.5">
${lines.map(row).join('\n')}
</g>
</svg>
`,
);
