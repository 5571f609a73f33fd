import { useQuery } from '@tanstack/react-query';
import { useMemo, useRef, useState } from 'react';
import { conversationQuery } from '../../api/insight_queries';
import type { Trace } from '../../api/types';
import { usePageTitle } from '../../base/page_title';
import { useSettled } from '../../base/useSettled';
import { Transcript } from '../../panels/transcript/Transcript';
import { Splitter } from '../../widgets/Splitter';
import { SpanDetail } from './detail/SpanDetail';
import { Flame } from './flame/Flame';
import { Log } from './log/Log';
import { criticalPath, nextOnPath } from './model/critical_path';
import { buildSpanTree, type SpanTree } from './model/span_tree';
import { chooseTab, type TabId } from './model/tabs';
import { wasteOf } from './model/waste';
import { TraceSummary } from './TraceSummary';
import { TraceToolbar, type TraceViewId } from './toolbar/TraceToolbar';
import styles from './trace.module.css';
import { useTraceKeys } from './useTraceKeys';
import { Waterfall } from './waterfall/Waterfall';
import type { WaterfallView } from './waterfall/waterfall_view';

// Browsers refuse more than about 100 address changes in 30 s; a held key makes 30 a second.
const addressDelayMs = 120;

// What the address says after the question mark.
export type TraceSearch = {
  span?: string | undefined;
  tab?: TabId | undefined;
  view?: Exclude<TraceViewId, 'tree'> | undefined;
  find?: string | undefined;
};

type TraceViewProps = { data: Trace; search: TraceSearch; onSearch: (search: TraceSearch) => void };

export function TraceView({ data, search, onSearch }: TraceViewProps) {
  usePageTitle(data.trace.name);
  const { project, trace_id: trace, session_id: session } = data.trace;
  const tree = useMemo(() => buildSpanTree(data.spans), [data.spans]);
  const path = useMemo(() => criticalPath(tree), [tree]);
  const conversation = useQuery(conversationQuery(project, { session, trace })).data;
  const waste = useMemo(() => wasteOf(tree, conversation), [tree, conversation]);
  const [pathShown, setPathShown] = useState(false);
  const view = useRef<WaterfallView>(null);
  const findBox = useRef<HTMLInputElement>(null);
  const row = tree.rowOfSpan.get(search.span ?? '') ?? 0;
  const span = tree.spans[row];
  const show = (change: TraceSearch) => onSearch({ ...search, ...change });
  const selectSoon = useSettled((spanId: string) => show({ span: spanId }), addressDelayMs);
  const findSoon = useSettled((words: string) => show({ find: words || undefined }), addressDelayMs);
  const tab = span ? chooseTab(span, search.tab) : 'attributes';
  const shown = search.view ?? 'tree';
  const selectRow = (next: number) => {
    const id = tree.spans[next]?.span_id;
    if (id !== undefined) show({ span: id });
  };
  const setView = (next: TraceViewId) => show({ view: next === 'tree' ? undefined : next });

  useTraceKeys({
    trace: data.trace,
    span,
    view,
    openTab: (chosen) => show({ tab: chosen }),
    nextView: () => setView(viewAfter(shown)),
    togglePath: () => setPathShown(!pathShown),
    nextOnPath: () => selectRow(nextOnPath(path, row)),
  });

  return (
    <div className={styles.page}>
      <TraceSummary trace={data.trace} />
      <TraceToolbar
        tree={tree}
        row={row}
        view={shown}
        words={search.find ?? ''}
        waste={waste}
        path={{ shown: pathShown, toggle: () => setPathShown(!pathShown) }}
        findBox={findBox}
        onView={setView}
        onFind={findSoon}
        onRow={selectRow}
      />
      <div className={styles.columns}>
        {shown === 'tree' ? (
          <Waterfall
            tree={tree}
            path={pathShown ? path : null}
            selectedSpanId={span?.span_id ?? ''}
            onSelect={selectSoon}
            view={view}
          />
        ) : (
          <OtherView data={data} tree={tree} row={row} view={shown} onSelect={(spanId) => show({ span: spanId })} />
        )}
        <aside className={styles.detail} aria-label="Selected span">
          <Splitter
            label="Width of the detail panel"
            property="--detail"
            store="nightjar.detail"
            range={{ min: 320, max: 1200, initial: 480 }}
            grows="left"
          />
          <MissingSpan spanId={search.span} tree={tree} />
          <SpanDetail tree={tree} path={path} row={row} tab={tab} onTab={(chosen) => show({ tab: chosen })} />
        </aside>
      </div>
    </div>
  );
}

type OtherViewProps = {
  data: Trace;
  tree: SpanTree;
  row: number;
  view: TraceViewId;
  onSelect: (spanId: string) => void;
};

function OtherView({ data: { trace, spans }, tree, row, view, onSelect }: OtherViewProps) {
  const { project, trace_id: id, session_id: session } = trace;
  const conversation = useQuery(conversationQuery(project, { session, trace: id }));
  return (
    <div className={styles.other}>
      {view === 'transcript' && !conversation.isPending && (
        <Transcript
          spans={spans}
          conversation={conversation.data}
          selectedSpanId={tree.spans[row]?.span_id ?? ''}
          onSelect={onSelect}
        />
      )}
      {view === 'flame' && <Flame tree={tree} selectedRow={row} onSelect={onSelect} />}
      {view === 'log' && (
        <Log tree={tree} logs={trace.logs} complete={trace.logs_complete} selectedRow={row} onSelect={onSelect} />
      )}
    </div>
  );
}

const order: readonly TraceViewId[] = ['tree', 'transcript', 'flame', 'log'];
const viewAfter = (view: TraceViewId): TraceViewId => order[(order.indexOf(view) + 1) % order.length] ?? 'tree';

function MissingSpan({ spanId, tree }: { spanId: string | undefined; tree: SpanTree }) {
  if (!spanId || tree.rowOfSpan.has(spanId)) return null;
  return (
    <p role="status" className={styles.missing}>
      Span <code>{spanId}</code> is not in this trace, or still on its way. This is the first span.
    </p>
  );
}
