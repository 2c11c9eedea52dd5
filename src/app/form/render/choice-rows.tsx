import { useId } from 'react';
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

/** Full-width rows, each a target of 44 px: one to choose (radio) or several (boxes). The browser's own keys move in it. */
export function ChoiceRows(props: ChoiceRowsProps) {
  const { labelledBy, describedBy, choices, chosen, several, disabled, onChoose } = props;
  const name = useId();
  const toggled = (key: string, isChosen: boolean): readonly string[] =>
    several ? choices.map((it) => it.key).filter((it) => (it === key ? isChosen : chosen.includes(it))) : [key];
  return (
    <fieldset className={styles.rows} aria-labelledby={labelledBy} aria-describedby={describedBy}>
      {choices.map(({ key, label }) => (
        <label key={key} className={styles.row}>
          <input
            type={several ? 'checkbox' : 'radio'}
            name={name}
            checked={chosen.includes(key)}
            disabled={disabled}
            onChange={(event) => onChoose(toggled(key, event.currentTarget.checked))}
          />
          <span>{label}</span>
        </label>
      ))}
    </fieldset>
  );
}
