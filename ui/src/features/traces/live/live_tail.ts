// A stream of spans and what a page shows of it. Left and opened again, the stream goes on behind the last span it had.
import { useEffect, useMemo, useSyncExternalStore } from 'react';
import { parseJson } from '../../../api/json';
import type { SpanRow } from '../../../api/types';
import { emptyTail, received, type Tail } from './tail';

// Rows are put in some at a time: a busy project has thousands a second.
const showEveryMs = 200;
const tryAgainMs = 2000;

export type Connection = 'connecting' | 'open' | 'lost';
export type Live = { tail: Tail; connection: Connection };

export class LiveTail {
  #live: Live = { tail: emptyTail, connection: 'connecting' };
  #source: EventSource | null = null;
  #lastEventId = '';
  #arrived: SpanRow[] = [];
  #showing = 0;
  #tryingAgain = 0;
  readonly #listeners = new Set<() => void>();

  constructor(
    private readonly project: string,
    private readonly q: string,
  ) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  readonly now = (): Live => this.#live;

  open(): void {
    if (this.#source) return;
    const params = new URLSearchParams({ project: this.project, q: this.q });
    if (this.#lastEventId) params.set('last_event_id', this.#lastEventId);
    const source = new EventSource(`/api/v1/stream?${params}`);
    this.#source = source;
    source.onopen = () => this.#set({ connection: 'open' });
    source.onerror = () => {
      this.#set({ connection: 'lost' });
      // The browser tries again by itself, but not after an answer that is an error.
      if (source.readyState !== EventSource.CLOSED) return;
      this.#source = null;
      this.#tryingAgain = window.setTimeout(() => this.open(), tryAgainMs);
    };
    source.addEventListener('span', ({ data, lastEventId }: MessageEvent<string>) => {
      this.#lastEventId = lastEventId;
      this.#arrived.push(parseJson(data) as unknown as SpanRow);
      if (this.#showing === 0) this.#showing = window.setTimeout(() => this.#show(), showEveryMs);
    });
  }

  close(): void {
    clearTimeout(this.#tryingAgain);
    this.#source?.close();
    this.#source = null;
  }

  // A browser has six connections to a server: a page that nobody sees gives its own back, once it can go on later
  // without missing anything.
  hide(): void {
    if (this.#lastEventId) this.close();
  }

  change(step: (tail: Tail) => Tail): void {
    this.#set({ tail: step(this.#live.tail) });
  }

  #show(): void {
    const arrived = this.#arrived;
    this.#arrived = [];
    this.#showing = 0;
    this.change((tail) => received(tail, arrived, Date.now()));
  }

  #set(change: Partial<Live>): void {
    this.#live = { ...this.#live, ...change };
    for (const listener of this.#listeners) listener();
  }
}

let last: { of: string; tail: LiveTail } | null = null;

// The one looked at last is kept, for the way back to it.
function tailOf(project: string, q: string): LiveTail {
  const of = JSON.stringify([project, q]);
  if (last?.of !== of) last = { of, tail: new LiveTail(project, q) };
  return last.tail;
}

// `wrong`: the query has a mistake, and nothing is to be followed.
export function useLiveTail(project: string, q: string, wrong: boolean): { live: Live; change: LiveTail['change'] } {
  const tail = useMemo(() => tailOf(project, q), [project, q]);
  useEffect(() => {
    if (wrong) return;
    const follow = () => (document.hidden ? tail.hide() : tail.open());
    follow();
    document.addEventListener('visibilitychange', follow);
    return () => {
      document.removeEventListener('visibilitychange', follow);
      tail.close();
    };
  }, [tail, wrong]);
  return { live: useSyncExternalStore(tail.subscribe, tail.now), change: (step) => tail.change(step) };
}
