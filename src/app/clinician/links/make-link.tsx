import { Button, Checkbox, TextInput } from '@mantine/core';
import { type FormEvent, useRef, useState } from 'react';
import type { LinkMade, MadeLinksView } from '../../../domain/view/made-links-view.ts';
import { useChange } from '../api.ts';
import { Failure } from '../failure.tsx';
import page from '../page.module.css';
import { useReader, useSay } from '../reader.ts';

/** Which forms a new link opens; then its address, which is told once. */
export function MakeLink({ view: { patient, forms } }: { readonly view: MadeLinksView }) {
  const { words } = useReader();
  const say = useSay();
  const [tasks, setTasks] = useState<string[]>([]);
  const [made, setMade] = useState<LinkMade>();
  const sending = useChange<LinkMade>();
  const busy = useRef(false);
  const send = async (event: FormEvent) => {
    event.preventDefault();
    if (tasks.length === 0 || busy.current) return;
    busy.current = true;
    try {
      setMade(
        await sending.mutateAsync({ path: `/api/patients/${encodeURIComponent(patient.id)}/links`, body: { tasks } }),
      );
      setTasks([]);
    } catch {
      // The failure stands on the page, with what was chosen.
    } finally {
      busy.current = false;
    }
  };
  if (forms.length === 0) return <p className="quiet">{words.links.noForms}</p>;
  return (
    <form className={page.form} onSubmit={send}>
      <Checkbox.Group label={words.links.choose} value={tasks} onChange={setTasks}>
        <div className={page.options}>
          {forms.map((it) => (
            <Checkbox key={it.taskId} value={it.taskId} label={say(it.title)} />
          ))}
        </div>
      </Checkbox.Group>
      {sending.isError ? <Failure error={sending.error} /> : null}
      <div className={page.actions}>
        <Button type="submit" disabled={tasks.length === 0 || sending.isPending}>
          {sending.isPending ? words.common.saving : words.links.make}
        </Button>
      </div>
      {made === undefined ? null : <Address key={made.id} made={made} />}
    </form>
  );
}

function Address({ made }: { readonly made: LinkMade }) {
  const { words, format } = useReader();
  const field = useRef<HTMLInputElement>(null);
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    field.current?.select();
    // A frame may forbid the clipboard: the address is selected all the same.
    await navigator.clipboard.writeText(made.url).then(
      () => setCopied(true),
      () => undefined,
    );
  };
  return (
    <div className={page.card} role="status">
      <TextInput
        ref={field}
        label={words.links.address}
        description={words.links.once(format.dateTime(made.expiresAt))}
        value={made.url}
        readOnly
      />
      <div className={page.actions}>
        <Button mt="sm" type="button" variant="default" onClick={copy}>
          {isCopied ? words.links.copied : words.links.copy}
        </Button>
      </div>
    </div>
  );
}
