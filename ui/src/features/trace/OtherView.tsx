// What takes the place of the waterfall. All show the same selection.
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { conversationQuery } from '../../api/insight_queries';
import { type OpenTrace, wholeSpansMax } from '../../api/trace_queries';
import { formatCount } from '../../base/format';
import { Transcript } from '../../panels/transcript/Transcript';
import { Notice } from '../../widgets/Notice';
import { Flame } from './flame/Flame';
import { Log } from './log/Log';
import type { SpanTree } from './model/span_tree';
import type { TraceViewId } from './toolbar/TraceToolbar';
import styles from './trace.module.css';

const Graph = lazy(() => import('./graph/Graph'));

type OtherViewProps = {
  data: OpenTrace;
  tree: SpanTree;
  row: number;
  view: Exclude<TraceViewId, 'tree'>;
  onSelect: (spanId: string) => void;
};

export function OtherView({ view, ...props }: OtherViewProps) {
  return <div className={styles.other}>{bodyOf(view, props)}</div>;
}

function bodyOf(view: OtherViewProps['view'], { data, tree, row, onSelect }: Omit<OtherViewProps, 'view'>) {
  const { trace, spans } = data;
  if (view === 'flame') return <Flame tree={tree} selectedRow={row} onSelect={onSelect} />;
  if (view === 'graph') {
    return (
      <Suspense fallback={null}>
        <Graph tree={tree} selectedRow={row} onSelect={onSelect} />
      </Suspense>
    );
  }
  if (!spans) return <TooLarge view={view} count={trace.span_count} />;
  if (view === 'transcript')
    return <TranscriptOf trace={trace} spans={spans} selected={tree.idOf(row)} onSelect={onSelect} />;
  return <Log tree={tree} logs={trace.logs} complete={trace.logs_complete} selectedRow={row} onSelect={onSelect} />;
}

function TooLarge({ view, count }: { view: string; count: number }) {
  return (
    <Notice title={`Too large for a ${view}`}>
      <p>
        It would show all that {formatCount(count)} spans say, and does so up to {formatCount(wholeSpansMax)}. Tree,
        flame and graph have every span, and the selected one is shown with all it says.
      </p>
    </Notice>
  );
}

type TranscriptOfProps = {
  trace: OpenTrace['trace'];
  spans: NonNullable<OpenTrace['spans']>;
  selected: string;
  onSelect: (spanId: string) => void;
};

function TranscriptOf({ trace, spans, selected, onSelect }: TranscriptOfProps) {
  const { project, trace_id: id, session_id: session } = trace;
  const conversation = useQuery(conversationQuery(project, { session, trace: id }));
  return (
    !conversation.isPending && (
      <Transcript spans={spans} conversation={conversation.data} selectedSpanId={selected} onSelect={onSelect} />
    )
  );
}
