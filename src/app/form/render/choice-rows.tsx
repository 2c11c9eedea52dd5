import { type KeyboardEvent, useId } from 'react';
import styles from './render.module.css';

/** One answer that can be chosen. `key` tells the answers of a question apart; it is not shown. */
export interface Choice {
  readonly key: string;
  readonly label: string;
}

export interface ChoiceRowsProps {
  /** Id of what names the group: the question. */
  readonly labelledBy: string;
  readonly describedBy?: string | undefined;
  readonly choices: readonly Choice[];
  /** Keys of what is chosen; empty where nothing is. */
  readonly chosen: readonly string[];
  readonly several: boolean;
  readonly disabled?: boolean | undefined;
  onChoose(keys: readonly string[]): void;
}

/** Answers that a digit chooses: the first nine. */
const DIGITS = 9;

/** The answer that takes the focus once a digit has answered a question: the next question’s, or the one that was chosen. */
function nextOf(here: HTMLInputElement, at: number): HTMLInputElement | null | undefined {
  const all = [...document.querySelectorAll('fieldset[data-choices="one"]')];
  const own = here.closest('fieldset');
  const next = own === null ? undefined : all[all.indexOf(own) + 1];
  const known = next?.querySelector<HTMLInputElement>('input:checked') ?? next?.querySelector('input');
  return known ?? own?.querySelectorAll('input')[at];
}

/**
 * Rows, each a target of 44 px: one to choose (radio) or several (boxes). The browser's own keys move in it; of one to
 * choose a digit chooses too, and goes on to the next question where that is on the page.
 */
export function ChoiceRows(props: ChoiceRowsProps) {
  const { labelledBy, describedBy, choices, chosen, several, disabled, onChoose } = props;
  const name = useId();
  const toggled = (key: string, isChosen: boolean): readonly string[] =>
    several ? choices.map((it) => it.key).filter((it) => (it === key ? isChosen : chosen.includes(it))) : [key];
  const byDigit = (event: KeyboardEvent<HTMLInputElement>) => {
    const at = Number(event.key) - 1;
    const choice = /^[1-9]$/.test(event.key) && !several ? choices[at] : undefined;
    if (choice === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    onChoose([choice.key]);
    nextOf(event.currentTarget, at)?.focus();
  };
  return (
    <fieldset
      className={styles.rows}
      data-choices={several ? 'several' : 'one'}
      aria-labelledby={labelledBy}
      aria-describedby={describedBy}
    >
      {choices.map(({ key, label }, index) => (
        <label key={key} className={styles.row}>
          <input
            type={several ? 'checkbox' : 'radio'}
            name={name}
            checked={chosen.includes(key)}
            disabled={disabled}
            aria-keyshortcuts={several || index >= DIGITS ? undefined : String(index + 1)}
            onKeyDown={byDigit}
            onChange={(event) => onChoose(toggled(key, event.currentTarget.checked))}
          />
          <span>{label}</span>
        </label>
      ))}
    </fieldset>
  );
}
