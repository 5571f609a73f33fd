// The theme lives in a cookie so that the server can write it into the first byte of the page: no flash, no inline script.
import { useSyncExternalStore } from 'react';

export type Theme = 'system' | 'light' | 'dark';

export const themes: readonly Theme[] = ['system', 'light', 'dark'];
const listeners = new Set<() => void>();

function currentTheme(): Theme {
  const value = document.documentElement.dataset.theme;
  return value === 'light' || value === 'dark' ? value : 'system';
}

export function setTheme(theme: Theme): void {
  document.documentElement.dataset.theme = theme === 'system' ? '' : theme;
  // The Cookie Store API needs https; Nightjar is served over plain http too.
  const year = 365 * 86_400;
  document.cookie = `nightjar_theme=${theme}; path=/; samesite=lax; max-age=${theme === 'system' ? 0 : year}`;
  for (const listener of listeners) listener();
}

export function cycleTheme(): void {
  setTheme(themes[(themes.indexOf(currentTheme()) + 1) % themes.length] ?? 'system');
}

// Called when the colours on screen change, by choice or by the operating system.
export function onThemeChange(listener: () => void): () => void {
  const system = matchMedia('(prefers-color-scheme: dark)');
  listeners.add(listener);
  system.addEventListener('change', listener);
  return () => {
    listeners.delete(listener);
    system.removeEventListener('change', listener);
  };
}

export const useTheme = (): Theme => useSyncExternalStore(onThemeChange, currentTheme);
