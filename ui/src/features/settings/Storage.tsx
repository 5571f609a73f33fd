import { useQuery } from '@tanstack/react-query';
import { operatorStatusQuery } from '../../api/settings_queries';
import type { OperatorStatus } from '../../api/settings_types';
import { formatBytes, formatCount, formatDuration, plural, unknown } from '../../base/format';
import { formatAgo } from '../../base/time';
import { Figures, Section } from '../../widgets/Page';
import { Asked } from './Asked';
import { Facts } from './Facts';
import styles from './settings.module.css';

export function Storage() {
  const query = useQuery(operatorStatusQuery);
  return (
    <Asked query={query} what="the state of the server">
      {(status) => (
        <>
          <Warnings warnings={status.warnings} />
          <Totals status={status} />
          <div className={styles.columns}>
            <Journal status={status} />
            <Engine status={status} />
            <Received status={status} />
            <Rederive status={status} />
          </div>
        </>
      )}
    </Asked>
  );
}

function Warnings({ warnings }: { warnings: readonly string[] }) {
  if (warnings.length === 0) return <p className={styles.fine}>Nothing to look at: the server has no warnings.</p>;
  return (
    <ul className={styles.warnings} aria-label="Warnings">
      {warnings.map((warning) => (
        <li key={warning}>{warning}</li>
      ))}
    </ul>
  );
}

function Totals({ status }: { status: OperatorStatus }) {
  const { journal, ingest, engine } = status;
  return (
    <Figures
      figures={[
        { label: 'Stored', value: formatBytes(status.storage_bytes), title: `${status.storage_bytes} bytes` },
        { label: 'Journal', value: formatBytes(journal.disk_bytes), title: `${journal.disk_bytes} bytes` },
        { label: 'Waiting to be stored', value: plural(journal.pending_requests, 'request') },
        { label: 'Up for', value: formatDuration(status.uptime_s * 1e9) },
        {
          label: 'Last span',
          value: ingest.last_span_unix_ns === null ? unknown : formatAgo(ingest.last_span_unix_ns, Date.now()),
        },
        {
          label: 'Engine restarts',
          value: formatCount(engine.restarts),
          alarming: engine.restarts > 0,
        },
      ]}
    />
  );
}

const journalWords = { ready: 'taking requests', refusing: 'refusing requests', read_only: 'read-only' };

function Journal({ status: { journal, durability } }: { status: OperatorStatus }) {
  return (
    <Section title="Journal" note="What was acknowledged is here first">
      <Facts
        facts={[
          ['State', journalWords[journal.state], journal.state !== 'ready'],
          ['Failure', journal.failure ?? 'none', journal.failure !== null],
          ['Acknowledged after', durability],
          ['Waiting', `${plural(journal.pending_requests, 'request')}, ${formatBytes(journal.pending_bytes)}`],
          ['On disk', formatBytes(journal.disk_bytes)],
          ['Damaged', formatBytes(journal.corrupt_bytes), journal.corrupt_bytes > 0],
          ['Put aside', plural(journal.quarantined_requests, 'request'), journal.quarantined_requests > 0],
        ]}
      />
    </Section>
  );
}

function Engine({ status: { engine } }: { status: OperatorStatus }) {
  return (
    <Section title="Engine" note="Stores and searches; a process of its own">
      <Facts
        facts={[
          ['State', engine.state, engine.state !== 'ready'],
          ['Version', engine.version],
          ['Restarts', formatCount(engine.restarts), engine.restarts > 0],
          ['Last exit', engine.last_exit ?? 'none', engine.last_exit !== null],
          ['Sandbox', engine.sandboxed ? 'on' : 'off', !engine.sandboxed],
        ]}
      />
    </Section>
  );
}

function Received({ status: { ingest } }: { status: OperatorStatus }) {
  return (
    <Section title="Received" note="Since the server started">
      <Facts
        facts={[
          ['Requests', `${formatCount(ingest.requests)}, ${formatBytes(ingest.bytes)}`],
          ['Spans', formatCount(ingest.spans)],
          ['Log records', formatCount(ingest.log_records)],
          ['Data points of metrics', formatCount(ingest.data_points)],
          ['Requests sent twice', formatCount(ingest.repeated_requests)],
          ['Requests refused', formatCount(ingest.refused_requests), ingest.refused_requests > 0],
          ['Spans rejected', formatCount(ingest.rejected_spans), ingest.rejected_spans > 0],
        ]}
      />
    </Section>
  );
}

function Rederive({ status: { rederive } }: { status: OperatorStatus }) {
  return (
    <Section title="Derived again" note="When rules or prices have changed">
      <Facts
        facts={[
          ['State', rederive.state],
          ['Rules', `version ${rederive.rules_version}`],
          ['Prices', `version ${rederive.prices_version}`],
          ['Done', formatCount(rederive.done)],
          ['Left', formatCount(rederive.left)],
          ['Failed', formatCount(rederive.failed), rederive.failed > 0],
        ]}
      />
    </Section>
  );
}
