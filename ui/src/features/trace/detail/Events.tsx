import { useContext, useState } from 'react';
import { saysTheSame } from '../../../api/cut_texts';
import type { Attributes, Json, Span, SpanEvent, SpanLink } from '../../../api/types';
import { formatDuration, plural } from '../../../base/format';
import { formatInstant } from '../../../base/time';
import { Choice } from '../../../widgets/Choice';
import { CopyButton } from '../../../widgets/CopyButton';
import { LongText } from '../../../widgets/LongText';
import { Rests } from '../../../widgets/rest';
import { classifyStackLine, isFolded, ownFirst, type StackPart, type StackRun, stackRuns } from '../model/stack_trace';
import { AttributeTable } from './AttributeTable';
import styles from './detail.module.css';

const text = (value: Json | undefined): string | null => (typeof value === 'string' ? value : null);

function without(attributes: Attributes, names: readonly string[]): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([key]) => !names.includes(key)));
}

export function Events({ span }: { span: Span }) {
  return (
    <div className={styles.sections}>
      {span.events.map((event, index) => (
        <EventView key={index} event={event} span={span} />
      ))}
    </div>
  );
}

function EventView({ event, span }: { event: SpanEvent; span: Span }) {
  const type = text(event.attributes['exception.type']);
  const message = text(event.attributes['exception.message']);
  const stack = text(event.attributes['exception.stacktrace']);
  const rest = without(event.attributes, ['exception.type', 'exception.message', 'exception.stacktrace']);
  // The head of the panel shows the exception that failed the span.
  const shownAbove = span.status.code === 'ERROR' && saysTheSame(span, message, span.exception?.message ?? null);
  const offset = Number(BigInt(event.time_unix_ns) - BigInt(span.start_unix_ns));
  return (
    <section>
      <header className={styles.sectionHead}>
        <h3 className={styles.sectionTitle}>{event.name || '(unnamed event)'}</h3>
        <span className={styles.note} title={formatInstant(event.time_unix_ns)}>
          {offset < 0 ? '' : '+'}
          {formatDuration(offset)}
        </span>
      </header>
      {(type || message) && !shownAbove && (
        <div className={styles.exception}>
          {type && <strong>{type}</strong>}
          {message && <LongText text={message} />}
        </div>
      )}
      {stack && <StackTrace stack={stack} />}
      {Object.keys(rest).length > 0 && <AttributeTable attributes={rest} what="event attributes" />}
    </section>
  );
}

const stackLinesMax = 400;

function StackTrace({ stack }: { stack: string }) {
  const restOf = useContext(Rests);
  const lines = stack.trimEnd().split('\n');
  const cut = lines.length > stackLinesMax || restOf(stack) !== null;
  return (
    <div className={styles.stack}>
      <CopyButton text={stack} label="Copy the stack trace" />
      {cut ? <LongText text={stack} mono /> : <Frames lines={lines} />}
    </div>
  );
}

type Order = 'own first' | 'as thrown';
const orders: readonly [Order, string][] = [
  ['own first', 'Own frames first'],
  ['as thrown', 'As thrown'],
];

function Frames({ lines }: { lines: readonly string[] }) {
  const [order, setOrder] = useState<Order>('own first');
  const runs = stackRuns(lines);
  const parts = ownFirst(runs);
  if (!parts) return <Runs runs={runs} />;
  return (
    <>
      <div className={styles.order}>
        <Choice label="Order of frames" options={orders} current={order} onChoose={setOrder} />
      </div>
      {order === 'own first' ? <Parts parts={parts} /> : <Runs runs={runs} />}
    </>
  );
}

function Lines({ lines, className }: { lines: readonly string[]; className?: string | undefined }) {
  if (lines.length === 0) return null;
  return (
    <pre className={className}>
      {lines.map((line, at) => (
        <span key={at} className={styles[classifyStackLine(line)]}>
          {`${line}\n`}
        </span>
      ))}
    </pre>
  );
}

function LibraryFrames({ frames, lines }: { frames: number; lines: readonly string[] }) {
  return (
    <details>
      <summary>{plural(frames, 'frame')} of libraries</summary>
      <Lines lines={lines} />
    </details>
  );
}

const Parts = ({ parts }: { parts: readonly StackPart[] }) =>
  parts.map(({ cause, own, library, libraryFrames }, index) => (
    <div key={index}>
      <Lines lines={cause} className={styles.cause} />
      <Lines lines={own} />
      {library.length > 0 && <LibraryFrames frames={libraryFrames} lines={library} />}
    </div>
  ));

// In the order that they came in; long runs of libraries' are folded.
const Runs = ({ runs }: { runs: readonly StackRun[] }) =>
  runs.map((run, index) =>
    isFolded(run, runs) ? (
      <LibraryFrames key={index} frames={run.frames} lines={run.lines} />
    ) : (
      <Lines key={index} lines={run.lines} className={run.what === 'cause' ? styles.cause : undefined} />
    ),
  );

export function Links({ links }: { links: readonly SpanLink[] }) {
  return (
    <div className={styles.sections}>
      {links.map((link, index) => (
        <section key={index}>
          <header className={styles.sectionHead}>
            <a className={styles.mono} href={`/traces/${link.trace_id}?span=${link.span_id}`}>
              {link.trace_id} / {link.span_id}
            </a>
          </header>
          {link.trace_state && <p className={styles.note}>trace state {link.trace_state}</p>}
          {Object.keys(link.attributes).length > 0 && (
            <AttributeTable attributes={link.attributes} what="link attributes" />
          )}
        </section>
      ))}
    </div>
  );
}
