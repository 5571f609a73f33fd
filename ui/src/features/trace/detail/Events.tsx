import { useContext } from 'react';
import { saysTheSame } from '../../../api/cut_texts';
import type { Attributes, Json, Span, SpanEvent, SpanLink } from '../../../api/types';
import { formatDuration, plural } from '../../../base/format';
import { formatInstant } from '../../../base/time';
import { CopyButton } from '../../../widgets/CopyButton';
import { LongText } from '../../../widgets/LongText';
import { Rests } from '../../../widgets/rest';
import { classifyStackLine, isFolded, stackRuns } from '../model/stack_trace';
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
          +{formatDuration(offset)}
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
      {cut ? <LongText text={stack} mono /> : <Runs lines={lines} />}
    </div>
  );
}

// The reader's own frames stand open; long runs of libraries' are folded.
function Runs({ lines }: { lines: readonly string[] }) {
  const runs = stackRuns(lines);
  return runs.map((run, index) => {
    const text = (
      <pre className={run.what === 'cause' ? styles.cause : undefined}>
        {run.lines.map((line, at) => (
          <span key={at} className={styles[classifyStackLine(line)]}>
            {`${line}\n`}
          </span>
        ))}
      </pre>
    );
    if (!isFolded(run, runs)) return <div key={index}>{text}</div>;
    return (
      <details key={index}>
        <summary>{plural(run.frames, 'frame')} of libraries</summary>
        {text}
      </details>
    );
  });
}

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
          {Object.keys(link.attributes).length > 0 && (
            <AttributeTable attributes={link.attributes} what="link attributes" />
          )}
        </section>
      ))}
    </div>
  );
}
