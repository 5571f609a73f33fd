import { type FormEvent, type RefObject, useRef, useState } from 'react';
import { type Listing, type ListSearch, listingOf, searchOf } from '../../base/listing';
import { forgetView, saveView, useSavedViews } from '../../base/saved_views';
import { announce } from '../../widgets/Announcer';
import { Button, IconButton } from '../../widgets/Button';
import { Popup } from '../../widgets/Popup';
import { TextInput } from '../../widgets/TextInput';
import styles from './saved_views.module.css';

type SavedViewsProps = { project: string; listing: Listing; onList: (listing: Listing) => void };

export function SavedViews({ project, listing, onList }: SavedViewsProps) {
  const field = useRef<HTMLInputElement>(null);
  return (
    <Popup label="Saved views" word="Views" icon="pin">
      {(close) => (
        <>
          <Saved
            project={project}
            onChoose={(search) => {
              close();
              onList(listingOf(search));
            }}
            // Its button goes with it: the focus is not left on that.
            onForgotten={() => field.current?.focus()}
          />
          <SaveForm project={project} search={searchOf(listing)} field={field} />
        </>
      )}
    </Popup>
  );
}

type SavedProps = { project: string; onChoose: (search: ListSearch) => void; onForgotten: () => void };

function Saved({ project, onChoose, onForgotten }: SavedProps) {
  const views = useSavedViews(project);
  if (views.length === 0) return <p className={styles.none}>None yet. They are kept in this browser.</p>;
  return (
    <ul className={styles.list}>
      {views.map(({ name, search }) => (
        <li key={name}>
          <button type="button" className={styles.view} onClick={() => onChoose(search)}>
            {name}
            <span className={styles.asks}>{search.q ?? 'everything'}</span>
          </button>
          <IconButton
            icon="trash"
            label={`Forget ${name}`}
            onClick={() => {
              forgetView(project, name);
              onForgotten();
            }}
          />
        </li>
      ))}
    </ul>
  );
}

type SaveFormProps = { project: string; search: ListSearch; field: RefObject<HTMLInputElement | null> };

function SaveForm({ project, search, field }: SaveFormProps) {
  const [name, setName] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const written = name.trim();
    if (written === '') return;
    saveView(project, { name: written, search });
    announce(`Saved as ${written}`);
    setName('');
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      <TextInput
        ref={field}
        aria-label="Name of this view"
        placeholder="Name this view"
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <Button type="submit" disabled={name.trim() === ''}>
        Save
      </Button>
    </form>
  );
}
