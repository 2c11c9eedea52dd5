import { Button, NativeSelect, useMantineColorScheme } from '@mantine/core';
import { isLanguage, LANGUAGES } from '../../format/format.ts';
import { Link, usePlace } from '../navigation.tsx';
import type { Place } from '../place.ts';
import { useReader, useWords } from '../reader.ts';
import type { Pages } from '../session.ts';
import { SCHEMES } from './scheme.ts';
import styles from './top-bar.module.css';

export interface TopBarProps {
  readonly pages: Pages;
  readonly user: string | undefined;
  readonly isDemonstration: boolean;
  onLogout(): void;
}

/** Where one can go, in whose name, in which language and light. */
export function TopBar({ pages, user, isDemonstration, onLogout }: TopBarProps) {
  const words = useWords();
  return (
    <header className={`${styles.bar} no-print`}>
      <a className={styles.skip} href="#content">
        {words.shell.skip}
      </a>
      {isDemonstration ? <p className={styles.demonstration}>{words.shell.demonstration}</p> : null}
      <div className={styles.row}>
        <span className={styles.name}>Vincle</span>
        <nav aria-label={words.shell.pages} className={styles.pages}>
          {pages.map(({ place, label }) => (
            <PageLink key={place.page} place={place}>
              {label(words)}
            </PageLink>
          ))}
        </nav>
        <div className={styles.person}>
          <Choices />
          {user === undefined ? null : <span className={styles.user}>{user}</span>}
          <Button size="compact-sm" variant="default" onClick={onLogout}>
            {words.shell.logout}
          </Button>
        </div>
      </div>
    </header>
  );
}

function PageLink({ place, children }: { readonly place: Place; readonly children: string }) {
  const now = usePlace().place.page;
  const isHere = now === place.page || (place.page === 'patient' && now === 'response');
  return (
    <Link place={place} aria-current={isHere ? 'page' : undefined}>
      {children}
    </Link>
  );
}

function Choices() {
  const { language, choose, words } = useReader();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <>
      <NativeSelect
        size="xs"
        aria-label={words.shell.language}
        value={language}
        onChange={(event) => {
          const { value } = event.currentTarget;
          if (isLanguage(value)) choose(value);
        }}
        data={LANGUAGES.map((it) => ({ value: it, label: words.shell.languages[it] }))}
      />
      <NativeSelect
        size="xs"
        aria-label={words.shell.appearance}
        value={colorScheme}
        onChange={(event) => {
          const chosen = SCHEMES.find((it) => it === event.currentTarget.value);
          if (chosen !== undefined) setColorScheme(chosen);
        }}
        data={SCHEMES.map((it) => ({ value: it, label: words.shell.schemes[it] }))}
      />
    </>
  );
}
