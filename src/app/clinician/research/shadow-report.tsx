import { useEffect, useRef } from 'react';
import type { CohortReportView } from '../../../domain/view/cohort-report-view.ts';

export interface ShadowReportProps {
  readonly report: CohortReportView;
  readonly scheme: 'light' | 'dark';
  readonly label: string;
}

/**
 * The report as the server wrote it, in a tree of its own, so that neither its rules nor the app’s reach the other. Its
 * rules are adopted, not written into the page, which allows no inline style; its markup holds no script, and none would run.
 */
export function ShadowReport({ report, scheme, label }: ShadowReportProps) {
  const host = useRef<HTMLElement>(null);
  const { style, body } = report;
  useEffect(() => {
    const { current } = host;
    if (current === null) return undefined;
    const root = current.shadowRoot ?? current.attachShadow({ mode: 'open' });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    root.adoptedStyleSheets = [sheet];
    root.innerHTML = body;
    const follow = (event: Event) => goTo(event, root);
    root.addEventListener('click', follow);
    return () => root.removeEventListener('click', follow);
  }, [style, body]);
  return <section ref={host} data-scheme={scheme} aria-label={label} />;
}

/** A link within the report: the address of the app stays as it is. */
function goTo(event: Event, root: ShadowRoot): void {
  const link = event.target instanceof Element ? event.target.closest('a[href^="#"]') : null;
  const target = link === null ? null : root.getElementById(link.getAttribute('href')?.slice(1) ?? '');
  if (target === null) return;
  event.preventDefault();
  target.setAttribute('tabindex', '-1');
  target.focus({ preventScroll: true });
  target.scrollIntoView();
}
