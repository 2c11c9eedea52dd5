import { Link } from './navigation.tsx';
import styles from './page.module.css';
import { useWords } from './reader.ts';

/** An address that names no page. */
export function NothingHere() {
  const words = useWords();
  return (
    <div className={styles.page}>
      <h1>{words.failure.gone.what}</h1>
      <p>{words.failure.gone.act}</p>
      <Link place={{ page: 'worklist' }}>{words.shell.worklist}</Link>
    </div>
  );
}
