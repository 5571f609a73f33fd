import { useMemo, useRef } from 'react';
import type { Trace } from '../../api/types';
import { usePageTitle } from '../../base/page_title';
import { Splitter } from '../../widgets/Splitter';
import { SpanDetail } from './detail/SpanDetail';
import { buildSpanTree } from './model/span_tree';
import { chooseTab, type TabId } from './model/tabs';
import { TraceSummary } from './TraceSummary';
import styles from './trace.module.css';
import { useSettled } from './useSettled';
import { useTraceKeys } from './useTraceKeys';
import { Waterfall } from './waterfall/Waterfall';
import type { WaterfallView } from './waterfall/waterfall_view';

// Browsers refuse more than about 100 address changes in 30 s; a held key makes 30 a second.
const addressDelayMs = 120;

// What the address says after the question mark.
export type TraceSearch = { span?: string | undefined; tab?: TabId | undefined };

type TraceViewProps = { data: Trace; search: TraceSearch; onSearch: (search: TraceSearch) => void };

export function TraceView({ data, search, onSearch }: TraceViewProps) {
  usePageTitle(data.trace.name);
  const tree = useMemo(() => buildSpanTree(data.spans), [data.spans]);
  const view = useRef<WaterfallView>(null);
  const row = tree.rowOfSpan.get(search.span ?? '') ?? 0;
  const span = tree.spans[row];
  const selectSoon = useSettled((spanId: string) => onSearch({ ...search, span: spanId }), addressDelayMs);
  const tab = span ? chooseTab(span, search.tab) : 'attributes';

  useTraceKeys({ trace: data.trace, span, view, openTab: (chosen) => onSearch({ ...search, tab: chosen }) });

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
          {search.span && !tree.rowOfSpan.has(search.span) && (
            <p role="status" className={styles.missing}>
              Span <code>{search.span}</code> is not in this trace, or still on its way. This is the first span.
            </p>
          )}
          <SpanDetail tree={tree} row={row} tab={tab} onTab={(chosen) => onSearch({ ...search, tab: chosen })} />
        </aside>
      </div>
    </div>
  );
}
