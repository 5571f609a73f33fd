import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import { keepFor } from '../../api/settings_queries';
import { plural } from '../../base/format';
import { Button } from '../../widgets/Button';
import styles from './settings.module.css';

const daysMax = 36_500;

type RetentionProps = {
  project: string;
  days: number | null;
  onDone: (days: number | null) => void;
  onLeave: () => void;
};

// Fewer days erase what is older at once, so that is said before.
export function Retention({ project, days, onDone, onLeave }: RetentionProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const hint = useId();
  const [typed, setTyped] = useState(days === null ? '' : String(days));
  const wanted = typed.trim() === '' ? null : Number(typed);
  const wrong = wanted !== null && !(Number.isInteger(wanted) && wanted >= 1 && wanted <= daysMax);
  const keep = useMutation({
    mutationFn: () => keepFor(project, wanted),
    onSuccess: () => onDone(wanted),
    networkMode: 'always',
  });
  useEffect(() => dialog.current?.showModal(), []);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!wrong) keep.mutate();
  };
  return (
    <dialog ref={dialog} className={styles.dialog} aria-labelledby={`${hint}-title`} onClose={onLeave}>
      <form className={styles.form} onSubmit={submit}>
        <h2 id={`${hint}-title`}>How long {project} keeps its traces</h2>
        <label className={styles.field}>
          <span>Days; empty: for ever</span>
          <input
            inputMode="numeric"
            value={typed}
            autoComplete="off"
            aria-invalid={wrong}
            aria-describedby={hint}
            onChange={(event) => setTyped(event.target.value)}
          />
        </label>
        <p id={hint} role="status" className={wrong ? styles.wrong : styles.hint}>
          {wrong
            ? `Give a whole number of days, 1 to ${daysMax}.`
            : wanted === null
              ? 'Nothing is erased by itself.'
              : `Traces, log records and metrics of more than ${plural(wanted, 'day')} ago are erased now, and every hour from now on. It cannot be undone.`}
        </p>
        {keep.error && (
          <p role="alert" className={styles.wrong}>
            Not changed: {keep.error.message}
          </p>
        )}
        <div className={styles.buttons}>
          <Button onClick={() => dialog.current?.close()}>Cancel</Button>
          <Button
            type="submit"
            className={wanted === null ? '' : styles.danger}
            disabled={wrong || wanted === days || keep.isPending}
          >
            {keep.isPending ? 'Saving' : wanted === null ? 'Keep for ever' : `Keep for ${plural(wanted, 'day')}`}
          </Button>
        </div>
      </form>
    </dialog>
  );
}
