import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { type Trace, type TraceRow, titleOf } from '../../api/types';
import {
  explainTokens,
  formatCount,
  formatDuration,
  formatTokenFlow,
  formatUsd,
  plural,
  unknown,
} from '../../base/format';
import { useKeyOf } from '../../base/key_choice';
import { lastList } from '../../base/last_list';
import { searchOf } from '../../base/listing';
import { writtenValue } from '../../base/query_text';
import { formatInstant } from '../../base/time';
import { IconButton } from '../../widgets/Button';
import { CopyButton } from '../../widgets/CopyButton';
import { KindChip } from '../../widgets/KindChip';
import type { CriticalPath } from './model/critical_path';
import styles from './trace.module.css';
import type { Neighbours } from './useNeighbours';

const annotationsMax = 4;

// How it is known what arrives; null: nothing more is expected.
type Live = 'told' | 'asked' | null;
type TraceSummaryProps = {
  trace: Trace['trace'];
  live: Live;
  path: CriticalPath;
  neighbours: Neighbours;
  children: ReactNode;
};

export function TraceSummary({ trace, live, path, neighbours, children }: TraceSummaryProps) {
  const { tokens, models } = trace;
  const list = lastList.get(trace.project);
  return (
    <header className={styles.summary}>
      <div className={styles.identity}>
        <Link
          to="/p/$project/traces"
          params={{ project: trace.project }}
          search={list ? searchOf(list.listing) : {}}
          className={styles.crumb}
        >
          Traces
        </Link>
        <span className={styles.crumb}>/</span>
        <KindChip kind={trace.kind} />
        <h1 className={styles.name} title={trace.name}>
          {titleOf(trace)}
        </h1>
        <Status trace={trace} live={live} />
        <code className={styles.traceId}>{trace.trace_id}</code>
        <CopyButton text={trace.trace_id} label="Copy the trace id" />
        <CopyButton text={() => location.href} label="Copy a link to this view" icon="link" />
        <Place neighbours={neighbours} />
        <Link
          to="/p/$project/compare"
          params={{ project: trace.project }}
          search={{ a: trace.trace_id }}
          className={styles.compare}
        >
          Compare with…
        </Link>
        {children}
      </div>
      <dl className={styles.figures}>
        <Figure label="Duration" value={formatDuration(trace.duration_ns)} title={`${trace.duration_ns} ns`} />
        <Figure
          label="Critical path"
          value={formatDuration(path.lengthNs)}
          title="how much of the time a span was at work that the end of the trace waited for"
        />
        <Figure label="Spans" value={formatCount(trace.span_count)} />
        <Figure label="Errors" value={formatCount(trace.error_count)} alarming={trace.error_count > 0} />
        <Figure label="Tokens in → out" value={formatTokenFlow(tokens)} title={explainTokens(tokens)} />
        <Figure
          label="Cost"
          value={formatUsd(trace.cost?.total_usd)}
          title={trace.cost ? `$${trace.cost.total_usd}` : 'no span has a known price'}
        />
        {trace.unpriced_calls > 0 && (
          <Figure
            label="Not priced"
            value={plural(trace.unpriced_calls, 'call')}
            title="their cost is unknown and not in the sum"
          />
        )}
        <Figure wide text label="Service" value={trace.service_name ?? unknown} />
        {models.length > 0 && (
          <Figure wide text="list" label={models.length === 1 ? 'Model' : 'Models'} value={models.join(', ')} />
        )}
        {trace.session_id && (
          <Figure text label="Session" value={trace.session_id}>
            <Link to="/p/$project/sessions/$sessionId" params={{ project: trace.project, sessionId: trace.session_id }}>
              {trace.session_id}
            </Link>
          </Figure>
        )}
        {trace.user_id && (
          <Figure wide text label="User" value={trace.user_id}>
            <Link
              to="/p/$project/traces"
              params={{ project: trace.project }}
              search={{ q: `user:${writtenValue(trace.user_id)}` }}
            >
              {trace.user_id}
            </Link>
          </Figure>
        )}
        {(trace.annotations ?? []).slice(0, annotationsMax).map(({ name, label, score, explanation }, index) => (
          <Figure
            key={index}
            text
            label={name ?? 'Annotation'}
            value={label ?? (score === null ? unknown : String(score))}
            title={[name, label, score, explanation].filter((part) => part !== null).join(', ')}
          />
        ))}
        <Figure
          wide
          text
          label="Started"
          value={formatInstant(trace.start_unix_ns).replace(/\.\d{9}/, '')}
          title={formatInstant(trace.start_unix_ns)}
        />
      </dl>
    </header>
  );
}

// Where the trace stands in the list that it was opened from.
function Place({ neighbours: { place, go } }: { neighbours: Neighbours }) {
  const newer = useKeyOf('Trace', 'newer trace of the list', '[');
  const older = useKeyOf('Trace', 'older trace of the list', ']');
  if (!place) return null;
  return (
    <span className={styles.place}>
      {formatCount(place.at)} of {formatCount(place.count)}
      {place.more && '+'}
      <IconButton icon="up" label={`Newer trace of the list (${newer})`} onClick={() => go(-1)} />
      <IconButton icon="down" label={`Older trace of the list (${older})`} onClick={() => go(1)} />
    </span>
  );
}

function Status({ trace, live }: { trace: TraceRow; live: Live }) {
  const failed = trace.status === 'ERROR';
  return (
    <>
      {trace.status !== 'UNSET' && <span className={failed ? styles.failed : styles.fine}>{trace.status}</span>}
      {live && (
        <span
          className={styles.live}
          title={`Spans of it came lately; further ones are ${live === 'told' ? 'shown as they arrive' : 'asked for'}`}
        >
          live
        </span>
      )}
    </>
  );
}

type FigureProps = {
  label: string;
  value: string;
  title?: string;
  alarming?: boolean;
  wide?: boolean; // left out where there is little room
  text?: boolean | 'list'; // may be cut
  children?: ReactNode;
};

function Figure({ label, value, title, alarming = false, wide = false, text = false, children }: FigureProps) {
  const shape = `${wide ? styles.wide : ''} ${text ? styles.text : ''} ${text === 'list' ? styles.list : ''}`;
  return (
    <div className={`${styles.figure} ${shape}`} title={title ?? value}>
      <dt>{label}</dt>
      <dd className={alarming ? styles.alarming : undefined}>{children ?? value}</dd>
    </div>
  );
}
