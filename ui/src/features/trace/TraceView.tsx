import { useNavigate } from '@tanstack/react-router';
import { useMemo, useRef } from 'react';
import type { Trace } from '../../api/types';
import { copyText } from '../../base/clipboard';
import { type KeyBinding, useKeys } from '../../base/keys';
import { announce } from '../../widgets/Announcer';
import { Splitter } from '../../widgets/Splitter';
import { SpanDetail } from './detail/SpanDetail';
import { buildSpanTree } from './model/span_tree';
import { chooseTab, tabsOf } from './model/tabs';
import type { TraceSearch } from './TracePage';
import { TraceSummary } from './TraceSummary';
import styles from './trace.module.css';
import { useSettled } from './useSettled';
import { Waterfall } from './waterfall/Waterfall';
import type { WaterfallView } from './waterfall/waterfall_view';

// Browsers refuse more than about 100 address changes in 30 s; a held key makes 30 a second.
const addressDelayMs = 120;

type TraceViewProps = { data: Trace; search: TraceSearch; onSearch: (search: TraceSearch) => void };

export function TraceView({ data, search, onSearch }: TraceViewProps) {
  const tree = useMemo(() => buildSpanTree(data.spans), [data.spans]);
  const view = useRef<WaterfallView>(null);
  const row = tree.rowOfSpan.get(search.span ?? '') ?? 0;
  const span = tree.spans[row];
  const navigate = useNavigate();
  const selectSoon = useSettled((spanId: string) => onSearch({ ...search, span: spanId }), addressDelayMs);
  const tab = span ? chooseTab(span, search.tab) : 'attributes';

  const leave = () => navigate({ to: '/p/$project/traces', params: { project: data.trace.project } });
  const copySpanId = async () => {
    if (span && (await copyText(span.span_id))) announce(`Copied span id ${span.span_id}`);
  };
  const openTab = (event: KeyboardEvent) => {
    const chosen = span && tabsOf(span)[Number(event.key) - 1];
    if (chosen) onSearch({ ...search, tab: chosen.id });
  };
  const bindings: KeyBinding[] = [
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
    { keys: ['1', '2', '3', '4', '5', '6', '7', '8', '9'], help: 'open that tab', run: openTab },
    { keys: ['y i'], help: 'copy the span id', run: copySpanId },
    { keys: ['Escape'], help: 'undo the zoom, then back to the list', run: () => view.current?.resetZoom() || leave() },
  ];
  useKeys('Trace', bindings);

  return (
    <div className={styles.page}>
      <TraceSummary trace={data.trace} />
      <div className={styles.columns}>
        <Waterfall tree={tree} selectedSpanId={span?.span_id ?? ''} onSelect={selectSoon} view={view} />
        <aside className={styles.detail} aria-label="Selected span">
          <Splitter
            label="Width of the detail panel"
            property="--detail"
            store="nightjar.detail"
            range={{ min: 320, max: 1200, initial: 480 }}
            grows="left"
          />
          <SpanDetail tree={tree} row={row} tab={tab} onTab={(chosen) => onSearch({ ...search, tab: chosen })} />
        </aside>
      </div>
    </div>
  );
}
