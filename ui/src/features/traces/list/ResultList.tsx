import { useNavigate } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type RefObject, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { type ListRow, rowIdOf } from '../../../api/types';
import { listRowPx } from '../../../base/density';
import { useKeys } from '../../../base/keys';
import { lastList } from '../../../base/last_list';
import { byRelevance, columnsOfFound, type Listing, nameColumn, sortFields, titleOf } from '../../../base/listing';
import { useSettled } from '../../../base/useSettled';
import { Icon } from '../../../widgets/Icon';
import { columnsIn, trackStyle } from './column_room';
import { Cells, columnOf } from './columns';
import styles from './list.module.css';

const loadMoreRows = 30;

type More = { exists: boolean; loading: boolean; load: () => unknown };
type ResultListProps = {
  project: string;
  listing: Listing;
  rows: readonly ListRow[];
  widthPx: number; // what it has for its columns
  more: More;
  waiting: boolean; // the rows are those of the question before
  peek: string | null;
  onPeek: (rowId: string | null) => void;
  onSort: ((field: string) => void) | null; // null: it has an order of its own
};

// Browsers refuse more than about 100 address changes in 30 s.
const addressDelayMs = 120;

const isSame = (one: Listing, other: Listing): boolean =>
  one.of === other.of && one.q === other.q && one.t === other.t && one.sort === other.sort;

function rememberedRow(project: string, listing: Listing): string | null {
  const last = lastList.get(project);
  return last && isSame(last.listing, listing) ? last.rowId : null;
}

export function ResultList({ project, listing, rows, widthPx, more, waiting, peek, onPeek, onSort }: ResultListProps) {
  const open = useOpenRow(project, listing);
  const scroller = useRef<HTMLDivElement>(null);
  const [selectedId, setSelectedId] = useState(() => peek ?? rememberedRow(project, listing));
  const selected = rows.findIndex((row) => rowIdOf(row) === selectedId);
  const hasFound = rows.some((row) => row.matches !== undefined);
  const ids = useMemo(() => {
    const shown = columnsIn(widthPx, { of: listing.of, cols: listing.cols });
    return hasFound ? columnsOfFound(shown) : shown;
  }, [widthPx, listing.of, listing.cols, hasFound]);
  const slowest = rows.reduce((most, row) => Math.max(most, row.duration_ns), 1);

  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: listRowPx,
    getItemKey: (index) => {
      const row = rows[index];
      return row ? rowIdOf(row) : index;
    },
    overscan: 8,
    initialOffset: () => Math.max(0, (selected - 6) * listRowPx()),
    onChange: ({ range }) => {
      if (range && more.exists && !more.loading && range.endIndex > rows.length - loadMoreRows) more.load();
    },
  });

  useTopOfAnother(listing, scroller);
  const peekSoon = useSettled(onPeek, addressDelayMs);
  const select = (index: number) => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, index))];
    if (!row) return;
    setSelectedId(rowIdOf(row));
    virtual.scrollToIndex(rows.indexOf(row));
    if (peek !== null) peekSoon(rowIdOf(row));
  };
  const togglePeek = () => {
    const row = rows[Math.max(0, selected)];
    if (row) setSelectedId(rowIdOf(row));
    onPeek(peek === null && row ? rowIdOf(row) : null);
  };
  useRowKeys({ selected, last: rows.length - 1, select, togglePeek, open: () => open(rows[selected]) });

  return (
    <div className={styles.box}>
      <div
        id="result-list"
        ref={scroller}
        className={`${styles.list} ${listing.cols ? styles.chosen : ''} ${waiting ? styles.waiting : ''}`}
        data-of={listing.of}
        style={trackStyle(listing, ids, widthPx)}
        role="grid"
        aria-label={titleOf[listing.of]}
        aria-rowcount={more.exists ? -1 : rows.length + 1}
        aria-activedescendant={selected >= 0 ? `row-${selectedId}` : undefined}
        aria-busy={waiting}
        data-main-keys=""
        tabIndex={0}
      >
        <ColumnHeads listing={listing} ids={ids} onSort={onSort} />
        <div className={styles.rows} role="rowgroup" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const row = rows[item.index];
            return (
              row && (
                <Row
                  key={item.key}
                  row={row}
                  of={listing.of}
                  ids={ids}
                  index={item.index}
                  top={item.start}
                  selected={rowIdOf(row) === selectedId}
                  slowest={slowest}
                  onOpen={peek === null ? open : () => select(item.index)}
                />
              )
            );
          })}
        </div>
        {more.loading && (
          <div className={styles.more} role="status">
            Loading more
          </div>
        )}
      </div>
    </div>
  );
}

// Another list begins at its top.
function useTopOfAnother(listing: Listing, scroller: RefObject<HTMLDivElement | null>): void {
  const listed = useRef(listing);
  useLayoutEffect(() => {
    if (isSame(listed.current, listing)) return;
    listed.current = listing;
    if (scroller.current) scroller.current.scrollTop = 0;
  }, [listing, scroller]);
}

function useOpenRow(project: string, listing: Listing): (row: ListRow | undefined) => void {
  const navigate = useNavigate();
  return (row) => {
    if (!row) return;
    lastList.set(project, { listing, rowId: rowIdOf(row) });
    navigate({
      to: '/p/$project/traces/$traceId',
      params: { project, traceId: row.trace_id },
      search: 'span_id' in row ? { span: row.span_id } : {},
    });
  };
}

type RowKeys = {
  selected: number;
  last: number;
  select: (index: number) => void;
  togglePeek: () => void;
  open: () => void;
};

function useRowKeys({ selected, last, select, togglePeek, open }: RowKeys): void {
  useKeys('Traces', [
    { keys: ['j', 'ArrowDown'], help: 'next row', run: () => select(selected + 1) },
    { keys: ['k', 'ArrowUp'], help: 'previous row', run: () => select(selected < 0 ? 0 : selected - 1) },
    { keys: ['Enter'], help: 'open the row', run: open },
    { keys: ['p'], help: 'peek at the row', run: togglePeek },
    { keys: ['Home'], help: 'first row', run: () => select(0) },
    { keys: ['End'], help: 'last loaded', run: () => select(last) },
  ]);
}

type HeadsProps = { listing: Listing; ids: readonly string[]; onSort: ResultListProps['onSort'] };

function ColumnHeads({ listing, ids, onSort }: HeadsProps) {
  return (
    <div role="row" className={styles.heads} aria-rowindex={1}>
      {ids.map((id) => (
        <Head key={id} id={id} listing={listing} onSort={onSort} />
      ))}
    </div>
  );
}

type HeadProps = { id: string; listing: Listing; onSort: ResultListProps['onSort'] };

function Head({ id, listing, onSort }: HeadProps) {
  const column = columnOf(listing.of, id);
  if (!column) return null;
  const { label, number } = column;
  const className = [number && styles.number, id === nameColumn && styles.pinned].filter(Boolean).join(' ');
  // Where the words were found is sorted by how well they were.
  const field = id === 'found' ? byRelevance : id;
  if (!onSort || !(field === byRelevance || sortFields[listing.of].includes(field))) {
    return (
      <span role="columnheader" className={className}>
        {label}
      </span>
    );
  }
  const descends = listing.sort === (field === byRelevance ? field : `-${field}`);
  const isSorted = descends || listing.sort === field;
  return (
    <span
      role="columnheader"
      className={className}
      aria-sort={descends ? 'descending' : isSorted ? 'ascending' : 'none'}
    >
      <button
        type="button"
        className={styles.sort}
        title={`Sort by ${field.replaceAll(/[._]/g, ' ')}`}
        onClick={() => onSort(field)}
      >
        {label}
        {isSorted && <Icon name={descends ? 'down' : 'up'} size={10} />}
      </button>
    </span>
  );
}

type RowProps = {
  row: ListRow;
  of: Listing['of'];
  ids: readonly string[];
  index: number;
  top: number;
  selected: boolean;
  slowest: number;
  onOpen: (row: ListRow) => void;
};

function Row({ row, of, ids, index, top, selected, slowest, onOpen }: RowProps) {
  const onClick = (event: React.MouseEvent) => {
    // The name is a real link: a click with a modifier opens it the browser's way.
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    if (getSelection()?.isCollapsed !== false) onOpen(row);
  };
  return (
    <div
      id={`row-${rowIdOf(row)}`}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      className={`${styles.row} ${row.status === 'ERROR' ? styles.failed : ''}`}
      style={{ transform: `translateY(${top}px)` }}
      onClick={onClick}
    >
      <Cells of={of} ids={ids} row={row} slowest={slowest} />
    </div>
  );
}
