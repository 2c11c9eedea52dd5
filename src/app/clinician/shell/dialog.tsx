import { CloseButton } from '@mantine/core';
import { type ReactNode, useId, useLayoutEffect, useRef } from 'react';
import { useWords } from '../reader.ts';
import styles from './dialog.module.css';

export interface DialogProps {
  readonly title: string;
  readonly children: ReactNode;
  onClose(): void;
}

/** A question over the page. The browser's own dialog keeps the focus in, gives it back, and closes at Escape. */
export function Dialog({ title, children, onClose }: DialogProps) {
  const words = useWords();
  const id = useId();
  const ref = useRef<HTMLDialogElement>(null);
  // Before the dialog leaves the page: only an open one gives the focus back when it closes.
  useLayoutEffect(() => {
    const dialog = ref.current;
    if (dialog !== null && !dialog.open) dialog.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={ref}
      aria-labelledby={id}
      className={styles.dialog}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <header className={styles.head}>
        <h2 id={id}>{title}</h2>
        <CloseButton size="lg" aria-label={words.common.close} onClick={onClose} />
      </header>
      {children}
    </dialog>
  );
}
