// The spans as a plain table, a page at a time: all that the waterfall draws, in words.
import { useState } from 'react';
import { formatCount, formatDuration, formatTokens, formatUsd, plural, unknown } from '../../../base/format';
import { Button } from '../../../widgets/Button';
import { KindChip } from '../../../widgets/KindChip';
import { type Column, Table } from '../../../widgets/Table';
import type { Marks } from '../model/marks';
import { flagError, flagOpen, kindOf, nameOf, type SpanTree, selfNs } from '../model/span_tree';
import styles from './table.module.css';

const pageRows = 100;

type SpanTableProps = {
  tree: SpanTree;
  marks: Marks; // only what is looked for is listed
  selectedRow: number;
  onSelect: (spanId: string) => void;
};

const known = (value: number | undefined): number | null => (value === undefined || Number.isNaN(value) ? null : value);

export function SpanTable({ tree, marks, selectedRow, onSelect }: SpanTableProps) {
  const listed = marks.flags ? marks.rows : null;
  const count = listed ? listed.length : tree.rows;
  const rowAt = (index: number): number => (listed ? (listed[index] ?? -1) : index);
  const selectedAt = listed ? listed.indexOf(selectedRow) : selectedRow;
  const [wanted, setWanted] = useState<number | null>(null); // null: where the selected span is
  const pages = Math.max(1, Math.ceil(count / pageRows));
  const page = Math.min(pages - 1, wanted ?? Math.floor(Math.max(0, selectedAt) / pageRows));
  const first = page * pageRows;
  const rows = Array.from({ length: Math.min(pageRows, count - first) }, (_, index) => rowAt(first + index));
  return (
    <div className={styles.box} tabIndex={0} role="region" aria-label="Table">
      <div className={styles.head}>
        <p role="status">
          {count === 0
            ? 'No span is what is looked for.'
            : `Spans ${formatCount(first + 1)} to ${formatCount(first + rows.length)} of ${formatCount(count)}`}
          {listed && ` that are looked for, of ${plural(tree.rows, 'span')} in all`}
        </p>
        {pages > 1 && (
          <>
            <Button disabled={page === 0} onClick={() => setWanted(page - 1)}>
              Previous page
            </Button>
            <Button disabled={page === pages - 1} onClick={() => setWanted(page + 1)}>
              Next page
            </Button>
          </>
        )}
      </div>
      <div className={styles.rows}>
        <Table
          label="Spans"
          columns={columnsOf(tree, selectedRow, onSelect)}
          rows={rows}
          keyOf={(row) => `${row} ${tree.idOf(row)}`}
        />
      </div>
    </div>
  );
}

function statusOf(tree: SpanTree, row: number): string {
  const flags = tree.flags[row] ?? 0;
  return flags & flagOpen ? 'still running' : flags & flagError ? 'error' : '';
}

function columnsOf(tree: SpanTree, selectedRow: number, onSelect: (spanId: string) => void): Column<number>[] {
  return [
    {
      label: 'Span',
      cell: (row) => (
        <button
          type="button"
          className={styles.name}
          aria-current={row === selectedRow}
          onClick={() => onSelect(tree.idOf(row))}
        >
          {nameOf(tree, row) || '(no name)'}
        </button>
      ),
      atLeastPx: 140,
    },
    { label: 'Level', number: true, cell: (row) => (tree.depth[row] ?? 0) + 1 },
    { label: 'Kind', drop: 'small', cell: (row) => <KindChip kind={kindOf(tree, row)} word /> },
    { label: 'Status', cell: (row) => <span className={styles.status}>{statusOf(tree, row)}</span> },
    { label: 'Starts at', number: true, cell: (row) => `+${formatDuration(tree.start[row])}` },
    {
      label: 'Duration',
      number: true,
      cell: (row) => formatDuration((tree.end[row] ?? 0) - (tree.start[row] ?? 0)),
    },
    { label: 'Self', number: true, drop: 'small', cell: (row) => formatDuration(selfNs(tree, row)) },
    { label: 'First token', number: true, drop: 'wide', cell: (row) => formatDuration(known(tree.firstToken[row])) },
    { label: 'Tokens', number: true, drop: 'small', cell: (row) => formatTokens(known(tree.tokens[row])) },
    { label: 'Cost', number: true, drop: 'small', cell: (row) => formatUsd(known(tree.cost[row])) },
    { label: 'Documents', number: true, drop: 'wide', cell: (row) => tree.documents[row] || unknown },
  ];
}
