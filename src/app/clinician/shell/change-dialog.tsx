import { Button } from '@mantine/core';
import { type FormEvent, type ReactNode, useRef, useState } from 'react';
import { type Change, useChange, useRefresh } from '../api.ts';
import { Failure } from '../failure.tsx';
import page from '../page.module.css';
import { useWords } from '../reader.ts';
import { Dialog } from './dialog.tsx';
import { useNotice } from './notice.tsx';

export interface ChangeDialogProps {
  readonly title: string;
  /** What the button does, as a verb. */
  readonly submit: string;
  readonly isDanger?: boolean;
  /** Said once it is written. */
  readonly done: string;
  /** What is to be sent; `undefined` where something is still missing, with `missing` saying what. */
  readonly change: Change | undefined;
  readonly missing?: string;
  readonly children?: ReactNode;
  onClose(): void;
}

/** Asks for a change, sends it once, and says what was written or why not. What was typed stays until it is done. */
export function ChangeDialog(props: ChangeDialogProps) {
  const { title, submit, isDanger = false, done, change, missing, children, onClose } = props;
  const words = useWords();
  const notice = useNotice();
  const sending = useChange(true);
  const refresh = useRefresh();
  const [isAsked, setAsked] = useState(false);
  // A second click within the same moment comes before the button is disabled.
  const busy = useRef(false);
  const send = async (event: FormEvent) => {
    event.preventDefault();
    setAsked(true);
    if (change === undefined || busy.current) return;
    busy.current = true;
    try {
      await sending.mutateAsync(change);
      notice(done);
      onClose();
    } catch {
      // The failure stands in the dialog, with what was typed.
    } finally {
      busy.current = false;
    }
  };
  const close = () => {
    onClose();
    // What stands now is shown once the reader knows why it is another.
    if (sending.isError) void refresh();
  };
  return (
    <Dialog title={title} onClose={close}>
      <form onSubmit={send} className={page.form} noValidate>
        {children}
        {isAsked && change === undefined && missing !== undefined ? <p role="alert">{missing}</p> : null}
        {sending.isError ? <Failure error={sending.error} /> : null}
        <div className={page.actions}>
          <Button
            type="submit"
            {...(isDanger ? { color: 'red' } : {})}
            disabled={sending.isPending}
            aria-busy={sending.isPending}
          >
            {sending.isPending ? words.common.saving : submit}
          </Button>
          <Button variant="default" onClick={close}>
            {words.common.cancel}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
