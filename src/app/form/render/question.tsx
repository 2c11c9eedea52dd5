import { useId } from 'react';
import type { FormItem } from '../../../domain/view/form-item.ts';
import type { Language } from '../../format/format.ts';
import { AnswerControl } from './answer-control.tsx';
import {
  type Answer,
  answersTo,
  type Items,
  itemsAt,
  type Place,
  placeKey,
  withAnswers,
  withGroup,
  withoutGroup,
} from './answers.ts';
import { groupsOf, isShown } from './enabled.ts';
import styles from './render.module.css';
import { fill, RENDER_WORDS } from './render-words.ts';

/** What every part of a form is drawn from: it holds nothing itself. */
export interface FormPartProps {
  readonly items: Items;
  /** Language the form is worded in. */
  readonly language: Language;
  readonly disabled?: boolean | undefined;
  /** The whole form with one change in it, made from the newest answers. */
  onChange(change: (items: Items) => Items): void;
  /** Questions, by linkId, that need attention, and why: e.g. where a second entry differs from the first. */
  readonly marks?: ReadonlyMap<string, string> | undefined;
}

export interface QuestionProps extends FormPartProps {
  readonly item: FormItem;
  readonly place: Place;
  /** Leaves out what is nested below the answer, where each question has a screen of its own. */
  readonly alone?: boolean | undefined;
}

/** One question with its answer, its help, and what its answer opens below it. */
export function Question(props: QuestionProps) {
  const { item, place, items, language, disabled, onChange, marks, alone } = props;
  const id = useId();
  const words = RENDER_WORDS[language];
  const answers = answersTo(itemsAt(items, place), item.linkId);
  const mark = marks?.get(item.linkId);
  const described = [item.help && `${id}-help`, mark && `${id}-mark`].filter(Boolean).join(' ');
  const give = (given: readonly Answer[]) => onChange((now) => withAnswers(now, place, item.linkId, given));
  return (
    <div className={styles.question} data-link-id={item.linkId}>
      <p id={`${id}-text`} className={styles.prompt} lang={language}>
        {item.prefix !== undefined && <span className={styles.prefix}>{item.prefix}</span>}
        {item.text ?? item.linkId}
      </p>
      {item.help !== undefined && (
        <p id={`${id}-help`} className={styles.help}>
          {item.help}
        </p>
      )}
      <AnswerControl
        item={item}
        answers={answers}
        labelledBy={`${id}-text`}
        describedBy={described === '' ? undefined : described}
        words={words}
        disabled={disabled === true || item.readOnly === true}
        onAnswer={give}
      />
      {mark !== undefined && (
        <p id={`${id}-mark`} className={styles.fault}>
          {mark}
        </p>
      )}
      {canClear(item) && disabled !== true && (
        <button type="button" className={styles.quiet} disabled={answers.length === 0} onClick={() => give([])}>
          {words.clear}
        </button>
      )}
      {alone !== true && item.items !== undefined && (
        <div className={`${styles.stack} ${styles.nested}`}>
          {stepsBelow(item, place, answers.length).map((below) => (
            <FormItems key={placeKey(below)} {...props} form={item.items ?? []} place={below} />
          ))}
        </div>
      )}
    </div>
  );
}

/** The places below an item, one for each group or answer. */
const stepsBelow = (item: FormItem, place: Place, count: number): readonly Place[] =>
  Array.from({ length: count }, (_, index) => [
    ...place,
    { linkId: item.linkId, kind: item.type === 'group' ? 'group' : 'question', index },
  ]);

/** A typed answer is cleared by emptying its field; a row or a mark cannot be taken back without this. */
const canClear = (item: FormItem): boolean =>
  item.readOnly !== true &&
  (item.slider !== undefined || item.type === 'boolean' || (item.options !== undefined && item.repeats !== true));

export interface FormItemsProps extends FormPartProps {
  readonly form: readonly FormItem[];
  readonly place?: Place | undefined;
}

/** All items of a form, or below one place of it, on one page: what the answers switch off is not there. */
export function FormItems({ form, place = [], ...rest }: FormItemsProps) {
  return form
    .filter((item) => isShown(item, rest.items, place))
    .map((item) => {
      if (item.type === 'display') return <Display key={item.linkId} item={item} language={rest.language} />;
      if (item.type === 'group') return <Groups key={item.linkId} {...rest} item={item} place={place} />;
      return <Question key={item.linkId} {...rest} item={item} place={place} />;
    });
}

/** Words between the questions: instructions, a heading. */
export function Display({ item, language }: { readonly item: FormItem; readonly language: Language }) {
  return (
    <p className={styles.display} lang={language}>
      {item.text}
    </p>
  );
}

function Groups({ item, place, ...rest }: FormPartProps & { readonly item: FormItem; readonly place: Place }) {
  const { items, language, disabled, onChange } = rest;
  const words = RENDER_WORDS[language];
  const count = groupsOf(item, items, place);
  return (
    <>
      {stepsBelow(item, place, count).map((below, index) => (
        <fieldset key={placeKey(below)} className={styles.group}>
          {item.text !== undefined && (
            <legend className={styles.prompt} lang={language}>
              {item.prefix !== undefined && <span className={styles.prefix}>{item.prefix}</span>}
              {count > 1 ? `${item.text} · ${fill(words.onlyHere, { number: index + 1 })}` : item.text}
            </legend>
          )}
          {item.help !== undefined && <p className={styles.help}>{item.help}</p>}
          <div className={styles.stack}>
            <FormItems {...rest} form={item.items ?? []} place={below} />
          </div>
          {count > 1 && disabled !== true && (
            <button
              type="button"
              className={styles.quiet}
              onClick={() => onChange((now) => withoutGroup(now, place, item.linkId, index))}
            >
              {fill(words.remove, { number: index + 1 })}
            </button>
          )}
        </fieldset>
      ))}
      {item.repeats === true && disabled !== true && (
        <div>
          <button
            type="button"
            className={styles.quiet}
            onClick={() => onChange((now) => withGroup(now, place, item.linkId))}
          >
            {words.another}
          </button>
        </div>
      )}
    </>
  );
}
