// The list on screen is what was loaded; the newest page, asked for every two seconds, updates rows in place and says
// what is new. Only the reader's click puts new rows in, so nothing moves under the eye.
import { type ListRow, type Page, rowIdOf } from '../../api/types';

export type LoadedPages = { pages: Page<ListRow>[]; pageParams: unknown[] };

// Rows of all pages, once each, as the newest page has them where it does.
export function shownRows(pages: readonly Page<ListRow>[], newest: Page<ListRow> | undefined): ListRow[] {
  const fresh = new Map(newest?.data.map((row) => [rowIdOf(row), row]));
  const seen = new Set<string>();
  const rows: ListRow[] = [];
  for (const row of pages.flatMap((page) => page.data)) {
    const id = rowIdOf(row);
    if (seen.has(id)) continue;
    seen.add(id);
    rows.push(fresh.get(id) ?? row);
  }
  return rows;
}

export type NewRows = { count: number; orMore: boolean };

export function newRows(pages: readonly Page<ListRow>[], newest: Page<ListRow> | undefined): NewRows {
  const known = new Set(pages.flatMap((page) => page.data.map(rowIdOf)));
  const count = newest?.data.filter((row) => !known.has(rowIdOf(row))).length ?? 0;
  return { count, orMore: count > 0 && count === newest?.data.length && newest.next_cursor !== null };
}

// Puts the newest rows on top. When they do not reach down to what was loaded, the list starts over from them.
export function takeNewest(loaded: LoadedPages, newest: Page<ListRow>): LoadedPages {
  const known = new Set(loaded.pages.flatMap((page) => page.data.map(rowIdOf)));
  const fresh = newest.data.filter((row) => !known.has(rowIdOf(row)));
  const [first, ...others] = loaded.pages;
  if (!first || fresh.length === newest.data.length) return { pages: [newest], pageParams: [null] };
  return { ...loaded, pages: [{ ...first, data: [...fresh, ...first.data] }, ...others] };
}
