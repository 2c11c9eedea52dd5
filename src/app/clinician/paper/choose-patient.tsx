import { Button, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { WorklistView } from '../../../domain/view/worklist-view.ts';
import { useRead } from '../api.ts';
import { Loaded } from '../coordinator/loaded.tsx';
import { Link } from '../navigation.tsx';
import page from '../page.module.css';
import type { Place } from '../place.ts';
import { useReader } from '../reader.ts';

export interface ChoosePatientProps {
  readonly title: string;
  readonly lead: string;
  /** The page that goes on with the patient who is chosen. */
  readonly place: Place;
}

/** Whose paper, or whose link, it is. */
export function ChoosePatient({ title, lead, place }: ChoosePatientProps) {
  const { words } = useReader();
  const [text, setText] = useState('');
  const [asked, setAsked] = useState('');
  const reading = useRead<WorklistView>(`/api/worklist?sort=name&q=${encodeURIComponent(asked)}`, {
    keepsPrevious: true,
  });
  const search = (event: FormEvent) => {
    event.preventDefault();
    setAsked(text.trim());
  };
  return (
    <Loaded
      title={title}
      lead={lead}
      reading={reading}
      above={
        <form className={page.fields} onSubmit={search}>
          <TextInput
            type="search"
            label={words.paper.search}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <Button type="submit">{words.accesses.search}</Button>
        </form>
      }
    >
      {({ rows }) =>
        rows.length === 0 ? (
          <p className="quiet">{words.worklist.noMatch}</p>
        ) : (
          <ul className={`${page.plain} ${page.stack}`}>
            {rows.map((it) => (
              <li key={it.id}>
                <Link place={place} query={{ patient: it.id }}>
                  {it.name}
                </Link>{' '}
                {it.recordNumber === undefined ? null : (
                  <span className="quiet">{words.worklist.record(it.recordNumber)}</span>
                )}
              </li>
            ))}
          </ul>
        )
      }
    </Loaded>
  );
}
