import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Button } from '../../widgets/Button';
import { Loading } from '../../widgets/Notice';
import styles from './settings.module.css';

type AskedProps<T> = { query: UseQueryResult<T>; what: string; children: (data: T) => ReactNode };

// What was asked for, or why it is not here. The last answer stays while the next one fails.
export function Asked<T>({ query, what, children }: AskedProps<T>) {
  const { data, error, isPending, refetch } = query;
  if (isPending) return <Loading what={`Loading ${what}`} />;
  return (
    <>
      {error && (
        <p role="alert" className={styles.alert}>
          {data === undefined ? 'Not loaded' : 'Not up to date'}: {error.message}
          <Button onClick={() => refetch()}>Try again</Button>
        </p>
      )}
      {data !== undefined && children(data)}
    </>
  );
}
