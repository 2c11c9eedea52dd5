import type { EvidenceView } from '../../../domain/view/patient-view.ts';
import { Link } from '../navigation.tsx';
import { useReader, useSay } from '../reader.ts';
import styles from './evidence.module.css';

/** The answers that something rests on; each opens. */
export function Evidence({
  evidence,
  patient,
}: {
  readonly evidence: readonly EvidenceView[];
  readonly patient: string;
}) {
  const { words, format } = useReader();
  const say = useSay();
  if (evidence.length === 0) return null;
  return (
    <div className={styles.evidence}>
      <span className="quiet">{words.care.evidence}</span>
      <ul>
        {evidence.map((it) => {
          const value = format.number(it.value);
          const score = it.of === undefined ? value : words.common.of(value, format.number(it.of));
          const text = words.distress.reading(say(it.title), score, format.date(it.date));
          return (
            <li key={`${it.measure}${it.date}${it.responseId ?? ''}`}>
              {it.responseId === undefined ? (
                text
              ) : (
                <Link place={{ page: 'response', patient, response: it.responseId }}>{text}</Link>
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}
