import { type RefObject, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { Usual } from '../../../api/trace_sql';
import { formatDuration, formatTokens, formatUsd, plural } from '../../../base/format';
import { useKeyOf } from '../../../base/key_choice';
import { Button } from '../../../widgets/Button';
import { Splitter } from '../../../widgets/Splitter';
import { copySpanLink } from '../copy_span';
import type { CriticalPath } from '../model/critical_path';
import type { SpanTree } from '../model/span_tree';
import { type RowRange, sumOf, unionNs } from '../model/sums';
import styles from './waterfall.module.css';
import { WaterfallView } from './waterfall_view';

type WaterfallProps = {
  tree: SpanTree;
  path: CriticalPath | null; // null: not shown
  usual: Usual | null; // of the selected row; null: not known
  marks: Uint8Array | null; // what the reader looks for
  others: 'dimmed' | 'left out';
  selectedRow: number;
  auto: boolean;
  onAuto: (auto: boolean) => void;
  onSelect: (spanId: string) => void;
  onRest: (spanId: string) => void;
  onOpen: (spanId: string) => void; // what is to be read
  view: RefObject<WaterfallView | null>;
};

function part<T extends Element>(root: HTMLElement, name: string): T {
  const found = root.querySelector<T>(`[data-part="${name}"]`);
  if (!found) throw new Error(`the waterfall has no ${name}`);
  return found;
}

type Told = { zoomed: boolean; ranges: readonly RowRange[] | null };

// The view lives outside React: it is made once, and told what changes.
function useView({ tree, path, usual, marks, others, selectedRow, auto, view, ...events }: WaterfallProps) {
  const [told, setTold] = useState<Told>({ zoomed: false, ranges: null });
  const latest = useRef(events);
  useEffect(() => {
    latest.current = events;
  });
  const attach = useCallback(
    (root: HTMLElement) => {
      const made = new WaterfallView(
        {
          scroller: part(root, 'scroller'),
          content: part(root, 'content'),
          bars: part(root, 'bars'),
          ruler: part(root, 'ruler'),
          head: part(root, 'head'),
          lane: part(root, 'lane'),
          overview: part(root, 'overview'),
          range: part(root, 'range'),
          moment: part(root, 'moment'),
          host: root,
        },
        {
          onSelect: (spanId) => latest.current.onSelect(spanId),
          onZoomed: (zoomed) => setTold((before) => ({ ...before, zoomed })),
          onRange: (ranges) => setTold((before) => (before.ranges === ranges ? before : { ...before, ranges })),
          onAuto: (on) => latest.current.onAuto(on),
          onRest: (spanId) => latest.current.onRest(spanId),
          onOpen: (spanId) => latest.current.onOpen(spanId),
          onCopyLink: (spanId) => void copySpanLink(spanId),
        },
      );
      view.current = made;
      return () => {
        made.destroy();
        view.current = null;
      };
    },
    [view],
  );
  useLayoutEffect(() => view.current?.setTree(tree), [tree, view]);
  useEffect(() => view.current?.keepGrowing(tree), [tree, view]);
  useLayoutEffect(() => {
    if (tree.rows > 0) view.current?.setMarks(marks, others);
  }, [tree, marks, others, view]);
  useLayoutEffect(() => view.current?.setPath(path), [path, view]);
  useLayoutEffect(() => view.current?.setUsual(usual), [usual, view]);
  useLayoutEffect(() => view.current?.setAuto(auto), [auto, view]);
  useLayoutEffect(() => {
    if (tree.rows > 0) view.current?.select(selectedRow);
  }, [tree, selectedRow, view]);
  return { attach, told };
}

export function Waterfall(props: WaterfallProps) {
  const { tree, view } = props;
  const { attach, told } = useView(props);
  const wholeKey = useKeyOf('Trace', 'whole trace', '0');
  return (
    <section className={styles.waterfall} ref={attach} aria-label="Waterfall">
      <div className={styles.overview}>
        <canvas data-part="overview" aria-hidden="true" title="Drag to zoom, click to see the whole trace" />
      </div>
      <div className={styles.head} data-part="head">
        <div className={styles.headNames}>
          <span className={styles.range} data-part="range" />
          {told.zoomed && (
            <Button className={styles.fit} onClick={() => view.current?.resetZoom()}>
              Whole trace <kbd>{wholeKey}</kbd>
            </Button>
          )}
          <Splitter
            label="Width of the name column"
            property="--names"
            store="nightjar.names"
            range={{ min: 160, max: 720, initial: 320 }}
            grows="right"
          />
        </div>
        <div className={styles.headLane} data-part="lane">
          <canvas data-part="ruler" aria-hidden="true" />
          <span className={styles.moment} data-part="moment" aria-hidden="true" hidden />
        </div>
      </div>
      <div
        className={styles.scroller}
        data-part="scroller"
        data-main-keys=""
        role="tree"
        aria-label="Spans"
        aria-multiselectable="true"
        tabIndex={0}
      >
        <canvas className={styles.bars} data-part="bars" aria-hidden="true" />
        <div className={styles.content} data-part="content" role="presentation" />
      </div>
      {told.ranges && <RangeSums tree={tree} ranges={told.ranges} onEnd={() => view.current?.endRange()} />}
    </section>
  );
}

type RangeSumsProps = { tree: SpanTree; ranges: readonly RowRange[]; onEnd: () => void };

// What the rows come to that are selected together.
function RangeSums({ tree, ranges, onEnd }: RangeSumsProps) {
  const { spans, tokens, usd, errors } = useMemo(() => sumOf(tree, ranges), [tree, ranges]);
  const ranNs = useMemo(() => unionNs(tree, ranges), [tree, ranges]);
  return (
    <footer className={styles.sums}>
      <p role="status">
        <strong>{plural(spans, 'span')}</strong>
        <span title="the time in which any of them ran, counted once">ran {formatDuration(ranNs)}</span>
        {!Number.isNaN(tokens) && <span>{formatTokens(tokens)} tokens</span>}
        {!Number.isNaN(usd) && <span>{formatUsd(usd)}</span>}
        {errors > 0 && <span className={styles.sumErrors}>{plural(errors, 'error')}</span>}
      </p>
      <Button className={styles.fit} onClick={onEnd}>
        Select one <kbd>Esc</kbd>
      </Button>
    </footer>
  );
}
