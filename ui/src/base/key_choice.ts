// Keys that a reader has chosen in place of the usual ones, by what they do: "Trace/next span" is on "n". Kept in this
// browser.
import { useSyncExternalStore } from 'react';

type KeyChoices = Readonly<Record<string, string>>;

const setting = 'nightjar.keys';
const listeners = new Set<() => void>();
const none: KeyChoices = {};
let read: { text: string; choices: KeyChoices } | null = null;

export const actionOf = (title: string, help: string): string => `${title}/${help}`;

export function keyChoices(): KeyChoices {
  const text = localStorage.getItem(setting);
  if (text === null) return none;
  if (read?.text === text) return read.choices;
  let choices = none;
  try {
    const stored: unknown = JSON.parse(text);
    const known = Object.entries(stored ?? {}).filter((entry) => typeof entry[1] === 'string');
    choices = Object.fromEntries(known);
  } catch {
    // What something else has written there chooses no keys.
  }
  read = { text, choices };
  return choices;
}

// null: the usual one again.
export function chooseKey(action: string, key: string | null): void {
  const { [action]: _, ...others } = keyChoices();
  localStorage.setItem(setting, JSON.stringify(key === null ? others : { ...others, [action]: key }));
  for (const listener of listeners) listener();
}

export function forgetKeyChoices(): void {
  localStorage.removeItem(setting);
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useKeyChoices = (): KeyChoices => useSyncExternalStore(subscribe, keyChoices);

const isMac = (): boolean => /Mac|iPhone|iPad/.test(navigator.userAgent);

// As labels write a key: "mod+k" is ⌘K or Ctrl K.
export const keyText = (key: string): string =>
  key.startsWith('mod+') ? `${isMac() ? '⌘' : 'Ctrl '}${key.slice(4).toUpperCase()}` : key;

// For labels that name a key.
export const useKeyOf = (title: string, help: string, usual: string): string =>
  useKeyChoices()[actionOf(title, help)] ?? usual;

// Keys of a widget, such as arrows, and ranges such as 1 to 9, are what they are.
const isLetterOrCombination = (key: string): boolean => key.length === 1 || key.includes(' ') || key.startsWith('mod+');

export const canChoose = (keys: readonly string[]): boolean =>
  keys.length <= 3 && keys[0] !== undefined && isLetterOrCombination(keys[0]);

// What is chosen takes the place of letters; arrows beside them stay.
export function keysFor(title: string, help: string, usual: readonly string[]): readonly string[] {
  const chosen = keyChoices()[actionOf(title, help)];
  if (chosen === undefined || !canChoose(usual)) return usual;
  return [chosen, ...usual.filter((key) => !isLetterOrCombination(key))];
}

export type ListedKeys = { title: string; help: string; keys: readonly string[] };

// Why the action cannot have this key, among those that are listed; null: it can.
export function whyNotKey(action: string, key: string, listed: readonly ListedKeys[]): string | null {
  if (!isLetterOrCombination(key)) return `${key} belongs to what has the focus; choose a letter, a digit or a sign`;
  const others = listed.filter(({ title, help }) => actionOf(title, help) !== action);
  const same = others.find(({ keys }) => keys.includes(key));
  if (same) return `${key} is the key for: ${same.help}`;
  const begun = others.find(({ keys }) => keys.some((other) => other.startsWith(`${key} `)));
  return begun ? `${key} begins the keys for: ${begun.help}` : null;
}
