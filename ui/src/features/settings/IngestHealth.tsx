import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { rejectedQuery } from '../../api/queries';
import { ingestHealthQuery } from '../../api/settings_queries';
import type { Finding, IngestHealth } from '../../api/settings_types';
import { formatCount, plural, unknown } from '../../base/format';
import { formatRange } from '../../base/time';
import { CopyButton } from '../../widgets/CopyButton';
import { Section } from '../../widgets/Page';
import { RejectedRow } from '../../widgets/RejectedRow';
import { type Column, Table } from '../../widgets/Table';
import { Asked } from './Asked';
import styles from './settings.module.css';

export function IngestHealthSection({ project }: { project: string }) {
  const query = useQuery(ingestHealthQuery(project));
  return (
    <>
      <Refused />
      <Asked query={query} what="the health of what arrives">
        {(health) => (health ? <Health project={project} health={health} /> : <Nothing project={project} />)}
      </Asked>
    </>
  );
}

function Nothing({ project }: { project: string }) {
  return (
    <p className={styles.empty}>
      No span of project {project} to look at. <Link to="/welcome">Show me how to send one</Link>
    </p>
  );
}

const msOf = (unixNs: string): number => Number(BigInt(unixNs) / 1_000_000n);

function Health({ project, health }: { project: string; health: IngestHealth }) {
  const note = `${plural(health.spans, 'span')} in ${plural(health.traces, 'trace')}, ${plural(health.calls, 'call')} of models, ${formatRange(msOf(health.from_unix_ns), msOf(health.to_unix_ns))}`;
  return (
    <>
      <Section title={`Findings in project ${project}`} note={note}>
        {health.findings.length === 0 ? (
          <p className={styles.fine}>Nothing is missing, told twice or impossible in what arrived.</p>
        ) : (
          <ul className={styles.findings}>
            {health.findings.map((finding) => (
              <FindingRow key={finding.code} finding={finding} />
            ))}
          </ul>
        )}
      </Section>
      <Dialects health={health} />
      <UnknownAttributes health={health} />
    </>
  );
}

function FindingRow({ finding }: { finding: Finding }) {
  const { severity, count, of, message, remedy, trace_ids: traceIds } = finding;
  return (
    <li className={styles[severity]}>
      <span className={styles.severity}>{severity}</span>
      <div>
        <p>
          <strong>
            {formatCount(count)}
            {of === null ? '' : ` of ${formatCount(of)}`}
          </strong>{' '}
          {message}
        </p>
        <p className={styles.remedy}>{remedy}</p>
        {traceIds.length > 0 && (
          <p className={styles.examples}>
            For example{' '}
            {traceIds.map((traceId) => (
              <Link key={traceId} to="/traces/$traceId" params={{ traceId }}>
                <code>{traceId.slice(0, 8)}…</code>
              </Link>
            ))}
          </p>
        )}
      </div>
    </li>
  );
}

type DialectRow = { dialect: string; name: string; version: string; spans: number };

const dialectColumns: Column<DialectRow>[] = [
  { label: 'Dialect', cell: ({ dialect }) => dialect },
  { label: 'Library', cell: ({ name }) => name || '(no name)' },
  { label: 'Version', cell: ({ version }) => version || unknown, drop: 'small' },
  { label: 'Spans', number: true, cell: ({ spans }) => formatCount(spans) },
];

function Dialects({ health }: { health: IngestHealth }) {
  const rows = health.dialects.flatMap(({ dialect, libraries }) =>
    libraries.map((library) => ({ dialect, ...library })),
  );
  return (
    <Section title="Dialects" note="The conventions that the attributes follow, and who sent them">
      <Table
        label="Dialects"
        columns={dialectColumns}
        rows={rows}
        keyOf={({ dialect, name, version }) => JSON.stringify([dialect, name, version])}
      />
    </Section>
  );
}

type AttributeRow = IngestHealth['unknown_attributes'][number];

const attributeColumns: Column<AttributeRow>[] = [
  {
    label: 'Attribute',
    cell: ({ key }) => (
      <span className={styles.key}>
        <code>{key}</code>
        <CopyButton text={key} label={`Copy ${key}`} />
      </span>
    ),
  },
  { label: 'Spans', number: true, cell: ({ count }) => formatCount(count) },
  {
    label: 'Example',
    drop: 'small',
    cell: ({ example }) => <span className={styles.example}>{example ?? '(a long value)'}</span>,
  },
];

function UnknownAttributes({ health: { unknown_attributes: attributes } }: { health: IngestHealth }) {
  return (
    <Section title="Unknown attributes" note="Stored and shown with their spans; no rule reads them">
      {attributes.length === 0 ? (
        <p className={styles.fine}>Every attribute of a known convention is understood.</p>
      ) : (
        <Table label="Unknown attributes" columns={attributeColumns} rows={attributes} keyOf={({ key }) => key} />
      )}
    </Section>
  );
}

function Refused() {
  const { data: rejected = [] } = useQuery(rejectedQuery);
  if (rejected.length === 0) return null;
  return (
    <Section title="Refused requests" note="Of all projects, latest first">
      <ul className={styles.refused}>
        {rejected.map((row) => (
          <RejectedRow key={`${row.first_time_unix_ns} ${row.path} ${row.reason}`} row={row} nowMs={Date.now()} />
        ))}
      </ul>
    </Section>
  );
}
