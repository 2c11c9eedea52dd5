import { CloseButton } from '@mantine/core';
import { createContext, type ReactNode, use, useState } from 'react';
import { useWords } from '../reader.ts';
import styles from './notice.module.css';

const NoticeContext = createContext<(text: string) => void>(() => undefined);

/** Says what was written, where everybody sees and hears it. */
export const useNotice = (): ((text: string) => void) => use(NoticeContext);

/** The one place where the app says that something was done; it stays until it is closed or the next is said. */
export function Notices({ children }: { readonly children: ReactNode }) {
  const words = useWords();
  const [text, setText] = useState('');
  return (
    <NoticeContext value={setText}>
      {children}
      <div role="status" className={styles.place}>
        {text === '' ? null : (
          <div className={styles.notice}>
            <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
              <path d="M2 8.5 L6 12.5 L14 3.5" fill="none" stroke="currentColor" strokeWidth="2" />
            </svg>
            <span>{text}</span>
            <CloseButton aria-label={words.common.close} onClick={() => setText('')} />
          </div>
        )}
      </div>
    </NoticeContext>
  );
}
