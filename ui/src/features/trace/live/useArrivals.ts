// Tells when spans of a trace arrive, by the server's stream.
import { useEffect, useRef, useState } from 'react';
import { growsForMs } from '../../../api/queries';
import type { TraceRow } from '../../../api/types';

const tryAgainMs = 5000;

// Whether the trace may still get spans; false again without anything happening.
export function useGrowing(row: TraceRow | undefined): boolean {
  const [now, setNow] = useState(Date.now);
  const leftMs = row ? growsForMs(row, now) : 0;
  useEffect(() => {
    if (leftMs <= 0) return;
    const timer = setTimeout(() => setNow(Date.now()), leftMs + 1);
    return () => clearTimeout(timer);
  }, [leftMs]);
  return leftMs > 0;
}

type Arrivals = { project: string; traceId: string; follow: boolean; onArrival: () => void };

// Returns whether it is told: while it is not, the trace has to be asked for. A browser has six connections to a server:
// a page that nobody sees gives its own back.
export function useArrivals({ project, traceId, follow, onArrival }: Arrivals): boolean {
  const [connected, setConnected] = useState(false);
  const latest = useRef(onArrival);
  useEffect(() => {
    latest.current = onArrival;
  });
  useEffect(() => {
    if (!follow) return;
    let source: EventSource | null = null;
    let timer = 0;
    const close = () => {
      clearTimeout(timer);
      source?.close();
      source = null;
      setConnected(false);
    };
    const open = () => {
      if (source) return;
      const opened = new EventSource(`/api/v1/stream?${new URLSearchParams({ project, q: `trace:${traceId}` })}`);
      source = opened;
      // What came before it was open was not told.
      opened.onopen = () => {
        setConnected(true);
        latest.current();
      };
      opened.addEventListener('span', () => latest.current());
      opened.onerror = () => {
        setConnected(false);
        // The browser tries again by itself, but not after an answer that is an error.
        if (opened.readyState !== EventSource.CLOSED) return;
        source = null;
        timer = window.setTimeout(open, tryAgainMs);
      };
    };
    const whileSeen = () => (document.hidden ? close() : open());
    whileSeen();
    document.addEventListener('visibilitychange', whileSeen);
    return () => {
      document.removeEventListener('visibilitychange', whileSeen);
      close();
    };
  }, [project, traceId, follow]);
  return connected;
}
