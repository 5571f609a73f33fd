// The log of a trace that is too large to be held whole, or has more log records than come with it. When spans begin and
// fail is known; their events and the log records are read for the stretches of time on screen.
import { useInfiniteQuery } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState } from 'react';
import { stretchEventsQuery, stretchLogsQuery } from '../../../api/trace_queries';
import type { Trace } from '../../../api/types';
import { Button } from '../../../widgets/Button';
import { MomentLine, rowPx } from '../log/Log';
import log from '../log/log.module.css';
import { beginMoment, eventMoment, failMoment, inTime, logMoment } from '../model/moments';
import type { SpanTree } from '../model/span_tree';
import styles from './large.module.css';
import { type Stretch, stretchesOf, stretchOfRow } from './stretches';

// A stretch that is only scrolled past is not asked for.
const restMs = 120;

type LargeLogProps = {
  trace: Trace['trace'];
  tree: SpanTree;
  selectedRow: number;
  onSelect: (spanId: string) => void;
};

export function LargeLog({ trace, tree, selectedRow, onSelect }: LargeLogProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const stretches = useMemo(() => stretchesOf(tree), [tree]);
  const [first] = useState(() => stretchOfRow(tree, stretches, selectedRow));
  const sizeOf = (index: number): number => (stretches[index]?.moments.length ?? 1) * rowPx;
  const virtual = useVirtualizer({
    count: stretches.length,
    getScrollElement: () => scroller.current,
    estimateSize: sizeOf,
    initialOffset: () => stretches.slice(0, first).reduce((sum, _, index) => sum + sizeOf(index), 0),
    overscan: 0,
  });
  return (
    <div ref={scroller} className={log.box} tabIndex={0} role="region" aria-label="Log">
      <div className={log.moments} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start, key }) => {
          const stretch = stretches[index];
          return (
            stretch && (
              <div
                key={key}
                ref={virtual.measureElement}
                data-index={index}
                className={log.place}
                style={{ transform: `translateY(${start}px)` }}
              >
                <StretchView
                  trace={trace}
                  tree={tree}
                  stretch={stretch}
                  selectedRow={selectedRow}
                  onSelect={onSelect}
                />
              </div>
            )
          );
        })}
      </div>
    </div>
  );
}

type StretchViewProps = LargeLogProps & { stretch: Stretch };

function useStretch({ trace, tree, stretch }: Pick<StretchViewProps, 'trace' | 'tree' | 'stretch'>) {
  const [rested, setRested] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setRested(true), restMs);
    return () => clearTimeout(timer);
  }, []);
  const unixNs = (ns: number): bigint => tree.startUnixNs + BigInt(Math.round(ns));
  const asked = {
    from: Number.isFinite(stretch.fromNs) ? unixNs(stretch.fromNs) : 0n,
    to: Number.isFinite(stretch.toNs) ? unixNs(stretch.toNs) : null,
  };
  const { project, trace_id: id } = trace;
  const events = useInfiniteQuery({ ...stretchEventsQuery(project, id, asked), enabled: rested });
  const logs = useInfiniteQuery({ ...stretchLogsQuery(project, id, asked), enabled: rested });
  const moments = useMemo(() => {
    const rowOf = (spanId: string | null): number => tree.rowOfSpan.get(spanId ?? '') ?? -1;
    const known = stretch.moments.map(({ row, fails }) => (fails ? failMoment(tree, row, '') : beginMoment(tree, row)));
    const happened = (events.data?.pages ?? []).flatMap((page) =>
      page.data.map(({ span_id: id, name, time_unix_ns: time, message }) =>
        eventMoment(tree, { name, unixNs: time, message }, rowOf(id)),
      ),
    );
    const said = (logs.data?.pages ?? []).flatMap((page) =>
      page.data.map((record) => logMoment(tree, record, rowOf(record.span_id))),
    );
    return inTime([...known, ...happened, ...said]);
  }, [tree, stretch, events.data, logs.data]);
  return { moments, events, logs };
}

function StretchView({ trace, tree, stretch, selectedRow, onSelect }: StretchViewProps) {
  const { moments, events, logs } = useStretch({ trace, tree, stretch });
  const failure = events.error ?? logs.error;
  const isLoading = !events.data || !logs.data;
  return (
    <>
      {logs.hasNextPage && (
        <div className={log.more}>
          Earlier log records of this stretch are not read yet.
          <Button onClick={() => logs.fetchNextPage()}>Read 1,000 more</Button>
        </div>
      )}
      <ol className={isLoading && !failure ? styles.loading : undefined} aria-busy={isLoading && !failure}>
        {moments.map((moment, index) => (
          <li key={index}>
            <MomentLine tree={tree} moment={moment} selectedRow={selectedRow} onSelect={onSelect} />
          </li>
        ))}
      </ol>
      {failure && (
        <div role="alert" className={log.more}>
          Events and log records of this stretch are not read: {failure.message}.
          <Button
            onClick={() => {
              void events.refetch();
              void logs.refetch();
            }}
          >
            Try again
          </Button>
        </div>
      )}
      {events.hasNextPage && (
        <div className={log.more}>
          Later events of this stretch are not read yet.
          <Button onClick={() => events.fetchNextPage()}>Read 1,000 more</Button>
        </div>
      )}
    </>
  );
}
