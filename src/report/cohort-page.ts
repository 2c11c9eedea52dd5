import { answersOf } from './answer/answer.ts';
import { blindSentences } from './answer/blind.ts';
import type { CohortReport, ReportLanguage } from './cohort-report.ts';
import { html, Markup, type Part } from './markup.ts';
import { agreementSection, changeSection } from './sections/agreement-section.ts';
import { associationSection, sensitivitySection } from './sections/association-section.ts';
import { developmentSection } from './sections/development-section.ts';
import { flowSection } from './sections/flow-section.ts';
import { methodsSection } from './sections/methods-section.ts';
import { originSection } from './sections/origin-section.ts';
import type { Section } from './sections/section.ts';
import { type Speech, speechOf } from './speech.ts';
import { STYLE } from './style.ts';

/** The order of the page, once; a blind study has those that hold no rating and no arm. */
const OPEN: readonly Section[] = [
  developmentSection,
  agreementSection,
  changeSection,
  associationSection,
  sensitivitySection,
  flowSection,
  methodsSection,
  originSection,
];
const BLIND: readonly Section[] = [flowSection, methodsSection, originSection];

/** A report as it is shown: alone as a page, or its parts where another page holds it. */
export interface CohortPage {
  readonly title: string;
  readonly style: string;
  /** Markup below `body`, without a script. */
  readonly body: string;
}

/** The parts of the report of a cohort, in one language. Pure: it reads no clock and no server. */
export function cohortView(report: CohortReport, language: ReportLanguage): CohortPage {
  const speech = speechOf(report, language);
  const sections = report.analysis.findings === undefined ? BLIND : OPEN;
  const body = html`<div class="report" lang="${language}"><div class="page">
${head(report, speech)}
${notice(report, speech)}
${answer(report, speech)}
${contents(sections, speech)}
${sections.map(
  (it) => html`<section aria-labelledby="${it.id}"><h2 id="${it.id}">${speech.words.page.sections[it.id]}</h2>
${it.of(report, speech)}
</section>`,
)}
</div></div>`;
  return { title: speech.words.page.title, style: STYLE, body: body.text };
}

/** One self-contained page: no script, nothing from elsewhere. */
export function cohortPage(report: CohortReport, language: ReportLanguage): string {
  const { title, style, body } = cohortView(report, language);
  return `${
    html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${new Markup(style)}</style>
</head>
<body>
<main>
${new Markup(body)}
</main>
</body>
</html>`.text
  }\n`;
}

function head({ analysis, manifest, arms, plan, scale, study }: CohortReport, speech: Speech): Part {
  const { page } = speech.words;
  const { format } = speech;
  const visits = format.list(plan.visits.map(speech.visit));
  const isBlind = analysis.findings === undefined;
  return html`<header>
<h1>${page.title}</h1>
${study?.title !== undefined && html`<p class="lead">${study.title}</p>`}
<ul class="facts"><li><strong>${page.counts(analysis.patients, analysis.therapists)}</strong></li>
${!isBlind && arms.map((arm) => html`<li>${speech.arm(arm.arm)}: <strong>${analysis.flow.included.find((it) => it.arm === arm.arm)?.n ?? 0}</strong></li>`)}
<li>${madeHow(manifest, speech)}</li></ul>
<h2 id="question">${page.questionTitle}</h2>
<p class="lead">${isBlind ? page.blindQuestion : page.question(comparedOf({ plan, arms }).map((it) => speech.armIn(it)))}</p>
<p class="quiet">${page.measured(scale.min, scale.max, visits)}</p>
</header>`;
}

function madeHow({ inputs, at, software }: CohortReport['manifest'], { words: { page }, format }: Speech): string {
  if (inputs !== undefined) return page.madeOf(inputs.length, format.instant(at), software);
  return page.madeAt(format.instant(at), software);
}

function notice({ manifest: { blinding } }: CohortReport, speech: Speech): Part {
  const { page, answer } = speech.words;
  if (blinding.masked)
    return html`<div class="notice"><h2>${blinding.because === 'no-study' ? page.maskedTitle : page.blindTitle}</h2><p>${answer.blind[blinding.because]}</p></div>`;
  if (blinding.because === 'unlocked')
    return html`<div class="notice"><h2>${page.unlockedTitle}</h2><p>${answer.unlocked(blinding.unlock.person, blinding.unlock.reason)}</p></div>`;
  return blinding.because === 'not-a-trial' && html`<p class="quiet">${page.notATrial}</p>`;
}

function answer(report: CohortReport, speech: Speech): Part {
  const { page } = speech.words;
  const answers = answersOf(report, speech);
  return html`<h2 id="answer">${page.answerTitle}</h2>
<div class="answer">${
    answers.length === 0
      ? blindSentences(report, speech).map((it) => html`<p>${it}</p>`)
      : answers.map(({ title, sentences }) => html`<h3>${title}</h3>${sentences.map((it) => html`<p>${it}</p>`)}`)
  }</div>`;
}

const contents = (sections: readonly Section[], speech: Speech): Part =>
  html`<nav aria-label="${speech.words.page.contents}"><ol>${sections.map(
    (it) => html`<li><a href="#${it.id}">${speech.words.page.sections[it.id]}</a></li>`,
  )}</ol></nav>`;

/** The arms that are compared: those of the plan where both are there, else all. */
function comparedOf({ plan: { comparison }, arms }: Pick<CohortReport, 'plan' | 'arms'>): readonly string[] {
  const all = arms.map((it) => it.arm);
  return comparison !== undefined && [comparison.against, comparison.of].every((it) => all.includes(it))
    ? all.filter((it) => it === comparison.of || it === comparison.against)
    : all;
}
