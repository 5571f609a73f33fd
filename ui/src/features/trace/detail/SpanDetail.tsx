import { lazy, Suspense } from 'react';
import { printJson } from '../../../api/json';
import type { Span } from '../../../api/types';
import { formatDuration, formatTokenFlow, formatTokens, formatUsd, plural } from '../../../base/format';
import { formatInstant } from '../../../base/time';
import { CopyButton } from '../../../widgets/CopyButton';
import { KindChip } from '../../../widgets/KindChip';
import { LongText } from '../../../widgets/LongText';
import { Tabs } from '../../../widgets/Tabs';
import { type SpanTree, selfNs } from '../model/span_tree';
import { type TabId, tabsOf } from '../model/tabs';
import { AttributeTable } from './AttributeTable';
import { Documents } from './Documents';
import styles from './detail.module.css';
import { Events, Links } from './Events';
import { InputOutput, Texts, Tools } from './InputOutput';
import { Messages } from './Messages';

const TextViewer = lazy(() => import('../../../widgets/TextViewer'));

type SpanDetailProps = { tree: SpanTree; row: number; tab: TabId; onTab: (tab: TabId) => void };

export function SpanDetail({ tree, row, tab, onTab }: SpanDetailProps) {
  const span = tree.spans[row];
  if (!span) return null;
  return (
    <>
      <Head span={span} offsetNs={tree.start[row] ?? 0} self={selfNs(tree, row)} />
      <Tabs label="Span details" tabs={tabsOf(span)} current={tab} onSelect={onTab}>
        <TabBody key={`${span.span_id} ${tab}`} span={span} tab={tab} />
      </Tabs>
    </>
  );
}

function TabBody({ span, tab }: { span: Span; tab: TabId }) {
  switch (tab) {
    case 'messages':
      return span.llm && <Messages llm={span.llm} />;
    case 'documents':
      return <Documents span={span} />;
    case 'io':
      return <InputOutput span={span} />;
    case 'tools':
      return <Tools span={span} />;
    case 'texts':
      return <Texts texts={span.embedding?.texts ?? []} />;
    case 'events':
      return (
        <>
          <Events span={span} />
          <Dropped count={span.dropped.events} what="event" />
        </>
      );
    case 'attributes':
      return (
        <>
          <AttributeTable attributes={span.attributes} what="attributes" />
          <Dropped count={span.dropped.attributes} what="attribute" />
        </>
      );
    case 'links':
      return (
        <>
          <Links links={span.links} />
          <Dropped count={span.dropped.links} what="link" />
        </>
      );
    case 'resource':
      return <Resource span={span} />;
    case 'json':
      return (
        <Suspense fallback={null}>
          <TextViewer text={printJson(span)} language="json" />
        </Suspense>
      );
  }
}

// What the sender says it left out.
function Dropped({ count, what }: { count: number; what: string }) {
  return count > 0 && <p className={styles.empty}>The sender dropped {plural(count, `further ${what}`)}.</p>;
}

function Resource({ span }: { span: Span }) {
  const { scope } = span;
  return (
    <>
      <AttributeTable attributes={span.resource} what="resource attributes" />
      <div className={styles.sections}>
        <section>
          <h3 className={styles.sectionTitle}>Instrumentation scope</h3>
          <p className={styles.description}>
            {scope.name || '(no name)'} {scope.version}
          </p>
          {Object.keys(scope.attributes).length > 0 && (
            <AttributeTable attributes={scope.attributes} what="scope attributes" />
          )}
        </section>
      </div>
    </>
  );
}

function Head({ span, offsetNs, self }: { span: Span; offsetNs: number; self: number }) {
  return (
    <header className={styles.head}>
      <div className={styles.titleLine}>
        <KindChip kind={span.kind} word />
        <h2 className={styles.title} title={span.name}>
          {span.name || '(no name)'}
        </h2>
        {span.status.code !== 'UNSET' && (
          <span className={span.status.code === 'ERROR' ? styles.statusError : styles.statusOk}>
            {span.status.code}
          </span>
        )}
      </div>
      <Facts span={span} offsetNs={offsetNs} self={self} />
      <div className={styles.ids}>
        <span>span</span>
        <code>{span.span_id}</code>
        <CopyButton text={span.span_id} label="Copy the span id" />
        <span className={styles.started}>{formatInstant(span.start_unix_ns)}</span>
      </div>
      {span.status.code === 'ERROR' && <Failure span={span} />}
    </header>
  );
}

function Failure({ span }: { span: Span }) {
  const said = span.exception?.message ?? span.status.message ?? '';
  return (
    <div className={styles.exception}>
      <strong>{span.exception?.type ?? 'Error'}</strong>
      <LongText text={said === '' ? 'The span ended with status ERROR and said no more.' : said} />
    </div>
  );
}

function Facts({ span, offsetNs, self }: { span: Span; offsetNs: number; self: number }) {
  const { tokens, cost, llm } = span;
  const facts: [label: string, value: string, title?: string][] = [
    ['duration', formatDuration(span.duration_ns), `${span.duration_ns} ns`],
    ['self', formatDuration(self)],
    ['starts at', `+${formatDuration(offsetNs)}`],
  ];
  if (llm?.model) facts.push(['model', llm.model, [llm.provider, llm.response_model].filter(Boolean).join(' ')]);
  if (tokens) {
    facts.push([
      'tokens',
      formatTokenFlow(tokens),
      `total ${tokens.total ?? 'unknown'}, rule ${tokens.rule ?? 'unknown'}`,
    ]);
    if (tokens.cache_read) facts.push(['cached', formatTokens(tokens.cache_read)]);
    if (tokens.reasoning) facts.push(['reasoning', formatTokens(tokens.reasoning)]);
  }
  if (llm || cost) facts.push(['cost', formatUsd(cost?.total_usd), costTitle(span)]);
  if (llm?.time_to_first_token_ns) facts.push(['first token', formatDuration(llm.time_to_first_token_ns)]);
  for (const [name, value] of Object.entries(scalars(llm?.invocation_parameters))) facts.push([name, value]);
  return (
    <dl className={styles.facts}>
      {facts.map(([label, value, title]) => (
        <div key={label} title={title}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function costTitle({ cost }: Span): string {
  if (!cost) return 'no price is known for this model';
  const { price } = cost;
  return [cost.origin, price?.id, price?.date, price?.source].filter(Boolean).join(', ');
}

const parametersMax = 6;
const parameterCharsMax = 24;

// The call's plain parameters, as temperature; the rest is under Attributes and JSON.
function scalars(parameters: unknown): Record<string, string> {
  if (typeof parameters !== 'object' || parameters === null || Array.isArray(parameters)) return {};
  const plain = Object.entries(parameters)
    .filter(([key, value]) => key !== 'model' && ['number', 'string', 'boolean'].includes(typeof value))
    .map(([key, value]): [string, string] => [key, String(value)])
    .filter(([, value]) => value.length <= parameterCharsMax);
  return Object.fromEntries(plain.slice(0, parametersMax));
}
