// What takes the place of the waterfall. All show the same selection.
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { conversationQuery } from '../../api/insight_queries';
import type { OpenTrace } from '../../api/trace_queries';
import { Transcript } from '../../panels/transcript/Transcript';
import { Flame } from './flame/Flame';
import { LargeLog } from './large/LargeLog';
import { LargeTranscript } from './large/LargeTranscript';
import { Log } from './log/Log';
import type { Marks } from './model/marks';
import type { SpanTree } from './model/span_tree';
import { SpanTable } from './table/SpanTable';
import type { TraceViewId } from './toolbar/TraceToolbar';
import styles from './trace.module.css';

const Graph = lazy(() => import('./graph/Graph'));

type OtherViewProps = {
  data: OpenTrace;
  tree: SpanTree;
  row: number;
  view: Exclude<TraceViewId, 'tree'>;
  marks: Marks;
  onSelect: (spanId: string) => void;
};

export default function OtherView({ view, ...props }: OtherViewProps) {
  return <div className={styles.other}>{bodyOf(view, props)}</div>;
}

function bodyOf(view: OtherViewProps['view'], { data, tree, row, marks, onSelect }: Omit<OtherViewProps, 'view'>) {
  const { trace, spans } = data;
  if (view === 'flame') return <Flame tree={tree} selectedRow={row} onSelect={onSelect} />;
  if (view === 'table') return <SpanTable tree={tree} marks={marks} selectedRow={row} onSelect={onSelect} />;
  if (view === 'graph') {
    return (
      <Suspense fallback={null}>
        <Graph tree={tree} selectedRow={row} onSelect={onSelect} />
      </Suspense>
    );
  }
  if (view === 'transcript') {
    if (!spans) return <LargeTranscript trace={trace} tree={tree} selectedRow={row} onSelect={onSelect} />;
    return <TranscriptOf trace={trace} spans={spans} selected={tree.idOf(row)} onSelect={onSelect} />;
  }
  if (!spans || !trace.logs_complete)
    return <LargeLog trace={trace} tree={tree} selectedRow={row} onSelect={onSelect} />;
  return <Log tree={tree} logs={trace.logs} selectedRow={row} onSelect={onSelect} />;
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
