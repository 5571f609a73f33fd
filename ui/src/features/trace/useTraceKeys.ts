// The keys of the trace page.
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { RefObject } from 'react';
import { tracesQuery } from '../../api/queries';
import type { Span, TraceRow } from '../../api/types';
import { copyText } from '../../base/clipboard';
import { useKeys } from '../../base/keys';
import { lastTrace } from '../../base/last_trace';
import { announce } from '../../widgets/Announcer';
import { type TabId, tabsOf } from './model/tabs';
import type { WaterfallView } from './waterfall/waterfall_view';

type TraceKeys = {
  trace: TraceRow;
  span: Span | undefined;
  view: RefObject<WaterfallView | null>;
  openTab: (tab: TabId) => void;
};

export function useTraceKeys({ trace, span, view, openTab }: TraceKeys): void {
  const client = useQueryClient();
  const navigate = useNavigate();
  const leave = () => navigate({ to: '/p/$project/traces', params: { project: trace.project } });
  // Along the list the reader came from, as far as it is loaded.
  const toNeighbour = (step: number) => {
    const { project, trace_id } = trace;
    const listed = client.getQueryData(tracesQuery(project).queryKey)?.pages.flatMap((page) => page.data) ?? [];
    const next = listed[listed.findIndex((other) => other.trace_id === trace_id) + step];
    if (!next || !listed.some((other) => other.trace_id === trace_id)) {
      announce('No further trace in the list');
      return;
    }
    lastTrace.set(project, next.trace_id);
    navigate({ to: '/p/$project/traces/$traceId', params: { project, traceId: next.trace_id } });
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
    { keys: ['0'], help: 'whole trace', run: () => view.current?.resetZoom() },
    { keys: ['1', '2', '3', '4', '5', '6', '7', '8', '9'], help: 'open that tab', run: openNumbered },
    { keys: ['['], help: 'newer trace of the list', run: () => toNeighbour(-1) },
    { keys: [']'], help: 'older trace of the list', run: () => toNeighbour(1) },
    { keys: ['y i'], help: 'copy the span id', run: copySpanId },
    { keys: ['Escape'], help: 'undo the zoom, then back to the list', run: () => view.current?.resetZoom() || leave() },
  ]);
}
