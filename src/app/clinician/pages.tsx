import { lazy, type ReactNode, Suspense, useEffect, useRef } from 'react';
import { usePlace } from './navigation.tsx';
import { NothingHere } from './nothing-here.tsx';
import styles from './page.module.css';
import { PatientPage } from './patient/patient-page.tsx';
import { useWords } from './reader.ts';
import { Guard } from './shell/guard.tsx';
import { WorklistPage } from './worklist/worklist-page.tsx';

// What few people open few times is fetched when it is opened.
const ResponsePage = lazy(() => import('./response/response-page.tsx'));
const ReviewPage = lazy(() => import('./coordinator/review-page.tsx'));
const DeadLettersPage = lazy(() => import('./coordinator/dead-letters-page.tsx'));
const JobsPage = lazy(() => import('./coordinator/jobs-page.tsx'));
const ResponseRatesPage = lazy(() => import('./coordinator/response-rates-page.tsx'));
const AccessesPage = lazy(() => import('./privacy/accesses-page.tsx'));
const CohortPage = lazy(() => import('./research/cohort-page.tsx'));
const RoundPage = lazy(() => import('./round/round-page.tsx'));
const LinksPage = lazy(() => import('./links/links-page.tsx'));
const PaperPage = lazy(() => import('./paper/paper-page.tsx'));

/** The page that the address names. */
export function Pages(): ReactNode {
  const { place } = usePlace();
  const words = useWords();
  const main = useRef<HTMLElement>(null);
  const where = JSON.stringify(place);
  const first = useRef(where);
  // Whoever goes on by keyboard or by ear begins at the new page's content, not at the link that was left.
  useEffect(() => {
    if (first.current !== where) main.current?.focus({ preventScroll: true });
    first.current = where;
  }, [where]);
  const page = (): ReactNode => {
    switch (place.page) {
      case 'worklist':
        return <WorklistPage />;
      case 'patient':
        return <PatientPage key={place.patient} patient={place.patient} />;
      case 'response':
        return <ResponsePage key={place.response} patient={place.patient} response={place.response} />;
      case 'review':
        return <ReviewPage />;
      case 'dead-letters':
        return <DeadLettersPage />;
      case 'jobs':
        return <JobsPage />;
      case 'response-rates':
        return <ResponseRatesPage />;
      case 'accesses':
        return <AccessesPage />;
      case 'cohort':
        return <CohortPage />;
      case 'round':
        return <RoundPage task={place.task} />;
      case 'paper':
        return <PaperPage task={place.task} />;
      case 'links':
        return <LinksPage />;
      case 'unknown':
        return <NothingHere />;
    }
  };
  return (
    <main id="content" ref={main} tabIndex={-1}>
      <Guard key={where}>
        <Suspense fallback={<p className={`quiet ${styles.page}`}>{words.common.loading}</p>}>{page()}</Suspense>
      </Guard>
    </main>
  );
}
