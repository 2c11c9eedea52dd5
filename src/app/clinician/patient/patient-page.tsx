import { useEffect, useMemo } from 'react';
import type { PatientView } from '../../../domain/view/patient-view.ts';
import { useRead } from '../api.ts';
import { Failure } from '../failure.tsx';
import page from '../page.module.css';
import { useReader, useSay } from '../reader.ts';
import { useSession } from '../session.ts';
import { useTitle } from '../shell/use-title.ts';
import { Acts } from './acts.tsx';
import { AllianceSection } from './alliance-section.tsx';
import { Banner } from './banner.tsx';
import { CareSection } from './care-section.tsx';
import { ContactSection } from './contact-section.tsx';
import { DistressSection } from './distress-section.tsx';
import { DueSection } from './due-section.tsx';
import { NeedsSection } from './needs-section.tsx';
import styles from './patient-page.module.css';
import { timeFrameOf } from './time-frame-of.ts';

/** Everything about one patient, in the order in which it is needed. */
export function PatientPage({ patient }: { readonly patient: string }) {
  const { words } = useReader();
  const session = useSession();
  const isPinned = session.patient === undefined || session.patient === patient;
  const path = `/api/patients/${encodeURIComponent(patient)}`;
  const { data, error, refetch } = useRead<PatientView>(path, { enabled: isPinned });
  // Another patient than the address names is never shown, whatever was answered.
  const view = data?.banner.id === patient ? data : undefined;
  useTitle(view === undefined ? undefined : words.shell.thisPatient);
  if (!isPinned) return <p className={page.page}>{words.patient.otherPatient}</p>;
  if (view === undefined)
    return (
      <div className={page.page} aria-busy={error === null}>
        {error === null ? <p className="quiet">{words.common.loading}</p> : <Failure error={error} onRetry={refetch} />}
      </div>
    );
  return (
    <>
      {error === null ? null : (
        <div className={styles.stale}>
          <Failure error={error} onRetry={refetch} />
        </div>
      )}
      <Known view={view} />
    </>
  );
}

const SECTIONS = ['needs', 'alliance', 'distress', 'care', 'due', 'contact'] as const;

function Known({ view }: { readonly view: PatientView }) {
  const { words, format, language } = useReader();
  const say = useSay();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the language stands for its words, dates and titles
  const frame = useMemo(() => timeFrameOf(view, words, format, say), [view, language]);
  const titles = { ...words.patient, alliance: words.alliance.title };
  useEffect(() => {
    // A link to a section that was opened before the section was there.
    if (location.hash.length > 1) document.getElementById(location.hash.slice(1))?.scrollIntoView();
  }, []);
  return (
    <>
      <Banner banner={view.banner} />
      <div className={page.page}>
        <nav className={`${styles.sections} no-print`} aria-label={words.patient.sections}>
          {SECTIONS.map((it) => (
            <a key={it} href={`#${it}`}>
              {titles[it]}
            </a>
          ))}
        </nav>
        <NeedsSection view={view} />
        <div className={styles.acts}>
          <Acts view={view} />
        </div>
        <AllianceSection alliance={view.alliance} patient={view.banner.id} />
        <DistressSection measures={view.distress} patient={view.banner.id} frame={frame} />
        <CareSection view={view} frame={frame} />
        <DueSection view={view} />
        <ContactSection view={view} />
        <p className={`${page.section} quiet`}>{words.patient.asOf(format.dateTime(view.asOf))}</p>
      </div>
    </>
  );
}
