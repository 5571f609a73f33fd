import { type RefObject, useRef, useState } from 'react';
import type { OpenTrace } from '../../api/trace_queries';
import { IconButton } from '../../widgets/Button';
import { Splitter } from '../../widgets/Splitter';
import { OpenSpan, SpanDetail, SpanOnItsWay } from './detail/SpanDetail';
import type { CriticalPath } from './model/critical_path';
import type { SpanTree } from './model/span_tree';
import { chooseTab, type TabId } from './model/tabs';
import styles from './trace.module.css';
import { isOpen, type KnownUsual, useSpan } from './useTrace';

// In a window of middle width, which the style sheet knows, the detail is a drawer; it opens when a span is chosen.
type Drawer = {
  panel: RefObject<HTMLElement | null>;
  open: boolean;
  set: (open: boolean) => void;
  close: () => boolean; // whether there was one to be closed
};

export function useDrawer(openAtFirst: boolean): Drawer {
  const [open, set] = useState(openAtFirst);
  const panel = useRef<HTMLElement>(null);
  const close = () => {
    const isDrawer = panel.current !== null && getComputedStyle(panel.current).position === 'absolute';
    if (open && isDrawer) set(false);
    return open && isDrawer;
  };
  return { panel, open, set, close };
}

type DetailPanelProps = {
  drawer: Drawer;
  data: OpenTrace;
  tree: SpanTree;
  path: CriticalPath;
  usual: KnownUsual;
  row: number;
  asked: { span?: string | undefined; tab?: TabId | undefined }; // by the address
  onTab: (tab: TabId) => void;
};

export function DetailPanel({ drawer, data, tree, path, usual, row, asked: wanted, onTab }: DetailPanelProps) {
  const { span, asked } = useSpan(data, tree, row);
  const tab = span ? chooseTab(span, wanted.tab) : 'attributes';
  return (
    <aside
      ref={drawer.panel}
      className={`${styles.detail} ${drawer.open ? '' : styles.closed}`}
      aria-label="Selected span"
    >
      <IconButton
        icon={drawer.open ? 'cross' : 'right'}
        label={drawer.open ? 'Close the detail' : 'Open the detail'}
        className={styles.drawerButton}
        onClick={() => drawer.set(!drawer.open)}
      />
      <Splitter
        label="Width of the detail panel"
        property="--detail"
        store="nightjar.detail"
        range={{ min: 320, max: 1200, initial: 480 }}
        grows="left"
      />
      <MissingSpan spanId={wanted.span} tree={tree} />
      {isOpen(tree, row) ? (
        <OpenSpan tree={tree} row={row} />
      ) : span ? (
        <SpanDetail tree={tree} path={path} usual={usual} row={row} span={span} tab={tab} onTab={onTab} />
      ) : (
        <SpanOnItsWay tree={tree} row={row} failure={asked.error} retry={() => asked.refetch()} />
      )}
    </aside>
  );
}

function MissingSpan({ spanId, tree }: { spanId: string | undefined; tree: SpanTree }) {
  if (!spanId || tree.rowOfSpan.has(spanId)) return null;
  return (
    <p role="status" className={styles.missing}>
      Span <code>{spanId}</code> is not in this trace, or still on its way. This is the first span.
    </p>
  );
}
