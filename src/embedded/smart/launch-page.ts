import type { Request } from 'express';
import type { LaunchContext } from './launch-context.ts';

/** One way into the app: who sits there, and from where. */
export interface Door {
  readonly id: string;
  readonly title: string;
  readonly who: string;
  readonly what: string;
  readonly context: LaunchContext;
  /** The EHR hands out a launch; otherwise the app starts alone. */
  readonly fromChart: boolean;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const text = (value: string): string => value.replace(/[&<>"']/g, (it) => ENTITIES[it] ?? it);

const page = (title: string, body: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${text(title)}</title>
<link rel="stylesheet" href="/style.css">
</head>
<body>
<p class="banner" role="note">Demonstration. Everybody here is synthetic, and nobody is asked for a password.</p>
<main>${body}</main>
</body>
</html>`;

/** The page from which everything can be tried. */
export const launchPage = (doors: readonly Door[]): string =>
  page(
    'Vincle: who would you like to be?',
    `<h1>Who would you like to be?</h1>
<p>This page stands in for the hospital’s record system. Each door opens Vincle as SMART App Launch does it.</p>
<ul>${doors
      .map(
        (it) =>
          `<li><a href="/open/${encodeURIComponent(it.id)}"><strong>${text(it.title)}</strong><span>${text(it.who)}</span><span class="what">${text(it.what)}</span></a></li>`,
      )
      .join('')}</ul>`,
  );

/** Where somebody came without a door: the way back to the doors. */
export const choicePage = (_request: Request, _uid: string): string =>
  page('Choose who you are', '<h1>Choose who you are</h1><p><a class="plain" href="/">To the doors</a></p>');

export const STYLE = `:root { color-scheme: light dark; --line: #c9ced6; --quiet: #57606c; --accent: #1f6f78; }
@media (prefers-color-scheme: dark) { :root { --line: #4a525d; --quiet: #b0b8c3; --accent: #7cc7cf; } }
body { margin: 0; font: 1rem/1.5 system-ui, sans-serif; }
.banner { margin: 0; padding: .5rem 1rem; text-align: center; border-bottom: 1px solid var(--line); font-weight: 600; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
h1 { font-size: 1.5rem; font-weight: 600; }
ul { list-style: none; margin: 1.5rem 0 0; padding: 0; display: grid; gap: .75rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 17rem), 1fr)); }
li a { display: grid; gap: .15rem; height: 100%; box-sizing: border-box; padding: 1rem; border: 1px solid var(--line); border-radius: .5rem; color: inherit; text-decoration: none; }
li a:hover { border-color: var(--accent); }
a:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
strong { color: var(--accent); }
.what { color: var(--quiet); font-size: .875rem; }
`;
