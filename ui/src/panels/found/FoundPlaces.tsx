import { Link } from '@tanstack/react-router';
import type { PlacedMatch } from '../../api/types';
import { FoundText } from './FoundText';
import styles from './found.module.css';
import { placeText } from './place';

// The best places of the words in one row of a list, each with the way to its span.
export function FoundPlaces({ project, found }: { project: string; found: readonly PlacedMatch[] }) {
  return (
    <ul className={styles.places} aria-label="Found in">
      {found.map((match) => (
        <li key={`${match.span_id} ${match.path} ${match.offset}`}>
          <p className={styles.place}>
            {placeText(match)} in{' '}
            <Link
              to="/p/$project/traces/$traceId"
              params={{ project, traceId: match.trace_id }}
              search={{ span: match.span_id }}
            >
              {match.span_name || '(no name)'}
            </Link>
          </p>
          <p className={styles.text}>
            <FoundText match={match} />
          </p>
        </li>
      ))}
    </ul>
  );
}
