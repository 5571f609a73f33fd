import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState } from 'react';
import { mistakesQuery } from '../../../api/list_queries';
import { formatCount, plural } from '../../../base/format';
import { useKeyHint, useKeys } from '../../../base/keys';
import { type Listing, listingOf, searchOf } from '../../../base/listing';
import { usePageTitle } from '../../../base/page_title';
import { Button } from '../../../widgets/Button';
import { Loading, Notice } from '../../../widgets/Notice';
import { useWidth } from '../../../widgets/useWidth';
import { ColumnChoice } from '../list/ColumnChoice';
import { ResultList } from '../list/ResultList';
import { QueryBar } from '../query/QueryBar';
import styles from '../traces.module.css';
import liveStyles from './live.module.css';
import { type Connection, type Live, useLiveTail } from './live_tail';
import { cleared, followed, paused, perSecond, rowsMax, type Tail } from './tail';

const Peek = lazy(() => import('../Peek').then((module) => ({ default: module.Peek })));

const rateEveryMs = 1000;
const noMore = { exists: false, loading: false, load: () => undefined };

type LiveChange = { q?: string | undefined; cols?: string | undefined };
type LivePageProps = {
  project: string;
  q: string;
  cols: string | undefined;
  onShow: (change: LiveChange, how: 'push' | 'replace') => void;
};

// Spans as they arrive: those that match the query.
export function LivePage({ project, q, cols, onShow }: LivePageProps) {
  usePageTitle(`Live spans of ${project}`);
  const listing: Listing = { ...listingOf({ of: 'spans', q }), cols };
  const wrong = (useQuery(mistakesQuery(project, 'spans', q)).data ?? []).length > 0;
  const { live, change } = useLiveTail(project, q, wrong);
  const { tail } = live;
  const [peek, setPeek] = useState<string | null>(null);
  const [measure, widthPx] = useWidth();
  const follow = () => {
    change(followed);
    document.getElementById('result-list')?.scrollTo({ top: 0 });
  };
  const toggle = () => (tail.paused ? follow() : change(paused));
  const followHint = useKeyHint('Live', 'pause or follow', 'L');
  useKeys('Live', [{ keys: ['L'], help: 'pause or follow', run: toggle }]);

  return (
    <div className={styles.page}>
      <h1 className={styles.title}>Live spans</h1>
      <QueryBar
        project={project}
        listing={listing}
        onAsk={(next, step) => onShow({ q: next || undefined }, step ? 'push' : 'replace')}
        onLeave={() => (document.getElementById('result-list') ?? document.getElementById('main'))?.focus()}
        before={
          <Button tone={tail.paused ? 'primary' : 'plain'} title={`Pause or follow${followHint}`} onClick={toggle}>
            {tail.paused ? 'Follow' : 'Pause'}
          </Button>
        }
        after={
          <>
            <ColumnChoice listing={listing} widthPx={widthPx} onChoose={(next) => onShow({ cols: next }, 'push')} />
            <Button disabled={tail.rows.length === 0 && tail.heldCount === 0} onClick={() => change(cleared)}>
              Clear
            </Button>
          </>
        }
      >
        <State live={live} onFollow={follow} />
      </QueryBar>
      <span />
      <div
        className={`${styles.body} ${peek === null ? '' : styles.withPeek}`}
        // Who reads further down wants the rows to hold still.
        onScrollCapture={({ target }) => {
          if (!tail.paused && target instanceof HTMLElement && target.id === 'result-list' && target.scrollTop > 0)
            change(paused);
        }}
      >
        <div ref={measure} className={styles.results}>
          {tail.rows.length > 0 ? (
            <ResultList
              project={project}
              listing={listing}
              rows={tail.rows}
              widthPx={widthPx}
              more={noMore}
              waiting={false}
              peek={peek}
              onPeek={setPeek}
              onSort={null}
            />
          ) : (
            <div className={styles.instead}>
              <Instead project={project} listing={listing} live={live} wrong={wrong} />
            </div>
          )}
        </div>
        {peek !== null && (
          <Suspense fallback={null}>
            <Peek project={project} rowId={peek} found={[]} onClose={() => setPeek(null)} />
          </Suspense>
        )}
      </div>
    </div>
  );
}

const words: Record<Connection, string> = {
  connecting: 'Connecting',
  open: 'Following',
  lost: 'No answer, trying again',
};

function State({ live: { connection, tail }, onFollow }: { live: Live; onFollow: () => void }) {
  const isPaused = tail.paused && connection === 'open';
  const full = tail.rows.length === rowsMax || tail.held.length === rowsMax;
  return (
    <>
      <span role="status" className={`${liveStyles.state} ${liveStyles[isPaused ? 'paused' : connection]}`}>
        {isPaused ? 'Paused' : words[connection]}
      </span>
      <Rate tail={tail} />
      <span className={styles.totals}>
        {plural(tail.rows.length, 'span')}
        {full && `, the newest ${rowsMax}`}
      </span>
      {tail.heldCount > 0 && (
        <Button tone="primary" className={styles.pill} onClick={onFollow}>
          {formatCount(tail.heldCount)} new
        </Button>
      )}
    </>
  );
}

function Rate({ tail }: { tail: Tail }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), rateEveryMs);
    return () => clearInterval(timer);
  }, []);
  const rate = perSecond(tail, Math.max(now, tail.recent.at(-1)?.atMs ?? 0));
  return (
    <span className={`${liveStyles.rate} figures`} title="Spans a second, over the last ten seconds">
      {rate < 10 ? rate.toFixed(1) : formatCount(Math.round(rate))}/s
    </span>
  );
}

type InsteadProps = { project: string; listing: Listing; live: Live; wrong: boolean };

function Instead({ project, listing, live: { connection, tail }, wrong }: InsteadProps) {
  if (wrong)
    return (
      <Notice title="The query has a mistake">
        <p>It is underlined above. Spans are followed when it has none.</p>
      </Notice>
    );
  if (connection === 'connecting') return <Loading what="Connecting" />;
  if (connection === 'lost')
    return (
      <Notice tone="error" title="The spans cannot be followed">
        <p>
          The server does not answer, or as many streams are open as it allows. It is asked again every two seconds.
        </p>
      </Notice>
    );
  const past = (
    <Link to="/p/$project/traces" params={{ project }} search={searchOf(listing)}>
      Spans that have arrived before
    </Link>
  );
  return (
    <Notice title={tail.paused ? 'Paused' : 'Waiting for the next span'} action={past}>
      <p>
        {listing.q === ''
          ? 'Each span of this project appears here as it arrives.'
          : 'Each span that matches the query appears here as it arrives.'}
      </p>
    </Notice>
  );
}
