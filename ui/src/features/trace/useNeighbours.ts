// The traces before and after this one in the list that the reader came from, as far as it is loaded.
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { listQuery } from '../../api/list_queries';
import { rowIdOf, type TraceRow } from '../../api/types';
import { lastList } from '../../base/last_list';
import { announce } from '../../widgets/Announcer';

export type Neighbours = {
  place: { at: number; count: number; more: boolean } | null; // null: it is in no list; `at` from 1
  go: (step: 1 | -1) => void;
};

export function useNeighbours({ project, trace_id: traceId }: TraceRow): Neighbours {
  const client = useQueryClient();
  const navigate = useNavigate();
  const list = lastList.get(project);
  const loaded = list && client.getQueryData(listQuery(project, list.listing).queryKey)?.pages;
  const rows = loaded?.flatMap((page) => page.data) ?? [];
  let at = rows.findIndex((row) => rowIdOf(row) === list?.rowId);
  if (rows[at]?.trace_id !== traceId) at = rows.findIndex((row) => row.trace_id === traceId);
  // From trace to trace, also in a list of spans.
  const go = (step: 1 | -1) => {
    let to = at;
    while (to >= 0 && rows[to]?.trace_id === traceId) to += step;
    const next = rows[to];
    if (!list || !next) {
      announce('No further trace in the list');
      return;
    }
    lastList.set(project, { ...list, rowId: rowIdOf(next) });
    navigate({
      to: '/p/$project/traces/$traceId',
      params: { project, traceId: next.trace_id },
      search: 'span_id' in next ? { span: next.span_id } : {},
    });
  };
  const more = loaded?.at(-1)?.next_cursor != null;
  return { place: at < 0 ? null : { at: at + 1, count: rows.length, more }, go };
}
