import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useKeyOf } from '../../../base/key_choice';
import { Button } from '../../../widgets/Button';
import { Splitter } from '../../../widgets/Splitter';
import { copySpanLink } from '../copy_span';
import type { CriticalPath } from '../model/critical_path';
import type { SpanTree } from '../model/span_tree';
import styles from './waterfall.module.css';
import { WaterfallView } from './waterfall_view';

type WaterfallProps = {
  tree: SpanTree;
  path: CriticalPath | null; // null: not shown
  selectedSpanId: string;
  auto: boolean;
  onAuto: (auto: boolean) => void;
  onSelect: (spanId: string) => void;
  onRest: (spanId: string) => void;
  view: RefObject<WaterfallView | null>;
};

function part<T extends Element>(root: HTMLElement, name: string): T {
  const found = root.querySelector<T>(`[data-part="${name}"]`);
  if (!found) throw new Error(`the waterfall has no ${name}`);
  return found;
}

export function Waterfall({ tree, path, selectedSpanId, auto, onAuto, onSelect, onRest, view }: WaterfallProps) {
  const [zoomed, setZoomed] = useState(false);
  const wholeKey = useKeyOf('Trace', 'whole trace', '0');
  const latest = useRef({ onSelect, onAuto, onRest });
  useEffect(() => {
    latest.current = { onSelect, onAuto, onRest };
  });

  const attach = useCallback(
    (root: HTMLElement) => {
      const scroller = part<HTMLElement>(root, 'scroller');
      const made = new WaterfallView(
        {
          scroller,
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
          onZoomed: setZoomed,
          onAuto: (on) => latest.current.onAuto(on),
          onRest: (spanId) => latest.current.onRest(spanId),
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
  useLayoutEffect(() => view.current?.setPath(path), [path, view]);
  useLayoutEffect(() => view.current?.setAuto(auto), [auto, view]);
  useLayoutEffect(() => view.current?.select(selectedSpanId), [selectedSpanId, view]);

  return (
    <section className={styles.waterfall} ref={attach} aria-label="Waterfall">
      <div className={styles.overview}>
        <canvas data-part="overview" aria-hidden="true" title="Drag to zoom, click to see the whole trace" />
      </div>
      <div className={styles.head} data-part="head">
        <div className={styles.headNames}>
          <span className={styles.range} data-part="range" />
          {zoomed && (
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
        tabIndex={0}
      >
        <canvas className={styles.bars} data-part="bars" aria-hidden="true" />
        <div className={styles.content} data-part="content" role="presentation" />
      </div>
    </section>
  );
}
