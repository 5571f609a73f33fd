import { Link } from '@tanstack/react-router';
import type { ErrorGroup } from '../../api/summary_queries';
import { KindChip } from '../../widgets/KindChip';
import styles from './error_title.module.css';

// Spans that failed alike, and a way to the latest of them.
export function ErrorTitle({ project, group }: { project: string; group: ErrorGroup }) {
  return (
    <span className={styles.title}>
      <KindChip kind={group.kind} />
      <span className={styles.words}>
        <Link
          to="/p/$project/traces/$traceId"
          params={{ project, traceId: group.traceId }}
          search={{ span: group.spanId }}
          title="Open the latest"
        >
          {group.type || 'Error'}
        </Link>{' '}
        <span className={styles.in}>in {group.name || '(no name)'}</span>
        <span className={styles.message} title={group.example}>
          {group.example || 'without a message'}
        </span>
      </span>
    </span>
  );
}
