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
  /** The patient whom it is about, of a door that is one of several for each patient. */
  readonly of?: { readonly id: string; readonly name: string; readonly about: string };
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
      .filter((it) => it.of === undefined)
      .map(
        (it) =>
          `<li><a href="/open/${encodeURIComponent(it.id)}"><strong>${text(it.title)}</strong><span>${text(it.who)}</span><span class="what">${text(it.what)}</span></a></li>`,
      )
      .join('')}</ul>${patientsTable(doors)}`,
  );

/** Every patient with each way to open Vincle about them. */
function patientsTable(doors: readonly Door[]): string {
  const patients = Map.groupBy(
    doors.filter((it) => it.of !== undefined),
    (it) => it.of?.id ?? '',
  );
  if (patients.size === 0) return '';
  const rows = [...patients.values()].map((own) => {
    const [first] = own;
    const links = own.map(
      (it) =>
        `<a class="plain" href="/open/${encodeURIComponent(it.id)}">${text(it.title)}<span class="hidden">: ${text(first?.of?.name ?? '')}</span></a>`,
    );
    return `<tr><th scope="row">${text(first?.of?.name ?? '')}</th><td>${text(first?.of?.about ?? '')}</td><td>${links.join(' ')}</td></tr>`;
  });
  return `<h2>Choose the patient</h2>
<table><thead><tr><th scope="col">Patient</th><th scope="col">Who it is</th><th scope="col">Open</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

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
h2 { font-size: 1.25rem; font-weight: 600; margin: 2rem 0 .5rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: start; padding: .5rem .75rem .5rem 0; border-bottom: 1px solid var(--line); font-weight: 400; vertical-align: top; }
thead th { font-weight: 600; }
a.plain { color: var(--accent); display: inline-block; min-height: 1.5rem; margin-inline-end: 1rem; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.what { color: var(--quiet); font-size: .875rem; }
`;
