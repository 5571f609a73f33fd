import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import { useKeyHint, useKeys } from '../base/keys';
import { presets, rangeOf, windowOf } from '../base/listing';
import { formatRange, localInput, parseLocalInput, zoneLabel } from '../base/time';
import { Button } from './Button';
import { Icon } from './Icon';
import { TextInput } from './TextInput';
import styles from './time_range.module.css';

export function timeRangeLabel(t: string): string {
  const { fromMs, toMs } = windowOf(t, 0);
  if (fromMs !== null && toMs !== null) return formatRange(fromMs, toMs);
  return presets.find((preset) => preset.t === t)?.label ?? t;
}

type TimeRangeProps = { t: string; onRange: (t: string) => void };

export function TimeRange({ t, onRange }: TimeRangeProps) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const panel = useId();
  const timeHint = useKeyHint('Time', 'time range', 'T');
  useKeys('Time', [{ keys: ['T'], help: 'time range', run: () => button.current?.click() }]);
  const choose = (next: string) => {
    setOpen(false);
    button.current?.focus();
    onRange(next);
  };
  return (
    <div
      role="group"
      aria-label="Time range"
      className={styles.range}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !open) return;
        event.preventDefault();
        setOpen(false);
        button.current?.focus();
      }}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setOpen(false);
      }}
    >
      <Button
        ref={button}
        className={styles.button}
        aria-expanded={open}
        aria-controls={panel}
        title={`Time range${timeHint}`}
        onClick={() => setOpen(!open)}
      >
        <span className={styles.label}>{timeRangeLabel(t)}</span>
        <Icon name="down" size={12} />
      </Button>
      {open && <Panel id={panel} t={t} onRange={choose} />}
    </div>
  );
}

function Panel({ id, t, onRange }: TimeRangeProps & { id: string }) {
  const panel = useRef<HTMLDivElement>(null);
  useEffect(() => {
    panel.current?.querySelector<HTMLElement>('[aria-pressed="true"], input')?.focus();
  }, []);
  return (
    <div ref={panel} id={id} className={styles.panel}>
      {presets.map((preset) => (
        <button
          key={preset.t}
          type="button"
          aria-pressed={preset.t === t}
          className={styles.preset}
          onClick={() => onRange(preset.t)}
        >
          {preset.label}
        </button>
      ))}
      <CustomRange t={t} onRange={onRange} />
    </div>
  );
}

const hourMs = 3_600_000;

function CustomRange({ t, onRange }: TimeRangeProps) {
  const [now] = useState(() => Date.now());
  const window = windowOf(t, now);
  const [from, setFrom] = useState(() => localInput(window.fromMs ?? now - hourMs));
  const [to, setTo] = useState(() => localInput(window.toMs ?? now));
  const [fromMs, toMs] = [parseLocalInput(from), parseLocalInput(to)];
  const wrong = !(fromMs < toMs);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!wrong) onRange(rangeOf(fromMs, toMs));
  };
  return (
    <form className={styles.custom} onSubmit={submit}>
      <label>
        From
        <TextInput
          type="datetime-local"
          step="1"
          required
          value={from}
          onChange={(event) => setFrom(event.target.value)}
        />
      </label>
      <label>
        To
        <TextInput type="datetime-local" step="1" required value={to} onChange={(event) => setTo(event.target.value)} />
      </label>
      <div className={styles.foot}>
        <span role="status" className={wrong ? styles.wrong : undefined}>
          {wrong ? 'From must be before to' : `Times are ${zoneLabel(now)}`}
        </span>
        <Button type="submit" disabled={wrong}>
          Apply
        </Button>
      </div>
    </form>
  );
}
