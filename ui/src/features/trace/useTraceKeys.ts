// The keys of the trace page.
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { RefObject } from 'react';
import { listQuery } from '../../api/list_queries';
import { rowIdOf, type Span, type TraceRow } from '../../api/types';
import { copyText } from '../../base/clipboard';
import { useKeys } from '../../base/keys';
import { lastList } from '../../base/last_list';
import { searchOf } from '../../base/listing';
import { announce } from '../../widgets/Announcer';
import { type TabId, tabsOf } from './model/tabs';
import type { WaterfallView } from './waterfall/waterfall_view';

type TraceKeys = {
  trace: TraceRow;
  span: Span | undefined;
  view: RefObject<WaterfallView | null>;
  openTab: (tab: TabId) => void;
  nextView: () => void;
  togglePath: () => void;
  toggleAuto: () => void;
  nextOnPath: () => void;
};

export function useTraceKeys(keys: TraceKeys): void {
  const { trace, span, view, openTab, nextView, togglePath, toggleAuto, nextOnPath } = keys;
  const client = useQueryClient();
  const navigate = useNavigate();
  const { project, trace_id: traceId } = trace;
  const list = lastList.get(project);
  const leave = () =>
    navigate({ to: '/p/$project/traces', params: { project }, search: list ? searchOf(list.listing) : {} });
  // Along the list the reader came from, as far as it is loaded: from trace to trace, also in a list of spans.
  const toNeighbour = (step: number) => {
    const pages = list && client.getQueryData(listQuery(project, list.listing).queryKey)?.pages;
    const rows = pages?.flatMap((page) => page.data) ?? [];
    let at = rows.findIndex((row) => rowIdOf(row) === list?.rowId);
    if (rows[at]?.trace_id !== traceId) at = rows.findIndex((row) => row.trace_id === traceId);
    while (at >= 0 && rows[at]?.trace_id === traceId) at += step;
    const next = rows[at];
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
  const copySpanId = async () => {
    if (span && (await copyText(span.span_id))) announce(`Copied span id ${span.span_id}`);
  };
  const openNumbered = (event: KeyboardEvent) => {
    const chosen = span && tabsOf(span)[Number(event.key) - 1];
    if (chosen) openTab(chosen.id);
  };
  useKeys('Trace', [
    { keys: ['j', 'ArrowDown'], help: 'next span', run: () => view.current?.move(1) },
    { keys: ['k', 'ArrowUp'], help: 'previous span', run: () => view.current?.move(-1) },
    { keys: ['l', 'ArrowRight'], help: 'unfold, or first child', run: () => view.current?.openOrEnter() },
    { keys: ['h', 'ArrowLeft'], help: 'fold, or parent', run: () => view.current?.closeOrLeave() },
    { keys: ['PageDown'], help: 'a page down', run: () => view.current?.movePage(1) },
    { keys: ['PageUp'], help: 'a page up', run: () => view.current?.movePage(-1) },
    { keys: ['Home'], help: 'first span', run: () => view.current?.moveToEdge('first') },
    { keys: ['End'], help: 'last span', run: () => view.current?.moveToEdge('last') },
    { keys: ['e'], help: 'next error', run: () => view.current?.moveToError(1) },
    { keys: ['E'], help: 'previous error', run: () => view.current?.moveToError(-1) },
    {
      keys: ['Z'],
      help: 'zoom to the span (also double-click, drag, Ctrl+wheel)',
      run: () => view.current?.zoomToSelected(),
    },
    { keys: ['v'], help: 'tree, transcript, flame, log, graph', run: nextView },
    { keys: ['C'], help: 'critical path', run: togglePath },
    { keys: ['A'], help: 'the time axis follows the rows', run: toggleAuto },
    { keys: ['c'], help: 'next span on the critical path', run: nextOnPath },
    { keys: ['0'], help: 'whole trace', run: () => view.current?.resetZoom() },
    { keys: ['1', '2', '3', '4', '5', '6', '7', '8', '9'], help: 'open that tab', run: openNumbered },
    { keys: ['['], help: 'newer trace of the list', run: () => toNeighbour(-1) },
    { keys: [']'], help: 'older trace of the list', run: () => toNeighbour(1) },
    {
      keys: ['D'],
      help: 'compare with another trace',
      run: () => navigate({ to: '/p/$project/compare', params: { project }, search: { a: traceId } }),
    },
    { keys: ['y i'], help: 'copy the span id', run: copySpanId },
    { keys: ['Escape'], help: 'undo the zoom, then back to the list', run: () => view.current?.resetZoom() || leave() },
  ]);
}
