import { Alert } from '@mantine/core';
import styles from './page.module.css';
import { useWords } from './reader.ts';

/** A page without a launch: opened by hand, or its launch is over. */
export function NoLaunch() {
  const words = useWords();
  const { what, safe, act } = words.failure.ended;
  return (
    <main className={styles.page}>
      <h1>Vincle</h1>
      <Alert title={what} role="alert">
        {safe} {act}
      </Alert>
    </main>
  );
}
