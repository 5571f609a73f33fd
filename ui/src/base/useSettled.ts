import { useEffect, useRef } from 'react';

// Passes the first value on at once and, of those that follow quickly, only the last; none once the reader is on the way
// to another page, which may still load while this one stands.
export function useSettled<T>(run: (value: T) => void, quietMs: number): (value: T) => void {
  const latest = useRef(run);
  const state = useRef({ timer: 0, at: 0 });
  useEffect(() => {
    latest.current = run;
  });
  useEffect(() => () => clearTimeout(state.current.timer), []);
  return (value) => {
    const now = performance.now();
    const wait = Math.max(0, state.current.at + quietMs - now);
    clearTimeout(state.current.timer);
    const { pathname } = location;
    const fire = () => {
      if (location.pathname !== pathname) return;
      state.current.at = performance.now();
      latest.current(value);
    };
    if (wait === 0) fire();
    else state.current.timer = window.setTimeout(fire, wait);
  };
}
