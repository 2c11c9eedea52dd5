import { type ReactNode, useEffect, useRef } from 'react';
import { isLanguage, LANGUAGES } from '../format/format.ts';
import { useAround } from './around.ts';

export interface ShellProps {
  readonly children: ReactNode;
  readonly isDemonstration?: boolean | undefined;
  /** Absent where nobody is signed in. */
  onSignOut?: (() => void) | undefined;
}

/** The frame of every page: where one is, the language, the way out. */
export function Shell({ children, isDemonstration, onSignOut }: ShellProps) {
  const { words, language, onLanguage } = useAround();
  return (
    <div className="page">
      <a className="skip" href="#content">
        {words.skip}
      </a>
      <header>
        {isDemonstration === true && <div className="banner">{words.demonstration}</div>}
        <div className="top">
          <span className="brand">Vincle</span>
          <div className="tools">
            <label>
              <span className="hidden">{words.language}</span>
              <select
                value={language}
                onChange={({ currentTarget: { value } }) => {
                  if (isLanguage(value)) onLanguage(value);
                }}
              >
                {LANGUAGES.map((it) => (
                  <option key={it} value={it}>
                    {OWN_NAMES[it]}
                  </option>
                ))}
              </select>
            </label>
            {onSignOut !== undefined && (
              <button type="button" className="link" onClick={onSignOut}>
                {words.signOut}
              </button>
            )}
          </div>
        </div>
      </header>
      {children}
    </div>
  );
}

/** Each language by its own name: who does not read the present one finds hers. */
const OWN_NAMES = { ca: 'Català', es: 'Castellano', en: 'English' } as const;

export interface MainProps {
  readonly title: string;
  /** Said above the title, e.g. the form that a question is of. */
  readonly over?: string | undefined;
  readonly hasBar?: boolean | undefined;
  /** Another screen of the same page: the title is read out again. */
  readonly screen?: string | undefined;
  readonly children: ReactNode;
}

/** A page's content. Its title takes the focus as the page appears, so that it is read out, and named in the tab. */
export function Main({ title, over, hasBar, screen, children }: MainProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another screen is another page to whoever hears it
  useEffect(() => {
    document.title = `${title} · Vincle`;
    heading.current?.focus({ preventScroll: true });
  }, [title, screen]);
  return (
    <main id="content" className={hasBar === true ? 'hasBar' : undefined}>
      <div>
        {over !== undefined && <p className="quietText">{over}</p>}
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
      </div>
      {children}
    </main>
  );
}
