import { expect, it } from 'vitest';
import type { ListRow, Page, TraceRow } from '../../api/types';
import { newRows, shownRows, takeNewest } from './merge_rows';

const row = (trace_id: string, span_count = 1): TraceRow => ({
  trace_id,
  project: 'default',
  name: trace_id,
  title: null,
  kind: 'AGENT',
  service_name: null,
  session_id: null,
  user_id: null,
  start_unix_ns: '1',
  end_unix_ns: '2',
  duration_ns: 1,
  span_count,
  error_count: 0,
  status: 'UNSET',
  tokens: null,
  cost: null,
  unpriced_calls: 0,
  models: [],
  input_preview: null,
  output_preview: null,
  root_span_id: null,
});
const page = (ids: string, next_cursor: string | null = null): Page<TraceRow> => ({
  data: [...ids].map((id) => row(id)),
  next_cursor,
  pending_requests: 0,
});
const names = (rows: readonly ListRow[]): string => rows.map((r) => r.trace_id).join('');

it('updates rows in place and adds none', () => {
  const rows = shownRows([page('dc', 'x'), page('cba')], {
    data: [row('e'), row('d', 7)],
    next_cursor: 'x',
    pending_requests: 0,
  });
  expect(names(rows)).toBe('dcba');
  expect(rows[0]).toEqual(row('d', 7));
});

it('counts what is new', () => {
  expect(newRows([page('ba')], page('dcba'))).toEqual({ count: 2, orMore: false });
  expect(newRows([page('ba')], page('dc', 'more'))).toEqual({ count: 2, orMore: true });
  expect(newRows([page('ba')], undefined)).toEqual({ count: 0, orMore: false });
});

it('puts new rows on top and keeps the pages below', () => {
  const loaded = { pages: [page('dc', 'c1'), page('ba')], pageParams: [null, 'c1'] };
  const merged = takeNewest(loaded, page('fed', 'z'));
  expect(merged.pages.map((p) => names(p.data))).toEqual(['fedc', 'ba']);
  expect(merged.pageParams).toEqual([null, 'c1']);
});

it('starts over when the newest rows do not reach the loaded ones', () => {
  const merged = takeNewest({ pages: [page('ba')], pageParams: [null] }, page('zyx', 'more'));
  expect(merged).toEqual({ pages: [page('zyx', 'more')], pageParams: [null] });
});
