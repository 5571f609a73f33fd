import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { recentTracesQuery } from '../../api/compare_queries';
import { type TraceRow, titleOf } from '../../api/types';
import { formatCount, formatDuration, formatTokenFlow, formatUsd } from '../../base/format';
import { parsePastedTrace } from '../../base/ids';
import { formatAgo, formatInstant } from '../../base/time';
import { Button } from '../../widgets/Button';
import { Loading } from '../../widgets/Notice';
import { type Column, Table } from '../../widgets/Table';
import { TextInput } from '../../widgets/TextInput';
import styles from './compare.module.css';
import { usualSide } from './search';

type PickerProps = { project: string; side: 'A' | 'B'; like: TraceRow | null; onPick: (traceId: string) => void };

// A trace by its id, or one of the latest, of the same name where there is one to compare with.
export function Picker({ project, side, like, onPick }: PickerProps) {
  const hint = useId();
  const [text, setText] = useState('');
  const found = parsePastedTrace(text);
  const isItself = found !== null && found.traceId === like?.trace_id;
  const wrong = text.trim() !== '' && (found === null || isItself);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (found && !isItself) onPick(found.traceId);
  };
  return (
    <>
      <form className={styles.paste} onSubmit={submit}>
        <TextInput
          aria-label={`Trace ${side}: id, traceparent or link`}
          aria-describedby={hint}
          aria-invalid={wrong}
          placeholder="Paste a trace id, traceparent or link"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <Button type="submit" tone="primary" disabled={!found || isItself}>
          Compare
        </Button>
        <p id={hint} role="status" className={styles.wrong}>
          {wrong && (isItself ? 'That is the same trace.' : 'Not a trace id: those have 32 hex digits.')}
        </p>
      </form>
      {like && (
        <p>
          <Button onClick={() => onPick(usualSide)}>Compare with what is usual</Button>
        </p>
      )}
      <Recent project={project} like={like} onPick={onPick} />
    </>
  );
}

type RecentProps = Pick<PickerProps, 'project' | 'like' | 'onPick'>;

function Recent({ project, like, onPick }: RecentProps) {
  const query = useQuery(recentTracesQuery(project, like?.name ?? null));
  const rows = (query.data ?? []).filter((row) => row.trace_id !== like?.trace_id);
  const columns: Column<TraceRow>[] = [
    {
      label: 'Trace',
      cell: (row) => (
        <button type="button" className={styles.pick} onClick={() => onPick(row.trace_id)}>
          {titleOf(row)}
          <span className={styles.spoken}> {row.trace_id}</span>
        </button>
      ),
    },
    {
      label: 'Started',
      cell: (row) => (
        <span className={styles.when} title={formatInstant(row.start_unix_ns)}>
          {formatAgo(row.start_unix_ns, Date.now())}
        </span>
      ),
    },
    { label: 'Duration', number: true, cell: (row) => formatDuration(row.duration_ns) },
    { label: 'Spans', number: true, drop: 'small', cell: (row) => formatCount(row.span_count) },
    {
      label: 'Errors',
      number: true,
      drop: 'small',
      cell: (row) => <span className={row.error_count > 0 ? styles.wrong : ''}>{formatCount(row.error_count)}</span>,
    },
    { label: 'Tokens in → out', number: true, drop: 'wide', cell: (row) => formatTokenFlow(row.tokens) },
    { label: 'Cost', number: true, drop: 'small', cell: (row) => formatUsd(row.cost?.total_usd) },
    { label: 'Input', grows: true, drop: 'wide', cell: (row) => row.input_preview },
  ];
  const title = like ? `Recent traces of the same name` : `Recent traces of ${project}`;
  return (
    <section aria-label={title}>
      <h2 className={styles.subtitle}>{title}</h2>
      {query.error && (
        <p role="alert" className={styles.wrong}>
          Not loaded: {query.error.message} <Button onClick={() => query.refetch()}>Try again</Button>
        </p>
      )}
      {query.isPending && <Loading what="Loading traces" />}
      {query.data && rows.length === 0 && <p className={styles.none}>There is no other one.</p>}
      {rows.length > 0 && <Table label={title} columns={columns} rows={rows} keyOf={(row) => row.trace_id} />}
    </section>
  );
}
