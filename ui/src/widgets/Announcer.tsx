// One polite live region for things that happen without a button to show them on.
import { useSyncExternalStore } from 'react';
import styles from './Announcer.module.css';

const shownForMs = 2500;
let message = '';
let timer = 0;
const listeners = new Set<() => void>();

function set(next: string): void {
  message = next;
  for (const listener of listeners) listener();
}

export function announce(text: string): void {
  set(text);
  clearTimeout(timer);
  timer = window.setTimeout(() => set(''), shownForMs);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function Announcer() {
  const text = useSyncExternalStore(subscribe, () => message);
  return (
    <div role="status" className={`${styles.region} ${text ? styles.shown : ''}`}>
      {text}
    </div>
  );
}
