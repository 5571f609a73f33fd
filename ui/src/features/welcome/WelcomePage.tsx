import { useQuery } from '@tanstack/react-query';
import { Link, Navigate } from '@tanstack/react-router';
import { useState } from 'react';
import { newestQuery } from '../../api/list_queries';
import { projectsQuery, statusQuery } from '../../api/queries';
import type { Project, Status } from '../../api/types';
import { listingOf } from '../../base/listing';
import { usePageTitle } from '../../base/page_title';
import { CopyButton } from '../../widgets/CopyButton';
import { Icon } from '../../widgets/Icon';
import { Loading } from '../../widgets/Notice';
import { Tabs } from '../../widgets/Tabs';
import { reachedAt, stepsOf } from './checklist';
import { Demo, demoProject } from './Demo';
import { RejectedPanel } from './Rejected';
import { type SnippetId, snippetsFor } from './snippets.mjs';
import styles from './welcome.module.css';

const everyMs = 1000;

const newestProject = (projects: readonly Project[]): Project | undefined =>
  projects
    .filter((project) => project.trace_count > 0)
    .toSorted((a, b) => Number(BigInt(b.last_seen_unix_ns ?? 0) - BigInt(a.last_seen_unix_ns ?? 0)))[0];

export function WelcomePage() {
  usePageTitle('Welcome');
  const status = useQuery(statusQuery(everyMs));
  const projects = useQuery({ ...projectsQuery, refetchInterval: everyMs });
  const [openedAt] = useState(() => Date.now());
  const [wasEmpty, setWasEmpty] = useState<boolean | null>(null);
  const used = newestProject(projects.data ?? []);
  // Decided by the first answer: someone who comes back to this page is not sent away from it.
  if (projects.data && wasEmpty === null) setWasEmpty(used === undefined);
  const first = useQuery({
    ...newestQuery(used?.name ?? '', listingOf({})),
    enabled: used !== undefined && wasEmpty === true,
  });
  const row = first.data?.data[0];
  if (row) {
    return (
      <Navigate to="/p/$project/traces/$traceId" params={{ project: row.project, traceId: row.trace_id }} replace />
    );
  }
  return (
    <div className={styles.page}>
      <h1 className={styles.title}>{used ? 'Send more traces' : 'Waiting for the first trace'}</h1>
      <p className={styles.lead}>
        Anything that speaks OpenTelemetry can send here.{' '}
        {used ? '' : 'Pick a language and run it: the first trace opens by itself.'}
      </p>
      <div className={styles.columns}>
        <Snippets openedAt={openedAt} />
        <section className={styles.side}>
          <h2 className={styles.subtitle}>Progress</h2>
          {status.data ? (
            <Checklist status={status.data} used={used} projects={projects.data ?? []} />
          ) : (
            <Loading what="Asking the server" />
          )}
          <RejectedPanel />
          {projects.data && (
            <Demo
              loaded={projects.data.some(({ name, span_count }) => name === demoProject && span_count > 0)}
              onLoad={() => setWasEmpty(false)}
            />
          )}
        </section>
      </div>
    </div>
  );
}

function Snippets({ openedAt }: { openedAt: number }) {
  const [current, setCurrent] = useState<SnippetId>('python');
  // Made once: the example for curl has new ids each time.
  const [snippets] = useState(() => snippetsFor(location.origin, openedAt));
  const shown = snippets.find((snippet) => snippet.id === current);
  return (
    <section className={styles.snippets} aria-label="How to send a trace">
      <Tabs label="Language" tabs={snippets} current={current} onSelect={setCurrent}>
        {shown && (
          <div className={styles.snippet}>
            <div className={styles.before}>
              <code>{shown.before}</code>
            </div>
            <div className={styles.codeBox}>
              <pre className={styles.code} role="region" aria-label={`The ${shown.label} example`}>
                {shown.code}
              </pre>
              <CopyButton text={shown.code} label={`Copy the ${shown.label} example`} />
            </div>
          </div>
        )}
      </Tabs>
    </section>
  );
}

type ChecklistProps = { status: Status; used: Project | undefined; projects: readonly Project[] };

function Checklist({ status, used, projects }: ChecklistProps) {
  const traces = projects.reduce((sum, project) => sum + project.trace_count, 0);
  return (
    <>
      <ol className={styles.steps}>
        {stepsOf(status, traces, location.host).map((step) => (
          <li key={step.label} className={styles[step.state]}>
            <span className={styles.mark}>
              {step.state === 'done' && <Icon name="check" size={14} />}
              {step.state === 'failed' && <Icon name="cross" size={14} />}
            </span>
            <span>
              {step.label}
              <span className={styles.spoken}>{step.state === 'waiting' ? ', not yet' : `, ${step.state}`}</span>
            </span>
            <span className={styles.detail}>{step.detail}</span>
          </li>
        ))}
      </ol>
      <dl className={styles.addresses}>
        <Address label="OTLP/HTTP" value={`${location.origin}/v1/traces`} />
        {status.listen.otlp_http && (
          <Address label="also" value={`http://${reached(status.listen.otlp_http)}/v1/traces`} />
        )}
        {status.listen.grpc && <Address label="OTLP/gRPC" value={reached(status.listen.grpc)} />}
      </dl>
      {used && (
        <p>
          <Link to="/p/$project/traces" params={{ project: used.name }}>
            Open the traces of {used.name}
          </Link>
        </p>
      )}
    </>
  );
}

const reached = (listener: string): string => reachedAt(listener, location.hostname);

function Address({ label, value }: { label: string; value: string }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>
        <code>{value}</code>
        <CopyButton text={value} label={`Copy the ${label} address`} />
      </dd>
    </div>
  );
}
