// The keys of the trace page.
import { useNavigate } from '@tanstack/react-router';
import type { RefObject } from 'react';
import type { Span, TraceRow } from '../../api/types';
import { useKeys } from '../../base/keys';
import { lastList } from '../../base/last_list';
import { searchOf } from '../../base/listing';
import { copySpanCurl, copySpanId, copySpanJson, copySpanLink } from './copy_span';
import { type TabId, tabsOf } from './model/tabs';
import type { Neighbours } from './useNeighbours';
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
  neighbours: Neighbours;
  openDetail: () => void;
  closeDetail: () => boolean; // whether there was one to be closed
};

const picking = ({ shiftKey }: KeyboardEvent) => (shiftKey ? 'up to here' : 'alone');

export function useTraceKeys(keys: TraceKeys): void {
  const { trace, span, view, openTab, nextView, togglePath, toggleAuto, nextOnPath, neighbours } = keys;
  const { openDetail, closeDetail } = keys;
  const navigate = useNavigate();
  const { project, trace_id: traceId } = trace;
  const list = lastList.get(project);
  const leave = () =>
    navigate({ to: '/p/$project/traces', params: { project }, search: list ? searchOf(list.listing) : {} });
  const openNumbered = (event: KeyboardEvent) => {
    const chosen = span && tabsOf(span)[Number(event.key) - 1];
    if (chosen) openTab(chosen.id);
  };
  useKeys('Trace', [
    { keys: ['j', 'ArrowDown'], help: 'next span', run: (event) => view.current?.move(1, picking(event)) },
    { keys: ['k', 'ArrowUp'], help: 'previous span', run: (event) => view.current?.move(-1, picking(event)) },
    {
      keys: ['J'],
      help: 'select the next span too (also Shift+click)',
      run: () => view.current?.move(1, 'up to here'),
    },
    { keys: ['K'], help: 'select the previous span too', run: () => view.current?.move(-1, 'up to here') },
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
    { keys: ['['], help: 'newer trace of the list', run: () => neighbours.go(-1) },
    { keys: [']'], help: 'older trace of the list', run: () => neighbours.go(1) },
    {
      keys: ['D'],
      help: 'compare with another trace',
      run: () => navigate({ to: '/p/$project/compare', params: { project }, search: { a: traceId } }),
    },
    { keys: ['y l'], help: 'copy a link to the span (also Alt+click)', run: () => span && copySpanLink(span.span_id) },
    { keys: ['y i'], help: 'copy the span id', run: () => span && copySpanId(span.span_id) },
    { keys: ['y j'], help: 'copy the span as JSON', run: () => span && copySpanJson(span) },
    { keys: ['y c'], help: 'copy a curl command for the span', run: () => span && copySpanCurl(span) },
    { keys: ['w'], place: 'KeyW', help: 'zoom in, where the tree has the focus', run: () => view.current?.zoomBy(0.7) },
    { keys: ['s'], place: 'KeyS', help: 'zoom out, the same', run: () => view.current?.zoomBy(1 / 0.7) },
    { keys: ['a'], place: 'KeyA', help: 'earlier, the same', run: () => view.current?.panBy(-0.2) },
    { keys: ['d'], place: 'KeyD', help: 'later, the same', run: () => view.current?.panBy(0.2) },
    { keys: ['Enter'], help: 'open the detail, where it is a drawer', run: openDetail },
    {
      keys: ['Escape'],
      help: 'end a selection, undo the zoom, then back to the list',
      run: () => view.current?.endRange() || view.current?.resetZoom() || closeDetail() || leave(),
    },
  ]);
}
