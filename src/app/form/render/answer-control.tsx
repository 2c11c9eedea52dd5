import type { FormItem } from '../../../domain/view/form-item.ts';
import { keyOf } from './answer-text.ts';
import { type Answer, placeKey } from './answers.ts';
import { type Choice, ChoiceRows } from './choice-rows.tsx';
import { fieldKind } from './field-kinds.ts';
import styles from './render.module.css';
import { fill, type RenderWords } from './render-words.ts';
import { TypedField } from './typed-field.tsx';
import { VasLine } from './vas-line.tsx';

export interface AnswerControlProps {
  readonly item: FormItem;
  readonly answers: readonly Answer[];
  readonly labelledBy: string;
  readonly describedBy?: string | undefined;
  readonly words: RenderWords;
  readonly disabled?: boolean | undefined;
  /** All answers to the question; none where it is not answered. */
  onAnswer(answers: readonly Answer[]): void;
}

/** The control that a question asks for. */
export function AnswerControl(props: AnswerControlProps) {
  const { item } = props;
  if (item.slider !== undefined) return <Line {...props} slider={item.slider} />;
  if (item.type === 'boolean') return <YesNo {...props} />;
  if (item.options !== undefined && item.options.length > 0) return <Options {...props} />;
  return item.repeats === true ? <TypedList {...props} /> : <Typed {...props} />;
}

function Line({
  item,
  answers,
  slider,
  words,
  onAnswer,
  ...rest
}: AnswerControlProps & { slider: NonNullable<FormItem['slider']> }) {
  const name = item.type === 'decimal' ? 'valueDecimal' : 'valueInteger';
  return (
    <VasLine
      {...rest}
      {...slider}
      lowLabel={slider.lowLabel}
      highLabel={slider.highLabel}
      words={words}
      value={answers[0]?.valueInteger ?? answers[0]?.valueDecimal}
      onPlace={(value) => onAnswer([{ [name]: value }])}
    />
  );
}

function YesNo({ answers, words, onAnswer, item: _, ...rest }: AnswerControlProps) {
  const given = answers[0]?.valueBoolean;
  return (
    <ChoiceRows
      {...rest}
      choices={[
        { key: 'true', label: words.yes },
        { key: 'false', label: words.no },
      ]}
      chosen={given === undefined ? [] : [String(given)]}
      several={false}
      onChoose={([key]) => onAnswer([{ valueBoolean: key === 'true' }])}
    />
  );
}

const OTHER = 'other';

/** Options, and for an open choice a row for one's own words. */
function Options({ item, answers, words, onAnswer, ...rest }: AnswerControlProps) {
  const { options = [], repeats: several = false } = item;
  const isOpen = item.type === 'open-choice';
  const listed = new Map(options.map((it) => [keyOf(it.value), it]));
  const own = answers.find((it) => !listed.has(keyOf(it)));
  const choices: Choice[] = [
    ...options.map((it) => ({ key: keyOf(it.value), label: it.label })),
    ...(isOpen ? [{ key: OTHER, label: words.otherAnswer }] : []),
  ];
  const chosen = answers.map((it) => (listed.has(keyOf(it)) ? keyOf(it) : OTHER));
  const choose = (keys: readonly string[]) =>
    onAnswer(keys.map((key) => answerFor(key, answers, own, (it) => listed.get(it)?.value)));
  return (
    <>
      {several && <p className={styles.help}>{words.several}</p>}
      <ChoiceRows {...rest} choices={choices} chosen={chosen} several={several} onChoose={choose} />
      {own !== undefined && (
        <TypedField
          {...rest}
          kind="text"
          value={own}
          hint={words.otherText}
          write={({ valueString = '' }) => valueString}
          read={(text) => (text.trim() === '' ? { empty: true } : { value: { valueString: text.trim() } })}
          onAnswer={(it) => onAnswer([...answers.filter((other) => other !== own), it ?? { valueString: '' }])}
        />
      )}
    </>
  );
}

/** An answer that stood keeps what stands below it. */
function answerFor(
  key: string,
  answers: readonly Answer[],
  own: Answer | undefined,
  optionOf: (key: string) => Answer | undefined,
): Answer {
  if (key === OTHER) return own ?? { valueString: '' };
  return answers.find((it) => keyOf(it) === key) ?? optionOf(key) ?? {};
}

function Typed({ item, answers, words, onAnswer, ...rest }: AnswerControlProps) {
  return (
    <TypedField
      {...rest}
      {...fieldKind(item, words)}
      maxLength={item.maxLength}
      value={answers[0]}
      onAnswer={(answer) => onAnswer(answer === undefined ? [] : [{ ...answers[0], ...answer }])}
    />
  );
}

/** Several typed answers to one question: a field for each, and one more on request. */
function TypedList({ item, answers, words, onAnswer, ...rest }: AnswerControlProps) {
  const shown = answers.length === 0 ? [undefined] : answers;
  const kind = fieldKind(item, words);
  const replaced = (at: number, answer: Answer | undefined): readonly Answer[] => {
    if (answer === undefined) return answers.filter((_, index) => index !== at);
    return shown.map((it, index) => (index === at ? answer : (it ?? {})));
  };
  return (
    <div className={styles.repeat}>
      {shown.map((answer, index) => (
        <div key={placeKey([{ linkId: item.linkId, kind: 'question', index }])}>
          <TypedField
            {...rest}
            {...kind}
            maxLength={item.maxLength}
            value={answer !== undefined && Object.keys(answer).length > 0 ? answer : undefined}
            onAnswer={(it) => onAnswer(replaced(index, it))}
          />
          {answers.length > 1 && (
            <button type="button" className={styles.quiet} onClick={() => onAnswer(replaced(index, undefined))}>
              {fill(words.remove, { number: index + 1 })}
            </button>
          )}
        </div>
      ))}
      <div>
        <button
          type="button"
          className={styles.quiet}
          disabled={rest.disabled === true || answers.length === 0}
          onClick={() => onAnswer([...answers, {}])}
        >
          {words.another}
        </button>
      </div>
    </div>
  );
}
