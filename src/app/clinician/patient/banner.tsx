import type { PatientBanner } from '../../../domain/view/patient-view.ts';
import { useReader, useSay, useWords } from '../reader.ts';
import { Chip } from '../shell/chip.tsx';
import styles from './banner.module.css';

/** Whom one looks at. It stays in sight however far the page is scrolled. */
export function Banner({ banner }: { readonly banner: PatientBanner }) {
  const { words, format, language } = useReader();
  const say = useSay();
  const spoken = banner.language === undefined ? undefined : languageName(banner.language, language);
  const { level, paused } = banner;
  return (
    <section className={styles.banner} aria-label={words.banner.label}>
      <div className={styles.inner}>
        <h1 className={styles.name}>{banner.name}</h1>
        <p className={styles.facts}>
          {banner.birthDate === undefined ? null : <span>{words.banner.born(format.date(banner.birthDate))}</span>}
          {banner.age === undefined ? null : <span>{words.common.years(banner.age)}</span>}
          {banner.recordNumber === undefined ? null : (
            <span>
              {words.banner.record} <strong>{banner.recordNumber}</strong>
            </span>
          )}
          <span>
            {level === undefined ? words.banner.noLevel : `${words.banner.level} ${level.rank} · `}
            {level === undefined ? null : <strong>{say(level.title)}</strong>}
          </span>
          <span>{banner.mode === 'study' ? words.banner.study : words.banner.care}</span>
          {spoken === undefined ? null : <span>{spoken}</span>}
        </p>
        <p className={styles.states}>
          {paused === undefined ? null : (
            <Chip tone="warn">
              {words.banner.paused(
                format.date(paused.since),
                paused.until === undefined ? undefined : format.date(paused.until),
              )}
            </Chip>
          )}
          {paused?.reason === undefined ? null : <span>{paused.reason}</span>}
          {banner.deceased === true ? <Chip tone="plain">{words.banner.deceased}</Chip> : null}
          <Consents consents={banner.consents} />
        </p>
      </div>
    </section>
  );
}

/** What the patient has agreed to: what is not given is named, for it is what bars something. */
function Consents({ consents }: Pick<PatientBanner, 'consents'>) {
  const words = useWords();
  const { format } = useReader();
  const say = useSay();
  const barred = consents.filter((it) => !it.given);
  if (consents.length === 0) return <Chip tone="plain">{words.banner.consentUnknown}</Chip>;
  if (barred.length === 0) return <Chip tone="good">{words.banner.allGiven}</Chip>;
  return <Chip tone="warn">{words.banner.notGiven(format.list(barred.map((it) => say(it.title))))}</Chip>;
}

const languageName = (code: string, reader: string): string => {
  try {
    return new Intl.DisplayNames([reader], { type: 'language' }).of(code) ?? code;
  } catch {
    return code;
  }
};
