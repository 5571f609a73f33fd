// What the lists show in the same way.
import { createElement, Fragment, type ReactNode } from 'react';
import { type ListRow, titleOf } from '../../../api/types';
import { explainTokens, formatDuration, formatTokenFlow, formatUsd, unknown } from '../../../base/format';
import { formatAgo, formatClock, formatDay, formatInstant } from '../../../base/time';
import { FoundText } from '../../../panels/found/FoundText';
import { foundText, placeText } from '../../../panels/found/place';
import { KindChip } from '../../../widgets/KindChip';
import styles from './list.module.css';

// Of cells in which numbers stand under each other.
export const numbers = `${styles.number} figures`;

type CellProps = { className?: string | undefined; title?: string | undefined; children: React.ReactNode };

export function Cell({ className, title, children }: CellProps) {
  return (
    <span role="gridcell" className={className} title={title}>
      {children}
    </span>
  );
}

export const addressOf = (row: ListRow): string => {
  const trace = `/p/${encodeURIComponent(row.project)}/traces/${row.trace_id}`;
  return 'span_id' in row ? `${trace}?span=${row.span_id}` : trace;
};

export function StartCell({ row }: { row: ListRow }) {
  const now = Date.now();
  const ago = formatAgo(row.start_unix_ns, now);
  const today = formatDay(row.start_unix_ns) === formatDay(`${now}000000`);
  return (
    <Cell className={`${styles.two} ${styles.start}`} title={`${ago}, ${formatInstant(row.start_unix_ns)}`}>
      <span className="figures">{formatClock(row.start_unix_ns)}</span>
      <span className={styles.below}>{today ? ago : formatDay(row.start_unix_ns)}</span>
    </Cell>
  );
}

export function NameCell({ row, below }: { row: ListRow; below: string }) {
  return (
    <Cell className={`${styles.nameCell} ${styles.pinned}`} title={row.name}>
      <KindChip kind={row.kind} />
      <span className={styles.two}>
        <NameLink row={row} />
        <span className={styles.below}>{below}</span>
      </span>
    </Cell>
  );
}

// Of rows that are all of one kind. `failed`: it says so, as no other column does.
export function PlainNameCell({ row, below, failed }: { row: ListRow; below: string; failed: boolean }) {
  return (
    <Cell className={`${styles.two} ${styles.pinned}`} title={row.name}>
      <NameLink row={row} />
      <span className={styles.below}>
        {failed && <span className={styles.errors}>error </span>}
        {below}
      </span>
    </Cell>
  );
}

function NameLink({ row }: { row: ListRow }) {
  return (
    <a className={styles.name} href={addressOf(row)} tabIndex={-1}>
      {titleOf(row)}
    </a>
  );
}

export function DurationCell({ row, slowest }: { row: ListRow; slowest: number }) {
  return (
    <Cell className={numbers}>
      <span className={styles.meter} aria-hidden="true">
        <span style={{ width: `${(row.duration_ns / slowest) * 100}%` }} />
      </span>
      {formatDuration(row.duration_ns)}
    </Cell>
  );
}

export function TokensCell({ row }: { row: ListRow }) {
  return (
    <Cell className={`${numbers} ${row.tokens ? '' : styles.none}`} title={explainTokens(row.tokens)}>
      {formatTokenFlow(row.tokens)}
    </Cell>
  );
}

export function CostCell({ row }: { row: ListRow }) {
  return (
    <Cell
      className={`${numbers} ${row.cost ? '' : styles.none}`}
      title={row.cost ? `$${row.cost.total_usd}` : 'no span has a known price'}
    >
      {formatUsd(row.cost?.total_usd)}
    </Cell>
  );
}

// The first place of the query's words, and on hover all that are known.
export function FoundCell({ row }: { row: ListRow }) {
  const [first] = row.matches ?? [];
  if (!first) return <TextCell text={row.input_preview} className={styles.wrapped} />;
  const all = row.matches?.map((match) => `${placeText(match)}: ${foundText(match)}`).join('\n');
  return (
    <Cell className={`${styles.two} ${styles.preview}`} title={all}>
      <span>
        <FoundText match={first} near />
      </span>
      <span className={styles.below}>{placeText(first)}</span>
    </Cell>
  );
}

// JSON has no spaces at which it may go on in the next line; it may after each of its parts.
function breakable(text: string): ReactNode {
  const parts = text.split(/(?<=[{[:,])(?=["{[])/);
  return createElement(Fragment, null, ...parts.flatMap((part, at) => (at > 0 ? [createElement('wbr'), part] : part)));
}

export function TextCell({ text, className = '' }: { text: string | null; className?: string | undefined }) {
  return (
    <Cell className={`${styles.preview} ${className} ${text ? '' : styles.none}`} title={text ?? undefined}>
      {text ? breakable(text) : unknown}
    </Cell>
  );
}
