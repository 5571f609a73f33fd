import { type KeyboardEvent, type PointerEvent, useRef, useState } from 'react';
import { formatCount, plural } from '../../base/format';
import { type ListOf, oneOf } from '../../base/listing';
import { formatRange, formatTick } from '../../base/time';
import { type Bars, brushedWindow, heightsOf, ticksOf } from './bars';
import styles from './histogram.module.css';

const ticksMax = 8;

type Brush = { from: number; to: number };
type HistogramProps = {
  bars: Bars;
  of: ListOf;
  waiting: boolean;
  onRange: (fromMs: number, toMs: number) => void;
};

// Counts over time, those with errors below. A drag chooses a range; so do the arrow keys with Shift, and Enter.
export function Histogram({ bars, of, waiting, onRange }: HistogramProps) {
  const plot = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState<number | null>(null);
  const [brush, setBrush] = useState<Brush | null>(null);
  const last = bars.bars.length - 1;
  const shown = at === null ? null : Math.min(at, last);

  const said = describe(bars, of, brush ?? { from: shown ?? last, to: shown ?? last });

  const indexUnder = (event: PointerEvent): number => {
    const box = plot.current?.getBoundingClientRect();
    if (!box) return 0;
    const ms = bars.fromMs + ((event.clientX - box.left) / box.width) * (bars.toMs - bars.fromMs);
    const index = Math.floor((ms - (bars.bars[0]?.startMs ?? 0)) / bars.bucketMs);
    return Math.max(0, Math.min(last, index));
  };
  const choose = ({ from, to }: Brush) => {
    const window = brushedWindow(bars, from, to);
    setBrush(null);
    setAt(null);
    if (window) onRange(window.fromMs, window.toMs);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const here = shown ?? last;
    const next = { ArrowLeft: here - 1, ArrowRight: here + 1, Home: 0, End: last }[event.key];
    if (next !== undefined) {
      const bounded = Math.max(0, Math.min(last, shown === null && event.key.startsWith('Arrow') ? last : next));
      setBrush(event.shiftKey ? { from: brush?.from ?? here, to: bounded } : null);
      setAt(bounded);
    } else if (event.key === 'Enter') choose(brush ?? { from: here, to: here });
    else if (event.key === 'Escape' && (brush || shown !== null)) {
      setBrush(null);
      setAt(null);
    } else return;
    event.preventDefault();
  };

  return (
    <div className={`${styles.histogram} ${waiting ? styles.waiting : ''}`}>
      <div
        ref={plot}
        className={styles.plot}
        role="slider"
        tabIndex={0}
        aria-label={`${of} over time: arrows to move, Shift and arrows to choose a range, Enter to show it`}
        aria-valuemin={0}
        aria-valuemax={last}
        aria-valuenow={shown ?? last}
        aria-valuetext={`${said.when}: ${said.what}`}
        onKeyDown={onKeyDown}
        onBlur={() => {
          setAt(null);
          setBrush(null);
        }}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          setBrush({ from: indexUnder(event), to: indexUnder(event) });
        }}
        onPointerMove={(event) => {
          const index = indexUnder(event);
          setAt(index);
          if (brush && event.buttons !== 0) setBrush({ ...brush, to: index });
        }}
        onPointerUp={() => brush && choose(brush)}
        onPointerCancel={() => setBrush(null)}
        onPointerLeave={() => brush === null && setAt(null)}
      >
        <Plot bars={bars} at={shown} brush={brush} />
      </div>
      <span className={styles.highest} aria-hidden="true">
        {bars.highest > 0 && formatCount(bars.highest)}
      </span>
      <Axis bars={bars} />
      {shown !== null && <Tip bars={bars} of={of} at={shown} brush={brush} />}
    </div>
  );
}

const bounds = ({ from, to }: Brush): [number, number] => [Math.min(from, to), Math.max(from, to)];

type Said = { when: string; what: string };

function describe(bars: Bars, of: ListOf, brush: Brush): Said {
  const [first, last] = bounds(brush);
  const within = bars.bars.slice(first, last + 1);
  const window = brushedWindow(bars, first, last);
  if (!window) return { when: '', what: '' };
  const count = within.reduce((sum, bar) => sum + bar.count, 0);
  const errors = within.reduce((sum, bar) => sum + bar.errors, 0);
  const counted = plural(count, oneOf[of]);
  return {
    when: formatRange(window.fromMs, window.toMs),
    what: errors > 0 ? `${counted}, ${formatCount(errors)} with errors` : counted,
  };
}

// Drawn in buckets across and parts of the highest bar up, then stretched.
function Plot({ bars, at, brush }: { bars: Bars; at: number | null; brush: Brush | null }) {
  const start = bars.bars[0]?.startMs ?? bars.fromMs;
  const offset = (bars.fromMs - start) / bars.bucketMs;
  const width = (bars.toMs - bars.fromMs) / bars.bucketMs;
  const [first, last] = brush ? bounds(brush) : [0, -1];
  return (
    <svg className={styles.svg} viewBox={`${offset} 0 ${width} 1`} preserveAspectRatio="none" aria-hidden="true">
      {at !== null && !brush && <rect className={styles.here} x={at} y={0} width={1} height={1} />}
      {brush && <rect className={styles.brush} x={first} y={0} width={last - first + 1} height={1} />}
      {bars.bars.map(({ count, errors }, x) => {
        const { high, red } = heightsOf(count, errors, bars.highest);
        return (
          <g key={x}>
            <rect className={styles.bar} x={x + 0.1} y={1 - high} width={0.8} height={high} />
            <rect className={styles.error} x={x + 0.1} y={1 - red} width={0.8} height={red} />
          </g>
        );
      })}
    </svg>
  );
}

function Axis({ bars }: { bars: Bars }) {
  const offsetMs = -new Date(bars.fromMs).getTimezoneOffset() * 60_000;
  const { stepMs, atMs } = ticksOf(bars, ticksMax, offsetMs);
  return (
    <div className={styles.axis} aria-hidden="true">
      {atMs.map((ms) => (
        <span key={ms} style={{ left: `${((ms - bars.fromMs) / (bars.toMs - bars.fromMs)) * 100}%` }}>
          {formatTick(ms, stepMs)}
        </span>
      ))}
    </div>
  );
}

type TipProps = { bars: Bars; of: ListOf; at: number; brush: Brush | null };

function Tip({ bars, of, at, brush }: TipProps) {
  const bar = bars.bars[at];
  if (!bar) return null;
  const middle = (bar.startMs + bars.bucketMs / 2 - bars.fromMs) / (bars.toMs - bars.fromMs);
  const { when, what } = describe(bars, of, brush ?? { from: at, to: at });
  return (
    <div className={styles.tip} style={{ left: `clamp(0%, ${middle * 100}%, 100%)`, translate: `${-middle * 100}%` }}>
      <span>{when}</span>
      <strong>{what}</strong>
    </div>
  );
}
