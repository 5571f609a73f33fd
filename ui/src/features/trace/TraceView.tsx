import { useQueryClient } from '@tanstack/react-query';
import { lazy, type RefObject, Suspense, useRef, useState } from 'react';
import { type OpenTrace, spanQuery } from '../../api/trace_queries';
import type { Usual } from '../../api/trace_sql';
import { titleOf } from '../../api/types';
import { usePageTitle } from '../../base/page_title';
import { useSettled } from '../../base/useSettled';
import { DetailPanel, useDrawer } from './DetailPanel';
import { ExportMenu } from './export/ExportMenu';
import { type CriticalPath, nextOnPath } from './model/critical_path';
import { nameOf, type SpanTree } from './model/span_tree';
import type { TabId } from './model/tabs';
import { TraceSummary } from './TraceSummary';
import { type Looking, TraceToolbar, type TraceViewId } from './toolbar/TraceToolbar';
import { type LookingSearch, useLooking } from './toolbar/useLooking';
import styles from './trace.module.css';
import { useNeighbours } from './useNeighbours';
import { isOpen, useSpan, useTree, useUsual, useWaste } from './useTrace';
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
} & LookingSearch;

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
  const usual = useUsual(data.trace, isOpen(tree, row) ? null : nameOf(tree, row));
  const show = (change: TraceSearch) => onSearch({ ...search, ...change });
  const { looking, look } = useLooking(data, tree, search, show);
  const drawer = useDrawer(search.span !== undefined);
  const shown = search.view ?? 'tree';
  const open = (spanId: string) => {
    if (spanId === '') return;
    show({ span: spanId });
    drawer.set(true);
  };
  const setView = (next: TraceViewId) => show({ view: next === 'tree' ? undefined : next });
  const neighbours = useNeighbours(data.trace);
  useTraceKeys({
    trace: data.trace,
    span,
    view,
    openTab: (chosen) => show({ tab: chosen }),
    nextView: () => setView(viewAfter(shown)),
    togglePath: () => setPathShown(!pathShown),
    toggleAuto: () => setAuto(!auto),
    nextOnPath: () => open(tree.idOf(nextOnPath(path, row))),
    neighbours,
    openDetail: () => drawer.set(true),
    closeDetail: drawer.close,
  });
  const live = liveOf(data, tree, growing && (told ? 'told' : 'asked'));
  return (
    <div className={styles.page}>
      <TraceSummary trace={data.trace} live={live} path={path} neighbours={neighbours}>
        <ExportMenu trace={data.trace} tree={tree} selectedRow={row} />
      </TraceSummary>
      <TraceToolbar
        tree={tree}
        row={row}
        view={shown}
        looking={looking}
        waste={waste}
        path={{ shown: pathShown, toggle: () => setPathShown(!pathShown) }}
        auto={{ on: auto, toggle: () => setAuto(!auto) }}
        findBox={findBox}
        onView={setView}
        onLook={look}
        onRow={(next) => open(tree.idOf(next))}
      />
      <div className={styles.columns}>
        <Spans
          data={data}
          tree={tree}
          row={row}
          shown={shown}
          looking={looking}
          path={pathShown ? path : null}
          usual={usual.known}
          auto={auto}
          onAuto={setAuto}
          onMove={(spanId) => show({ span: spanId })}
          onOpen={open}
          view={view}
        />
        <DetailPanel
          drawer={drawer}
          data={data}
          tree={tree}
          path={path}
          usual={usual}
          row={row}
          asked={search}
          onTab={(tab) => show({ tab })}
        />
      </div>
    </div>
  );
}

// A trace that has all it names is followed for a while, and not called live.
const liveOf = ({ trace }: OpenTrace, tree: SpanTree, followed: 'told' | 'asked' | false) =>
  followed && (trace.root_span_id === null || tree.openRows.length > 0) ? followed : null;

type SpansProps = {
  data: OpenTrace;
  tree: SpanTree;
  row: number;
  shown: TraceViewId;
  looking: Looking;
  path: CriticalPath | null;
  usual: Usual | null;
  auto: boolean;
  onAuto: (auto: boolean) => void;
  onMove: (spanId: string) => void;
  onOpen: (spanId: string) => void;
  view: RefObject<WaterfallView | null>;
};

// The spans in the view that was chosen.
function Spans({ data, tree, row, shown, looking, onMove, onOpen, ...tools }: SpansProps) {
  const client = useQueryClient();
  const moveSoon = useSettled(onMove, addressDelayMs);
  const { trace, spans } = data;
  if (shown !== 'tree') {
    return (
      <Suspense fallback={null}>
        <OtherView data={data} tree={tree} row={row} view={shown} marks={looking.marks} onSelect={onOpen} />
      </Suspense>
    );
  }
  return (
    <Waterfall
      tree={tree}
      marks={looking.marks.flags}
      others={looking.others}
      selectedRow={row}
      {...tools}
      onSelect={moveSoon}
      onOpen={onOpen}
      onRest={(spanId) => {
        if (!spans) void client.prefetchQuery(spanQuery(trace.project, trace.trace_id, spanId));
      }}
    />
  );
}

const order: readonly TraceViewId[] = ['tree', 'transcript', 'flame', 'log', 'graph'];
const viewAfter = (view: TraceViewId): TraceViewId => order[(order.indexOf(view) + 1) % order.length] ?? 'tree';
