import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { type TraceRow, titleOf } from '../../api/types';
import { formatFigures, plural } from '../../base/format';
import { formatClock, formatInstant } from '../../base/time';
import { Button } from '../../widgets/Button';
import { ContentText } from '../transcript/ContentText';
import { TraceTalk } from '../transcript/TraceTalk';
import styles from './turns.module.css';

type TurnListProps = {
  rows: readonly TraceRow[];
  label: string;
  numbered?: boolean; // by their place in the list
  onOpen?: () => void; // the calls of a turn
};

// A talk turn by turn: what was asked, what was answered, and between them, when one wants them, the calls.
export function TurnList({ rows, label, numbered = false, onOpen }: TurnListProps) {
  return (
    <ol className={styles.turns} aria-label={label}>
      {rows.map((row, index) => (
        <TurnView
          key={row.trace_id}
          row={row}
          number={numbered ? index + 1 : null}
          startsOpen={numbered && rows.length === 1}
          onOpen={onOpen}
        />
      ))}
    </ol>
  );
}

type TurnProps = { row: TraceRow; number: number | null; startsOpen: boolean; onOpen: (() => void) | undefined };

function TurnView({ row, number, startsOpen, onOpen }: TurnProps) {
  const [open, setOpen] = useState(startsOpen);
  const toggle = () => {
    if (!open) onOpen?.();
    setOpen(!open);
  };
  return (
    <li className={styles.turn}>
      <header className={styles.head}>
        {number !== null && <span className={styles.number}>{number}</span>}
        <Link
          to="/p/$project/traces/$traceId"
          params={{ project: row.project, traceId: row.trace_id }}
          className={styles.name}
        >
          {titleOf(row)}
        </Link>
        <span className={styles.figures} title={formatInstant(row.start_unix_ns)}>
          {formatClock(row.start_unix_ns).slice(0, 8)}, {formatFigures(row)}
        </span>
        {row.error_count > 0 && <strong className="bad">{plural(row.error_count, 'error')}</strong>}
        <Button className={styles.open} aria-expanded={open} onClick={toggle}>
          {open ? 'Hide the calls' : 'Show the calls'}
        </Button>
      </header>
      {row.input_preview && (
        <div className={`${styles.said} ${styles.user}`}>
          <ContentText text={row.input_preview} />
        </div>
      )}
      {open && <TraceTalk project={row.project} traceId={row.trace_id} />}
      {row.output_preview ? (
        <div className={`${styles.said} ${styles.assistant}`}>
          <ContentText text={row.output_preview} />
        </div>
      ) : (
        <p className={styles.figures}>No answer was recorded.</p>
      )}
    </li>
  );
}
