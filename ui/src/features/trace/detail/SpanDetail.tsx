import { lazy, Suspense } from 'react';
import { type Span, titleOf } from '../../../api/types';
import {
  formatCount,
  formatDuration,
  formatTokenFlow,
  formatTokens,
  formatUsd,
  plural,
  unknown,
} from '../../../base/format';
import { formatInstant } from '../../../base/time';
import { SpanTexts } from '../../../panels/long_value/SpanTexts';
import { Button } from '../../../widgets/Button';
import { CopyButton } from '../../../widgets/CopyButton';
import { KindChip } from '../../../widgets/KindChip';
import { LongText } from '../../../widgets/LongText';
import { Loading, Notice } from '../../../widgets/Notice';
import { Tabs } from '../../../widgets/Tabs';
import { askFor } from '../model/ask_for';
import { type CriticalPath, pathNs } from '../model/critical_path';
import { kindOf, nameOf, type SpanTree, selfNs } from '../model/span_tree';
import { type TabId, tabsOf } from '../model/tabs';
import type { KnownUsual } from '../useTrace';
import { AttributeTable } from './AttributeTable';
import { Documents } from './Documents';
import styles from './detail.module.css';
import { Events, Links } from './Events';
import { InputOutput, Texts, Tools } from './InputOutput';
import { Evaluations, Logs } from './Logs';
import { Messages } from './Messages';
import { Parameters } from './Parameters';
import { Rating } from './Rating';

const SpanJson = lazy(() => import('./SpanJson'));
const CostTab = lazy(() => import('./CostTab'));

type SpanDetailProps = {
  tree: SpanTree;
  path: CriticalPath;
  usual: KnownUsual;
  row: number;
  span: Span;
  tab: TabId;
  onTab: (tab: TabId) => void;
};

export function SpanDetail({ tree, path, usual, row, span, tab, onTab }: SpanDetailProps) {
  return (
    <SpanTexts span={span}>
      <Head span={span} timing={timingOf(tree, path, row)} usual={usual} onTab={onTab} />
      <Tabs label="Span details" tabs={tabsOf(span)} current={tab} onSelect={onTab}>
        <TabBody key={`${span.span_id} ${tab}`} span={span} spans={tree.spans} tab={tab} />
      </Tabs>
    </SpanTexts>
  );
}

type SpanOnItsWayProps = { tree: SpanTree; row: number; failure: Error | null; retry: () => void };

// Of a large trace the tree knows the span before its content is here.
export function SpanOnItsWay({ tree, row, failure, retry }: SpanOnItsWayProps) {
  return (
    <>
      <header className={styles.head}>
        <div className={styles.titleLine}>
          <KindChip kind={kindOf(tree, row)} word />
          <h2 className={styles.title}>{nameOf(tree, row) || '(no name)'}</h2>
        </div>
      </header>
      {failure ? (
        <Notice tone="error" title="The span could not be loaded" action={<Button onClick={retry}>Try again</Button>}>
          <p>{failure.message}</p>
        </Notice>
      ) : (
        <Loading what="Loading the span" />
      )}
    </>
  );
}

// Of what still runs only its children are known.
export function OpenSpan({ tree, row }: { tree: SpanTree; row: number }) {
  const id = tree.idOf(row);
  const inside = (tree.subtreeEnd[row] ?? 0) - row - 1;
  return (
    <>
      <header className={styles.head}>
        <div className={styles.titleLine}>
          <h2 className={styles.title}>Still running</h2>
        </div>
        <div className={styles.ids}>
          <span>span</span>
          <code>{id}</code>
          <CopyButton text={id} label="Copy the span id" />
        </div>
      </header>
      <Notice title="This span has not arrived">
        <p>
          {plural(inside, 'span')} below it {inside === 1 ? 'is' : 'are'} all that is known of it. A span is sent when
          it ends: this one still runs, or is on its way, and brings its name and what it says.
        </p>
      </Notice>
    </>
  );
}

function TabBody({ span, spans, tab }: { span: Span; spans: readonly (Span | undefined)[]; tab: TabId }) {
  switch (tab) {
    case 'messages':
      return span.llm && <Messages span={span} llm={span.llm} />;
    case 'documents':
      return <Documents span={span} spans={spans} />;
    case 'io':
      return <InputOutput span={span} />;
    case 'tools':
      return <Tools span={span} />;
    case 'texts':
      return <Texts texts={span.embedding?.texts ?? []} />;
    case 'cost':
      return (
        <Suspense fallback={null}>
          <CostTab span={span} />
        </Suspense>
      );
    case 'parameters':
      return span.llm && <Parameters llm={span.llm} />;
    case 'logs':
      return <Logs logs={span.logs} startUnixNs={span.start_unix_ns} />;
    case 'evaluations':
      return <Evaluations annotations={span.annotations} />;
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
          <AttributeTable
            attributes={span.attributes}
            what="attributes"
            asks={{ project: span.project, queryOf: (key, value) => askFor('attributes', key, value) }}
          />
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
          <SpanJson span={span} />
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
      <AttributeTable
        attributes={span.resource}
        what="resource attributes"
        asks={{ project: span.project, queryOf: (key, value) => askFor('resource', key, value) }}
      />
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
        <Said title="Trace state" text={span.trace_state} />
        <Said title="Schema of the resource" text={span.resource_schema_url} />
        <Said title="Schema of the scope" text={scope.schema_url} />
      </div>
    </>
  );
}

function Said({ title, text }: { title: string; text: string | null }) {
  if (!text) return null;
  return (
    <section>
      <h3 className={styles.sectionTitle}>{title}</h3>
      <LongText text={text} mono />
    </section>
  );
}

type Timing = { offsetNs: number; selfNs: number; onPathNs: number; totalNs: number };
type HeadProps = { span: Span; timing: Timing; usual: KnownUsual; onTab: (tab: TabId) => void };

const timingOf = (tree: SpanTree, path: CriticalPath, row: number): Timing => ({
  offsetNs: tree.start[row] ?? 0,
  selfNs: selfNs(tree, row),
  onPathNs: pathNs(path, row),
  totalNs: tree.totalNs,
});

function Head({ span, timing, usual, onTab }: HeadProps) {
  return (
    <header className={styles.head}>
      <div className={styles.titleLine}>
        <KindChip kind={span.kind} word />
        <h2 className={styles.title} title={span.name}>
          {titleOf(span)}
        </h2>
        {span.status.code !== 'UNSET' && (
          <span className={span.status.code === 'ERROR' ? styles.statusError : styles.statusOk}>
            {span.status.code}
          </span>
        )}
        <Rating key={span.span_id} span={span} />
      </div>
      <Facts span={span} timing={timing} usual={usual} onTab={onTab} />
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

type Fact = { label: string; value: string; title?: string | undefined; opens?: TabId };

function Facts({ span, timing, usual, onTab }: HeadProps) {
  return (
    <dl className={styles.facts}>
      {[...factsOf(span, timing), ...usualFact(usual)].map(({ label, value, title, opens }) => (
        <div key={label} title={title}>
          <dt>{label}</dt>
          <dd>
            {opens ? (
              <button type="button" className={styles.opens} onClick={() => onTab(opens)}>
                {value}
              </button>
            ) : (
              value
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function usualFact({ known, failure }: KnownUsual): Fact[] {
  if (failure) return [{ label: 'usually', value: unknown, title: `not known: ${failure.message}` }];
  if (!known) return [];
  const { spans, p50Ns, p95Ns } = known;
  const title =
    `median, and what 95 % stay within, of ${formatCount(spans)} spans of this name in the 7 days before this trace; ` +
    'the thin bar above the selected one';
  return [{ label: 'usually', value: `${formatDuration(p50Ns)}, p95 ${formatDuration(p95Ns)}`, title }];
}

function factsOf(span: Span, { offsetNs, selfNs: self, onPathNs, totalNs }: Timing): Fact[] {
  const { duration_ns, tokens, cost, unpriced, repeats, llm, notes } = span;
  const facts: Fact[] = [
    { label: 'duration', value: formatDuration(duration_ns), title: `${duration_ns} ns` },
    { label: 'self', value: formatDuration(self) },
    { label: 'starts at', value: `+${formatDuration(offsetNs)}` },
  ];
  if (onPathNs > 0) {
    const share = ((onPathNs / Math.max(totalNs, 1)) * 100).toFixed(0);
    const without = formatDuration(totalNs - onPathNs);
    facts.push(
      { label: 'on the critical path', value: `${formatDuration(onPathNs)}, ${share} %` },
      {
        label: 'trace without it',
        value: without,
        title: `if this took no time, the trace would take ${without} at best`,
      },
    );
  }
  if (llm?.model) facts.push({ label: 'model', value: llm.model, title: llm.provider ?? undefined });
  if (tokens) {
    const title = `total ${tokens.total ?? 'unknown'}, rule ${tokens.rule ?? 'unknown'}`;
    facts.push({ label: 'tokens', value: formatTokenFlow(tokens), title, opens: 'cost' });
    if (tokens.cache_read) facts.push({ label: 'cached', value: formatTokens(tokens.cache_read) });
    if (tokens.reasoning) facts.push({ label: 'reasoning', value: formatTokens(tokens.reasoning) });
  }
  if (cost) facts.push({ label: 'cost', value: formatUsd(cost.total_usd), title: 'how it comes about', opens: 'cost' });
  else if (unpriced) facts.push({ label: 'cost', value: 'unknown', title: unpriced, opens: 'cost' });
  if (repeats) facts.push({ label: 'counted', value: 'elsewhere', opens: 'cost' });
  if (notes.length > 0) facts.push({ label: 'odd', value: plural(notes.length, 'note'), opens: 'cost' });
  if (llm?.time_to_first_token_ns) {
    facts.push({ label: 'first token', value: formatDuration(llm.time_to_first_token_ns) });
    const writingNs = duration_ns - llm.time_to_first_token_ns;
    if (tokens?.completion && writingNs > 0) {
      const rate = formatTokens(Math.round((tokens.completion / writingNs) * 1e9));
      facts.push({ label: 'then', value: `${rate} tok/s`, title: 'completion tokens after the first, by time' });
    }
  }
  return facts;
}
