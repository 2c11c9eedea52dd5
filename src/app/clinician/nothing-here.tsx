import { Refused } from '../api/refused.ts';
import { Failure } from './failure.tsx';
import { Link } from './navigation.tsx';
import styles from './page.module.css';
import { useWords } from './reader.ts';

/** An address that names no page. */
export function NothingHere() {
  const words = useWords();
  return (
    <div className={styles.page}>
      <Failure error={new Refused('status', 404, 'no-such-page')} />
      <Link place={{ page: 'worklist' }}>{words.shell.worklist}</Link>
    </div>
  );
}
