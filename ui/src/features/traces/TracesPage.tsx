import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { newestTracesQuery, tracesQuery } from '../../api/queries';
import { formatCount } from '../../base/format';
import { usePageTitle } from '../../base/page_title';
import { Button, IconButton } from '../../widgets/Button';
import { Loading, Notice } from '../../widgets/Notice';
import { EmptyProject } from './EmptyProject';
import { newRows, shownRows, takeNewest } from './merge_rows';
import { TraceList } from './TraceList';
import styles from './traces.module.css';

export function TracesPage({ project }: { project: string }) {
  usePageTitle(`Traces of ${project}`);
  const client = useQueryClient();
  const loaded = useInfiniteQuery(tracesQuery(project));
  const newest = useQuery(newestTracesQuery(project));
  const [refreshing, setRefreshing] = useState(false);
  // An empty list has nothing to keep still: the first traces appear by themselves.
  const pages = loaded.data?.pages.some((page) => page.data.length > 0)
    ? loaded.data.pages
    : newest.data
      ? [newest.data]
      : [];
  const rows = shownRows(pages, newest.data);
  const waiting = newRows(pages, newest.data);

  const showNew = () => {
    const page = newest.data;
    if (page) client.setQueryData(tracesQuery(project).queryKey, (old) => old && takeNewest(old, page));
    document.getElementById('trace-list')?.scrollTo({ top: 0 });
  };
  const refresh = async () => {
    setRefreshing(true);
    await Promise.all([loaded.refetch(), newest.refetch()]);
    setRefreshing(false);
  };

  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <h1 className={styles.title}>Traces</h1>
        {rows.length > 0 && (
          <span className={styles.loaded}>
            {loaded.hasNextPage ? `${formatCount(rows.length)} newest, more below` : formatCount(rows.length)}
          </span>
        )}
        {rows.length > 0 && waiting.count > 0 && (
          <Button tone="primary" className={styles.pill} onClick={showNew}>
            {waiting.count}
            {waiting.orMore ? '+' : ''} new
          </Button>
        )}
        <span className={styles.spacer} />
        {newest.error && rows.length > 0 && (
          <span className={styles.stale}>Not up to date: {newest.error.message}</span>
        )}
        <IconButton icon="refresh" label="Refresh the list (r)" aria-busy={refreshing} onClick={refresh} />
      </header>
      {rows.length > 0 ? (
        <TraceList
          project={project}
          rows={rows}
          more={{ exists: loaded.hasNextPage, loading: loaded.isFetchingNextPage, load: loaded.fetchNextPage }}
          onRefresh={refresh}
        />
      ) : loaded.isPending ? (
        <Loading what="Loading traces" />
      ) : loaded.error ? (
        <Notice
          tone="error"
          title="The traces could not be loaded"
          action={<Button onClick={refresh}>Try again</Button>}
        >
          <p>{loaded.error.message}</p>
        </Notice>
      ) : (
        <EmptyProject project={project} />
      )}
    </div>
  );
}
