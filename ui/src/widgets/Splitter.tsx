import { type KeyboardEvent, type PointerEvent, useCallback, useState } from 'react';
import styles from './Splitter.module.css';

type SplitterProps = {
  label: string;
  property: `--${string}`; // set in px on the root element
  store: string; // localStorage key
  range: { min: number; max: number; initial: number };
  grows: 'left' | 'right'; // which way a drag makes it wider
};

const keyStepPx = 16;

export function Splitter({ label, property, store, range, grows }: SplitterProps) {
  const clamp = (px: number): number => Math.round(Math.min(range.max, Math.max(range.min, px)));
  const [width, setWidth] = useState(() => clamp(Number(localStorage.getItem(store)) || range.initial));
  const apply = (px: number) => {
    setWidth(clamp(px));
    localStorage.setItem(store, String(clamp(px)));
    document.documentElement.style.setProperty(property, `${clamp(px)}px`);
  };
  const restore = useCallback(
    (element: HTMLElement | null) => {
      const saved = Number(localStorage.getItem(store));
      if (element && saved) document.documentElement.style.setProperty(property, `${saved}px`);
    },
    [property, store],
  );

  const sign = grows === 'right' ? 1 : -1;
  const onPointerDown = (down: PointerEvent<HTMLElement>) => {
    const handle = down.currentTarget;
    handle.setPointerCapture(down.pointerId);
    const move = (event: globalThis.PointerEvent) => apply(width + sign * (event.clientX - down.clientX));
    handle.addEventListener('pointermove', move);
    handle.addEventListener('lostpointercapture', () => handle.removeEventListener('pointermove', move), {
      once: true,
    });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowRight: sign, ArrowLeft: -sign }[event.key];
    if (!step) return;
    event.preventDefault();
    apply(width + step * keyStepPx);
  };
  return (
    <div
      ref={restore}
      role="separator"
      aria-orientation="vertical"
      aria-label={label}
      aria-valuenow={width}
      aria-valuemin={range.min}
      aria-valuemax={range.max}
      tabIndex={0}
      className={`${styles.splitter} ${styles[grows]}`}
      onPointerDown={onPointerDown}
      onKeyDown={onKeyDown}
      onDoubleClick={() => apply(range.initial)}
    />
  );
}
