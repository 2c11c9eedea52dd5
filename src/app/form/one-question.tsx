import { useEffect } from 'react';
import { go } from './address.ts';
import { useAround } from './around.ts';
import { FormFace } from './form-face.tsx';
import { Progress } from './progress.tsx';
import { Display, Question } from './render/question.tsx';
import { fill } from './render/render-words.ts';
import { givenTo, type Screen, screenKey, screensOf } from './render/screens.ts';
import { SavedLine } from './saved-line.tsx';
import type { ScreenProps } from './screen-props.ts';
import { Main } from './shell.tsx';

export interface OneQuestionProps extends ScreenProps {
  /** The screen that the address names. */
  readonly question: string | undefined;
  onWhole(): void;
}

/** One question a screen, for one thumb. */
export function OneQuestion({ form, draft, notices, question, onWhole }: OneQuestionProps) {
  const { words, base } = useAround();
  const screens = screensOf(form.items, draft.items);
  const at = placeOf(screens, question, draft);
  const screen = screens[at];
  const key = screen === undefined ? undefined : screenKey(screen);
  // The address names the screen from the first: answering must not turn the page by itself.
  useEffect(() => {
    if (key !== undefined && key !== question) go(base, { page: 'form', task: form.taskId, question: key }, true);
  }, [key, question, base, form.taskId]);
  const to = (index: number) => {
    const next = screens[index];
    if (index < 0) go(base, { page: 'start' });
    else if (next === undefined) go(base, { page: 'review', task: form.taskId });
    else go(base, { page: 'form', task: form.taskId, question: screenKey(next) });
  };
  const progress = fill(words.form.progress, { number: at + 1, count: screens.length });
  return (
    <Main title={form.title} screen={key} hasBar>
      {screens.length > 1 && (
        <Progress said={progress} at={at + 1} of={screens.length}>
          <button type="button" className="link" onClick={onWhole}>
            {words.form.all}
          </button>
        </Progress>
      )}
      {at === 0 && <FormFace form={form} />}
      {notices}
      {screen !== undefined && (
        <div>
          {screen.above.map((it) => (
            <div key={it.linkId} className="above">
              <Display item={it} language={form.language} />
            </div>
          ))}
          <Question
            key={key}
            item={screen.item}
            place={screen.place}
            items={draft.items}
            language={form.language}
            onChange={draft.change}
            alone
          />
        </div>
      )}
      <div className="bar">
        <SavedLine draft={draft} />
        <div className="actions">
          <button type="button" className="button" onClick={() => to(at - 1)}>
            {words.form.back}
          </button>
          <button type="button" className="button main" onClick={() => to(at + 1)}>
            {at + 1 < screens.length ? words.form.next : words.form.toReview}
          </button>
        </div>
      </div>
    </Main>
  );
}

/** The screen that the address names; without one, the first that is not answered yet. */
function placeOf(screens: readonly Screen[], question: string | undefined, { items }: ScreenProps['draft']): number {
  const named = screens.findIndex((it) => screenKey(it) === question);
  if (named >= 0) return named;
  const open = screens.findIndex((it) => givenTo(items, it).length === 0);
  return Math.max(0, open);
}
