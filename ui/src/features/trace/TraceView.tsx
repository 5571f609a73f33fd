import { useQuery, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useMemo, useRef, useState } from 'react';
import { conversationQuery } from '../../api/insight_queries';
import { type OpenTrace, repeatedQuery, spanQuery } from '../../api/trace_queries';
import { titleOf } from '../../api/types';
import { usePageTitle } from '../../base/page_title';
import { useSettled } from '../../base/useSettled';
import { Splitter } from '../../widgets/Splitter';
import { OpenSpan, SpanDetail, SpanOnItsWay } from './detail/SpanDetail';
import { ExportMenu } from './export/ExportMenu';
import { type CriticalPath, criticalPath, nextOnPath } from './model/critical_path';
import { buildSpanTree, flagOpen, type SpanTree, treeOfColumns } from './model/span_tree';
import { chooseTab, type TabId } from './model/tabs';
import { decodeColumns } from './model/trace_columns';
import { wasteOf } from './model/waste';
import { TraceSummary } from './TraceSummary';
import { type FoundWaste, TraceToolbar, type TraceViewId } from './toolbar/TraceToolbar';
import styles from './trace.module.css';
import { useNeighbours } from './useNeighbours';
import { useTraceKeys } from './useTraceKeys';
import { Waterfall } from './waterfall/Waterfall';
import type { WaterfallView } from './waterfall/waterfall_view';

const OtherView = lazy(() => import('./OtherView'));

// Browsers refuse more than about 100 address changes in 30 s; a held key makes 30 a second.
const addressDelayMs = 120;

// What the address says after the question mark.
export type TraceSearch = {
  span?: string | undefined;
  tab?: TabId | undefined;
  view?: Exclude<TraceViewId, 'tree'> | undefined;
  find?: string | undefined;
};

type TraceViewProps = {
  data: OpenTrace;
  growing: boolean;
  told: boolean; // by the server, of what arrives
  search: TraceSearch;
  onSearch: (search: TraceSearch) => void;
};

export function TraceView({ data, growing, told, search, onSearch }: TraceViewProps) {
  usePageTitle(titleOf(data.trace));
  const { tree, path } = useTree(data, growing);
  const waste = useWaste(data, tree);
  const [pathShown, setPathShown] = useState(false);
  const [auto, setAuto] = useState(false);
  const view = useRef<WaterfallView>(null);
  const findBox = useRef<HTMLInputElement>(null);
  const row = tree.rowOfSpan.get(search.span ?? '') ?? 0;
  const { span } = useSpan(data, tree, row);
  const show = (change: TraceSearch) => onSearch({ ...search, ...change });
  const selectSoon = useSettled((spanId: string) => show({ span: spanId }), addressDelayMs);
  const findSoon = useSettled((words: string) => show({ find: words || undefined }), addressDelayMs);
  const shown = search.view ?? 'tree';
  const selectRow = (next: number) => {
    const id = tree.idOf(next);
    if (id !== '') show({ span: id });
  };
  const setView = (next: TraceViewId) => show({ view: next === 'tree' ? undefined : next });

  const client = useQueryClient();
  const neighbours = useNeighbours(data.trace);

  useTraceKeys({
    trace: data.trace,
    span,
    view,
    openTab: (chosen) => show({ tab: chosen }),
    nextView: () => setView(viewAfter(shown)),
    togglePath: () => setPathShown(!pathShown),
    toggleAuto: () => setAuto(!auto),
    nextOnPath: () => selectRow(nextOnPath(path, row)),
    neighbours,
  });

  return (
    <div className={styles.page}>
      <TraceSummary
        trace={data.trace}
        live={growing ? (told ? 'told' : 'asked') : null}
        path={path}
        neighbours={neighbours}
      >
        <ExportMenu trace={data.trace} tree={tree} />
      </TraceSummary>
      <TraceToolbar
        trace={data}
        tree={tree}
        row={row}
        view={shown}
        words={search.find ?? ''}
        waste={waste}
        path={{ shown: pathShown, toggle: () => setPathShown(!pathShown) }}
        auto={{ on: auto, toggle: () => setAuto(!auto) }}
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
            selectedSpanId={tree.idOf(row)}
            auto={auto}
            onAuto={setAuto}
            onSelect={selectSoon}
            onRest={(spanId) => {
              if (!data.spans) void client.prefetchQuery(spanQuery(data.trace.project, data.trace.trace_id, spanId));
            }}
            view={view}
          />
        ) : (
          <Suspense fallback={null}>
            <OtherView data={data} tree={tree} row={row} view={shown} onSelect={(spanId) => show({ span: spanId })} />
          </Suspense>
        )}
        <DetailPanel data={data} tree={tree} path={path} row={row} search={search} onTab={(tab) => show({ tab })} />
      </div>
    </div>
  );
}

type DetailPanelProps = {
  data: OpenTrace;
  tree: SpanTree;
  path: CriticalPath;
  row: number;
  search: TraceSearch;
  onTab: (tab: TabId) => void;
};

function DetailPanel({ data, tree, path, row, search, onTab }: DetailPanelProps) {
  const { span, asked } = useSpan(data, tree, row);
  const tab = span ? chooseTab(span, search.tab) : 'attributes';
  return (
    <aside className={styles.detail} aria-label="Selected span">
      <Splitter
        label="Width of the detail panel"
        property="--detail"
        store="nightjar.detail"
        range={{ min: 320, max: 1200, initial: 480 }}
        grows="left"
      />
      <MissingSpan spanId={search.span} tree={tree} />
      {isOpen(tree, row) ? (
        <OpenSpan tree={tree} row={row} />
      ) : span ? (
        <SpanDetail tree={tree} path={path} row={row} span={span} tab={tab} onTab={onTab} />
      ) : (
        <SpanOnItsWay tree={tree} row={row} failure={asked.error} retry={() => asked.refetch()} />
      )}
    </aside>
  );
}

const isOpen = (tree: SpanTree, row: number): boolean => ((tree.flags[row] ?? 0) & flagOpen) !== 0;

// Of a large trace each span is asked for when it is selected.
function useSpan({ trace, spans }: OpenTrace, tree: SpanTree, row: number) {
  const asked = useQuery({
    ...spanQuery(trace.project, trace.trace_id, tree.idOf(row)),
    enabled: spans === null && !isOpen(tree, row),
  });
  return { span: tree.spans[row] ?? (spans === null && !isOpen(tree, row) ? asked.data : undefined), asked };
}

// What is made of the trace, once.
function useTree({ spans, columns }: OpenTrace, growing: boolean) {
  const tree = useMemo(() => {
    const growth = growing ? 'grows' : 'ended';
    return columns ? treeOfColumns(decodeColumns(columns), growth) : buildSpanTree(spans ?? [], growth);
  }, [spans, columns, growing]);
  const path = useMemo(() => criticalPath(tree), [tree]);
  return { tree, path };
}

// Of a large trace it costs the server seconds to find what was done in vain: somebody has to want it.
function useWaste({ trace, spans }: OpenTrace, tree: SpanTree): FoundWaste {
  const [wanted, setWanted] = useState(false);
  const enabled = spans !== null || wanted;
  const conversation = useQuery({
    ...conversationQuery(trace.project, { session: trace.session_id, trace: trace.trace_id }),
    enabled,
  });
  const repeated = useQuery({ ...repeatedQuery(trace.project, trace.trace_id, trace.span_count), enabled });
  const found = useMemo(
    () => wasteOf(tree, conversation.data, repeated.data),
    [tree, conversation.data, repeated.data],
  );
  const failure = conversation.error ?? repeated.error;
  const state = !enabled
    ? 'not looked for'
    : failure
      ? 'failed'
      : repeated.data && conversation.data
        ? 'done'
        : 'looking';
  return {
    found,
    state: spans === null || state === 'failed' ? state : 'done',
    failure,
    complete: conversation.data?.complete ?? true,
    look: () => {
      setWanted(true);
      if (conversation.error) void conversation.refetch();
      if (repeated.error) void repeated.refetch();
    },
  };
}

const order: readonly TraceViewId[] = ['tree', 'transcript', 'flame', 'log', 'graph'];
const viewAfter = (view: TraceViewId): TraceViewId => order[(order.indexOf(view) + 1) % order.length] ?? 'tree';

function MissingSpan({ spanId, tree }: { spanId: string | undefined; tree: SpanTree }) {
  if (!spanId || tree.rowOfSpan.has(spanId)) return null;
  return (
    <p role="status" className={styles.missing}>
      Span <code>{spanId}</code> is not in this trace, or still on its way. This is the first span.
    </p>
  );
}
