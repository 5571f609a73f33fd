import { Button } from '../../widgets/Button';
import styles from './turns.module.css';

type Pages = { hasNextPage: boolean; isFetchingNextPage: boolean; error: Error | null; fetchNextPage: () => unknown };

// The way to the next page, where there is one.
export function MoreTurns({ turns, word }: { turns: Pages; word: string }) {
  if (!turns.hasNextPage) return null;
  return (
    <p className={styles.more}>
      <Button disabled={turns.isFetchingNextPage} onClick={() => turns.fetchNextPage()}>
        {turns.isFetchingNextPage ? 'Loading more' : word}
      </Button>
      {turns.error && !turns.isFetchingNextPage && <span role="alert">Not loaded: {turns.error.message}</span>}
    </p>
  );
}
