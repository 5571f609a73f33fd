import { type FormEvent, useId, useRef, useState } from 'react';
import { type Listing, type ListSearch, listingOf, searchOf } from '../../base/listing';
import { forgetView, saveView, useSavedViews } from '../../base/saved_views';
import { announce } from '../../widgets/Announcer';
import { Button, IconButton } from '../../widgets/Button';
import { Icon } from '../../widgets/Icon';
import styles from './saved_views.module.css';

type SavedViewsProps = { project: string; listing: Listing; onList: (listing: Listing) => void };

export function SavedViews({ project, listing, onList }: SavedViewsProps) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const panel = useId();
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  return (
    <div
      role="group"
      aria-label="Saved views"
      className={styles.views}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !open) return;
        event.preventDefault();
        close();
      }}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setOpen(false);
      }}
    >
      <button
        ref={button}
        type="button"
        className={styles.button}
        aria-expanded={open}
        aria-controls={panel}
        aria-label="Views"
        title="Saved views"
        onClick={() => setOpen(!open)}
      >
        <Icon name="pin" size={14} />
        <span className={styles.word}>Views</span>
      </button>
      {open && (
        <div id={panel} className={styles.panel} tabIndex={-1}>
          <Saved
            project={project}
            onChoose={(search) => {
              close();
              onList(listingOf(search));
            }}
          />
          <SaveForm project={project} search={searchOf(listing)} />
        </div>
      )}
    </div>
  );
}

function Saved({ project, onChoose }: { project: string; onChoose: (search: ListSearch) => void }) {
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
          <IconButton icon="trash" label={`Forget ${name}`} onClick={() => forgetView(project, name)} />
        </li>
      ))}
    </ul>
  );
}

function SaveForm({ project, search }: { project: string; search: ListSearch }) {
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
      <input
        className={styles.input}
        aria-label="Name of this view"
        placeholder="Name this view"
        value={name}
        autoComplete="off"
        onChange={(event) => setName(event.target.value)}
      />
      <Button type="submit" disabled={name.trim() === ''}>
        Save
      </Button>
    </form>
  );
}
