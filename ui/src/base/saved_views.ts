// Lists that a reader has named, by project; kept in this browser.
import { useSyncExternalStore } from 'react';
import type { ListSearch } from './listing';

export type SavedView = { name: string; search: ListSearch };

const key = (project: string): string => `nightjar.views.${project}`;
const viewsMax = 50;
const none: readonly SavedView[] = [];
const listeners = new Set<() => void>();
const read = new Map<string, { text: string; views: readonly SavedView[] }>();

const isView = (value: unknown): value is SavedView =>
  typeof value === 'object' && value !== null && 'name' in value && typeof value.name === 'string' && 'search' in value;

export function savedViews(project: string): readonly SavedView[] {
  const text = localStorage.getItem(key(project));
  if (text === null) return none;
  const known = read.get(project);
  if (known?.text === text) return known.views;
  let views: readonly SavedView[] = none;
  try {
    const stored: unknown = JSON.parse(text);
    if (Array.isArray(stored)) views = stored.filter(isView);
  } catch {
    // What something else has written there is no list of views.
  }
  read.set(project, { text, views });
  return views;
}

function store(project: string, views: readonly SavedView[]): void {
  localStorage.setItem(key(project), JSON.stringify(views));
  for (const listener of listeners) listener();
}

// One of the same name is replaced.
export function saveView(project: string, view: SavedView): void {
  const others = savedViews(project).filter((other) => other.name !== view.name);
  store(project, [view, ...others].slice(0, viewsMax));
}

export function forgetView(project: string, name: string): void {
  store(
    project,
    savedViews(project).filter((view) => view.name !== name),
  );
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useSavedViews = (project: string): readonly SavedView[] =>
  useSyncExternalStore(subscribe, () => savedViews(project));
