import type { Forecast, ShadowEvent } from '../domain/shadow.ts';
import type { Shadow } from '../pipeline/shadow.ts';
import { table } from './print.ts';

const one = (value: number): string => value.toFixed(1);
const percent = (share: number | undefined): string =>
  share === undefined ? 'unknown' : `${Math.round(100 * share)} %`;
const NOBODY = 'nobody named in the record';

/** What the forecast comes to, in sentences. */
function sentences({ patients, inLevels, weeks, perWeek, busiest, overdueShare, assumed }: Forecast): string[] {
  return [
    `${patients} patients of the programme, ${inLevels} of them with levels of care, over the last ${weeks.length} weeks.`,
    `A week would have brought ${one(perWeek.up)} proposals to step up, ${one(perWeek.down)} to step down and ${one(perWeek.signs)} signs of danger: ${one(perWeek.minutes / 60)} hours of work.`,
    ...(busiest === undefined
      ? []
      : [
          `The busiest week began on ${busiest.from.slice(0, 10)}: ${busiest.up + busiest.down} proposals and ${busiest.signs} signs, ${one(busiest.minutes / 60)} hours.`,
        ]),
    `On ${percent(overdueShare)} of the days in levels the screening was overdue, and nobody could have said that the patient was well.`,
    `Taken for granted: ${assumed.proposal} minutes a proposal, ${assumed.sign} minutes a sign, and every proposal approved on its day.`,
  ];
}

const weekRows = ({ weeks }: Forecast): (string | number)[][] =>
  weeks.map((it) => [it.from.slice(0, 10), it.up, it.down, it.signs, it.minutes]);
const WEEK_HEADINGS = ['week from', 'step up', 'step down', 'signs', 'minutes'];
const peopleRows = ({ people }: Forecast): (string | number)[][] =>
  people.map((it) => [it.owner ?? NOBODY, it.steps, it.signs, Number(one(it.minutesPerWeek))]);
const PEOPLE_HEADINGS = ['for whom', 'proposals', 'signs', 'minutes a week'];

const eventRow = (it: ShadowEvent): string[] => [
  new Date(it.atMs).toISOString().slice(0, 16),
  it.kind,
  it.rule ?? '',
  it.patient,
  it.owner ?? NOBODY,
];

/** The forecast, and what it is made of, for the coordinator’s terminal. */
export function forecastText({ forecast, events }: Shadow): string {
  return [
    ...sentences(forecast),
    '',
    table(WEEK_HEADINGS, weekRows(forecast)),
    '',
    table(PEOPLE_HEADINGS, peopleRows(forecast)),
    ...(events.length === 0
      ? []
      : [
          '',
          'For the coordinator alone:',
          table(['at (UTC)', 'what', 'rule', 'patient', 'would have been asked'], events.map(eventRow)),
        ]),
  ].join('\n');
}

const escaped = (value: string | number): string =>
  String(value).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const htmlTable = (
  caption: string,
  headings: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string =>
  `<table><caption>${caption}</caption><thead><tr>${headings.map((it) => `<th scope="col">${escaped(it)}</th>`).join('')}</tr></thead><tbody>${rows
    .map(
      (row) =>
        `<tr>${row.map((it, index) => (index === 0 ? `<th scope="row">${escaped(it)}</th>` : `<td>${escaped(it)}</td>`)).join('')}</tr>`,
    )
    .join('')}</tbody></table>`;

/** One page for whoever decides whether stepped care is switched on: numbers alone, no patient in it. */
export const forecastPage = (forecast: Forecast): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>What stepped care would ask of us</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; color: #1b1f24; background: #fff; }
h1 { font-size: 1.5rem; }
table { border-collapse: collapse; margin: 1.5rem 0; width: 100%; }
caption { text-align: left; font-weight: 600; padding-bottom: .4rem; }
th, td { text-align: right; padding: .3rem .6rem; border-bottom: 1px solid #c9ced4; font-weight: 400; }
th:first-child { text-align: left; }
thead th { font-weight: 600; }
@media print { body { margin: 0; } }
</style>
</head>
<body>
<main>
<h1>What stepped care would ask of us</h1>
${sentences(forecast)
  .map((it) => `<p>${escaped(it)}</p>`)
  .join('\n')}
${htmlTable('Week by week', WEEK_HEADINGS, weekRows(forecast))}
${htmlTable('For whom', PEOPLE_HEADINGS, peopleRows(forecast))}
</main>
</body>
</html>
`;
