// The list on screen is what was loaded; the newest page, asked for every two seconds, updates rows in place and says
// what is new. Only the reader's click puts new rows in, so nothing moves under the eye.
import type { Page, TraceRow } from '../../api/types';

export type LoadedPages = { pages: Page<TraceRow>[]; pageParams: unknown[] };

// Rows of all pages, once each, as the newest page has them where it does.
export function shownRows(pages: readonly Page<TraceRow>[], newest: Page<TraceRow> | undefined): TraceRow[] {
  const fresh = new Map(newest?.data.map((row) => [row.trace_id, row]));
  const seen = new Set<string>();
  const rows: TraceRow[] = [];
  for (const row of pages.flatMap((page) => page.data)) {
    if (seen.has(row.trace_id)) continue;
    seen.add(row.trace_id);
    rows.push(fresh.get(row.trace_id) ?? row);
  }
  return rows;
}

export type NewRows = { count: number; orMore: boolean };

export function newRows(pages: readonly Page<TraceRow>[], newest: Page<TraceRow> | undefined): NewRows {
  const known = new Set(pages.flatMap((page) => page.data.map((row) => row.trace_id)));
  const count = newest?.data.filter((row) => !known.has(row.trace_id)).length ?? 0;
  return { count, orMore: count > 0 && count === newest?.data.length && newest.next_cursor !== null };
}

// Puts the newest rows on top. When they do not reach down to what was loaded, the list starts over from them.
export function takeNewest(loaded: LoadedPages, newest: Page<TraceRow>): LoadedPages {
  const known = new Set(loaded.pages.flatMap((page) => page.data.map((row) => row.trace_id)));
  const fresh = newest.data.filter((row) => !known.has(row.trace_id));
  const [first, ...others] = loaded.pages;
  if (!first || fresh.length === newest.data.length) return { pages: [newest], pageParams: [null] };
  return { ...loaded, pages: [{ ...first, data: [...fresh, ...first.data] }, ...others] };
}
