import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import { countQuery } from '../../api/list_queries';
import { keepFor } from '../../api/settings_queries';
import { plural } from '../../base/format';
import { rangeOf } from '../../base/listing';
import { formatInstant } from '../../base/time';
import { Button } from '../../widgets/Button';
import { TextInput } from '../../widgets/TextInput';
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
          <TextInput
            inputMode="numeric"
            value={typed}
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
        {wanted !== null && !wrong && <Doomed project={project} days={wanted} />}
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

const dayMs = 86_400_000;

// What a change erases at once, as far as it is known now.
function Doomed({ project, days }: { project: string; days: number }) {
  const [now] = useState(() => Math.floor(Date.now() / 1000) * 1000);
  const before = now - days * dayMs;
  const count = useQuery(countQuery(project, { of: 'traces', q: '', t: rangeOf(0, before) }));
  const when = formatInstant(`${before}000000`).replace(/\.\d+/, '');
  return (
    <p role={count.error ? 'alert' : 'status'} className={count.error ? styles.wrong : styles.hint}>
      {count.error
        ? `How much this erases is not known: ${count.error.message}`
        : count.data === undefined
          ? 'Counting them'
          : count.data === 0
            ? `No trace is from before ${when}.`
            : `This erases ${plural(count.data, 'trace')} from before ${when} at once.`}
    </p>
  );
}
