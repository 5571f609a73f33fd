// Keyboard shortcuts. A component lists its keys while it is on screen; the help card shows just what is listed, so it
// cannot name a key that does nothing. Letters match by event.key, so they follow the keyboard layout. A reader may have
// chosen others: key_choice.ts.
import { useEffect, useRef, useSyncExternalStore } from 'react';
import { keysFor, keyText, useKeyOf } from './key_choice';

export type KeyBinding = {
  keys: readonly string[]; // event.key values; "g t" is a sequence; "mod+k" is Ctrl or Cmd
  // A place on the keyboard (event.code) instead, wherever its letter is; only while the main widget has the focus.
  place?: string;
  help: string;
  run: (event: KeyboardEvent) => void;
};
export type KeyGroup = { title: string; bindings: readonly KeyBinding[] };

const sequenceTimeoutMs = 1000;
const singleKeysSetting = 'nightjar.singleKeys';

let groups: readonly KeyGroup[] = [];
let pendingPrefix: { key: string; at: number } | null = null;
const listeners = new Set<() => void>();

function publish(next: readonly KeyGroup[]): void {
  groups = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useKeyGroups = (): readonly KeyGroup[] => useSyncExternalStore(subscribe, () => groups);

// WCAG 2.1.4: shortcuts made of one character can be switched off.
const singleKeysOn = (): boolean => localStorage.getItem(singleKeysSetting) !== 'off';
export const useSingleKeys = (): boolean => useSyncExternalStore(subscribe, singleKeysOn);
export function setSingleKeys(on: boolean): void {
  localStorage.setItem(singleKeysSetting, on ? 'on' : 'off');
  publish([...groups]);
}

// " (r)" behind a label, by the key that does it now; nothing while no such key does.
export function useKeyHint(title: string, help: string, usual: string): string {
  const key = useKeyOf(title, help, usual);
  const works = useSingleKeys() || key.startsWith('mod+');
  return works ? ` (${keyText(key)})` : '';
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName);
}

// These keys belong to whatever has the focus, unless that is the page or its main widget.
const widgetKeys = /^(Enter|Home|End|PageUp|PageDown|Arrow\w+)$/;

function belongsToMain(target: EventTarget | null): boolean {
  if (target === document.body) return true;
  return target instanceof Element && (target.id === 'main' || target.closest('[data-main-keys]') !== null);
}

type Pressed = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey'>;

export function nameOf(event: Pressed): string {
  return event.ctrlKey || event.metaKey ? `mod+${event.key.toLowerCase()}` : event.key;
}

function find(name: string): KeyBinding | undefined {
  for (const group of groups.toReversed()) {
    const binding = group.bindings.find(
      ({ help, keys, place }) => place === undefined && keysFor(group.title, help, keys).includes(name),
    );
    if (binding) return binding;
  }
  return undefined;
}

// A letter that was chosen for it counts as everywhere.
function findPlace(event: KeyboardEvent): KeyBinding | undefined {
  if (event.shiftKey || !(event.target instanceof Element && event.target.closest('[data-main-keys]')))
    return undefined;
  for (const { title, bindings } of groups.toReversed()) {
    const binding = bindings.find(({ help, keys, place }) => {
      if (place === undefined) return false;
      const chosen = keysFor(title, help, keys);
      return chosen === keys ? place === event.code : chosen.includes(event.key);
    });
    if (binding) return binding;
  }
  return undefined;
}

function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.altKey) return;
  const name = nameOf(event);
  const single = name.length === 1;
  if (document.querySelector('dialog[open]')) return;
  if (!name.startsWith('mod+') && isTyping(event.target)) return;
  if (single && !singleKeysOn()) return;
  if (widgetKeys.test(name) && !belongsToMain(event.target)) return;
  if (name === 'Enter' && event.target instanceof HTMLButtonElement) return;

  const prefix = pendingPrefix && event.timeStamp - pendingPrefix.at < sequenceTimeoutMs ? pendingPrefix.key : null;
  pendingPrefix = null;
  const binding = (prefix && find(`${prefix} ${name}`)) || find(name) || (single ? findPlace(event) : undefined);
  if (binding) {
    event.preventDefault();
    binding.run(event);
    return;
  }
  const opens = groups.some(({ title, bindings }) =>
    bindings.some(({ help, keys }) => keysFor(title, help, keys).some((key) => key.startsWith(`${name} `))),
  );
  if (opens) pendingPrefix = { key: name, at: event.timeStamp };
}

export function useKeys(title: string, bindings: readonly KeyBinding[]): void {
  const latest = useRef(bindings);
  useEffect(() => {
    latest.current = bindings;
  });
  useEffect(() => {
    const group: KeyGroup = {
      title,
      get bindings() {
        return latest.current;
      },
    };
    if (groups.length === 0) addEventListener('keydown', onKeyDown);
    publish([...groups, group]);
    return () => {
      publish(groups.filter((other) => other !== group));
      if (groups.length === 0) removeEventListener('keydown', onKeyDown);
    };
  }, [title]);
}
