import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useRef, useState } from 'react';
import { isMistake } from '../../api/client';
import { histogramQuery, listQuery, newestQuery } from '../../api/list_queries';
import { rowIdOf } from '../../api/types';
import { plural } from '../../base/format';
import { useKeyHint, useKeys } from '../../base/keys';
import { type Listing, type ListOf, lists, oneOf, rangeOf, sortedBy, titleOf } from '../../base/listing';
import { usePageTitle } from '../../base/page_title';
import { EmptyProject } from '../../panels/EmptyProject';
import { OverTime } from '../../panels/histogram/OverTime';
import { Button, IconButton } from '../../widgets/Button';
import { Choice } from '../../widgets/Choice';
import { Loading, Notice } from '../../widgets/Notice';
import { TimeRange } from '../../widgets/TimeRange';
import { useWidth } from '../../widgets/useWidth';
import { Facets } from './facets/Facets';
import { ColumnChoice } from './list/ColumnChoice';
import { ResultList } from './list/ResultList';
import { newRows, shownRows, takeNewest } from './merge_rows';
import { NoCalls } from './NoCalls';
import { NoMatches } from './NoMatches';
import { QueryBar } from './query/QueryBar';
import { SavedViews } from './SavedViews';
import { Totals } from './Totals';
import styles from './traces.module.css';

const Peek = lazy(() => import('./Peek').then((module) => ({ default: module.Peek })));

const facetsSetting = 'nightjar.facets';

type TracesPageProps = {
  project: string;
  listing: Listing;
  peek: string | null; // the row whose trace is shown beside
  onList: (listing: Listing, how: 'push' | 'replace') => void;
  onPeek: (rowId: string | null) => void;
};

export function TracesPage({ project, listing, peek, onList, onPeek }: TracesPageProps) {
  usePageTitle(`${titleOf[listing.of]} of ${project}`);
  const rows = useRows(project, listing);
  const counts = useQuery(histogramQuery(project, listing));
  const [facetsOpen, setFacetsOpen] = useFacetsOpen();
  const [measure, widthPx] = useWidth();
  const show = (change: Partial<Listing>) => onList({ ...listing, ...change }, 'push');
  const showList = (of: ListOf) => show({ of, cols: undefined });
  const refreshHint = useKeyHint('Traces', 'refresh', 'r');
  const toggleFacets = () => setFacetsOpen(!facetsOpen);

  useKeys('Traces', [
    { keys: ['r'], help: 'refresh', run: rows.refresh },
    { keys: ['f'], help: 'facets', run: toggleFacets },
    { keys: ['v'], help: 'traces, spans or LLM calls', run: () => showList(listAfter(listing.of)) },
  ]);

  const asksForAll = listing.q === '' && listing.t === 'all';
  // A project without calls of models may still have other spans, and says so in their place.
  if (asksForAll && listing.of !== 'calls' && rows.shown.length === 0 && !rows.isPending && !rows.error)
    return <EmptyProject project={project} />;
  return (
    <div className={styles.page}>
      <h1 className={styles.title}>{titleOf[listing.of]}</h1>
      <QueryBar
        project={project}
        listing={listing}
        onAsk={(q, step) => onList({ ...listing, q }, step ? 'push' : 'replace')}
        onLeave={() => (document.getElementById('result-list') ?? document.getElementById('main'))?.focus()}
        before={
          <>
            <Choice label="List" options={listOptions} current={listing.of} onChoose={showList} />
            <Button tone="quiet" aria-pressed={facetsOpen} onClick={toggleFacets}>
              Facets
            </Button>
          </>
        }
        after={
          <>
            <ColumnChoice listing={listing} widthPx={widthPx} onChoose={(cols) => show({ cols })} />
            <SavedViews project={project} listing={listing} onList={(next) => onList(next, 'push')} />
            <TimeRange t={listing.t} onRange={(t) => show({ t })} />
            <IconButton
              icon="refresh"
              label={`Refresh${refreshHint}`}
              aria-busy={rows.refreshing}
              onClick={rows.refresh}
            />
          </>
        }
      >
        <Totals counts={counts} of={listing.of} />
        <span className={styles.stale}>{rows.note}</span>
        <NewPill rows={rows} />
      </QueryBar>
      <OverTime counts={counts} of={listing.of} onRange={(fromMs, toMs) => show({ t: rangeOf(fromMs, toMs) })} />
      <div className={`${styles.body} ${facetsOpen ? styles.withFacets : ''} ${peek === null ? '' : styles.withPeek}`}>
        {facetsOpen && (
          <div className={styles.facets}>
            <Facets project={project} listing={listing} onAsk={(q) => show({ q })} />
          </div>
        )}
        <div ref={measure} className={styles.results}>
          <Results
            project={project}
            listing={listing}
            rows={rows}
            widthPx={widthPx}
            peek={peek}
            onList={(next) => onList(next, 'push')}
            onPeek={onPeek}
          />
        </div>
        {peek !== null && (
          <Suspense fallback={null}>
            <Peek
              project={project}
              rowId={peek}
              found={rows.shown.find((row) => rowIdOf(row) === peek)?.matches ?? []}
              onClose={() => onPeek(null)}
            />
          </Suspense>
        )}
      </div>
    </div>
  );
}

type ResultsProps = {
  project: string;
  listing: Listing;
  rows: Rows;
  widthPx: number;
  peek: string | null;
  onList: (listing: Listing) => void;
  onPeek: (rowId: string | null) => void;
};

function Results({ project, listing, rows, widthPx, peek, onList, onPeek }: ResultsProps) {
  if (rows.shown.length > 0) {
    return (
      <ResultList
        key={listing.of}
        project={project}
        listing={listing}
        rows={rows.shown}
        widthPx={widthPx}
        more={rows.more}
        waiting={rows.waiting}
        peek={peek}
        onPeek={onPeek}
        onSort={(field) => onList({ ...listing, sort: sortedBy(listing, field) })}
      />
    );
  }
  const retry = <Button onClick={rows.refresh}>Try again</Button>;
  return (
    <div className={styles.instead}>
      {rows.isPending ? (
        <Loading what={`Loading ${oneOf[listing.of]}s`} />
      ) : isMistake(rows.error) ? (
        <Notice title="The query has a mistake">
          <p>It is underlined above. The list appears when the query has none.</p>
        </Notice>
      ) : rows.error ? (
        <Notice tone="error" title={`The ${oneOf[listing.of]}s could not be loaded`} action={retry}>
          <p>{rows.error.message}</p>
        </Notice>
      ) : listing.of === 'calls' && listing.q === '' && listing.t === 'all' ? (
        <NoCalls project={project} />
      ) : (
        <NoMatches project={project} listing={listing} onList={onList} />
      )}
    </div>
  );
}

type Rows = ReturnType<typeof useRows>;

// The rows on screen, and what became known since they were loaded.
function useRows(project: string, listing: Listing) {
  const client = useQueryClient();
  const loaded = useInfiniteQuery(listQuery(project, listing));
  const newest = useQuery(newestQuery(project, listing));
  const [refreshing, setRefreshing] = useState(false);
  // An empty list has nothing to keep still: the first rows appear by themselves.
  const pages = loaded.data?.pages.some((page) => page.data.length > 0)
    ? loaded.data.pages
    : newest.data
      ? [newest.data]
      : (loaded.data?.pages ?? []);
  const head = loaded.isPlaceholderData ? undefined : newest.data;
  const shown = shownRows(pages, head);

  const toTop = () => document.getElementById('result-list')?.scrollTo({ top: 0 });
  const countAgain = () => {
    client.invalidateQueries({ queryKey: ['histogram', project] });
    client.invalidateQueries({ queryKey: ['facets', project] });
  };
  const showNew = () => {
    const page = newest.data;
    if (page) client.setQueryData(listQuery(project, listing).queryKey, (old) => old && takeNewest(old, page));
    countAgain();
    toTop();
  };
  const refresh = async () => {
    setRefreshing(true);
    countAgain();
    await Promise.all([loaded.refetch(), newest.refetch()]);
    setRefreshing(false);
  };
  const pending = Math.max(...pages.map((page) => page.pending_requests), 0);
  const late = pending > 0 ? `${plural(pending, 'request')} received and not listed yet` : '';
  return {
    shown,
    unseen: shown.length > 0 ? newRows(pages, head) : { count: 0, orMore: false },
    note: newest.error && shown.length > 0 ? `Not up to date: ${newest.error.message}` : late,
    isPending: loaded.isPending,
    waiting: loaded.isPlaceholderData,
    error: loaded.error,
    more: { exists: loaded.hasNextPage, loading: loaded.isFetchingNextPage, load: loaded.fetchNextPage },
    refreshing,
    refresh,
    showNew,
  };
}

function NewPill({ rows: { unseen, showNew } }: { rows: Rows }) {
  if (unseen.count === 0) return null;
  return (
    <Button tone="primary" className={styles.pill} onClick={showNew}>
      {unseen.count}
      {unseen.orMore ? '+' : ''} new
    </Button>
  );
}

const listOptions = lists.map((of) => [of, titleOf[of]] as const);
const listAfter = (of: ListOf): ListOf => lists[(lists.indexOf(of) + 1) % lists.length] ?? 'traces';

// On a narrow screen they are closed at first: they would hide the list.
function useFacetsOpen(): [boolean, (open: boolean) => void] {
  const isNarrow = useRef(matchMedia('(max-width: 900px)').matches);
  const [open, setOpen] = useState(() => !isNarrow.current && localStorage.getItem(facetsSetting) !== 'off');
  return [
    open,
    (next) => {
      setOpen(next);
      if (!isNarrow.current) localStorage.setItem(facetsSetting, next ? 'on' : 'off');
    },
  ];
}
