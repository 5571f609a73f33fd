import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { eraseProject } from '../../api/settings_queries';
import type { Project } from '../../api/types';
import { plural } from '../../base/format';
import { Button } from '../../widgets/Button';
import { TextInput } from '../../widgets/TextInput';
import styles from './settings.module.css';

type EraseProjectProps = { project: Project; onDone: () => void; onLeave: () => void };

// Nothing can bring a project back, so its name has to be typed.
export function EraseProject({ project, onDone, onLeave }: EraseProjectProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [typed, setTyped] = useState('');
  const erase = useMutation({ mutationFn: () => eraseProject(project.name), onSuccess: onDone, networkMode: 'always' });
  useEffect(() => dialog.current?.showModal(), []);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (typed === project.name) erase.mutate();
  };
  return (
    <dialog ref={dialog} className={styles.dialog} aria-labelledby="erase-title" onClose={onLeave}>
      <form className={styles.form} onSubmit={submit}>
        <h2 id="erase-title">Delete project {project.name}</h2>
        <p>
          This erases {plural(project.trace_count, 'trace')} with {plural(project.span_count, 'span')}, their log
          records and the project's metrics. It cannot be undone. What arrives after it makes the project anew.
        </p>
        <label className={styles.field}>
          <span>
            Type <code>{project.name}</code> to confirm
          </span>
          <TextInput value={typed} onChange={(event) => setTyped(event.target.value)} />
        </label>
        {erase.error && (
          <p role="alert" className={styles.wrong}>
            Not deleted: {erase.error.message}
          </p>
        )}
        <div className={styles.buttons}>
          <Button onClick={() => dialog.current?.close()}>Cancel</Button>
          <Button type="submit" className={styles.danger} disabled={typed !== project.name || erase.isPending}>
            {erase.isPending ? 'Deleting' : 'Delete for good'}
          </Button>
        </div>
      </form>
    </dialog>
  );
}
