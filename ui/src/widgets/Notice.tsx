import type { ReactNode } from 'react';
import styles from './Notice.module.css';

type NoticeProps = { title: string; children?: ReactNode; action?: ReactNode; tone?: 'plain' | 'error' };

// A page or panel that has nothing to show says why, and what to do.
export function Notice({ title, children, action, tone = 'plain' }: NoticeProps) {
  return (
    <div className={`${styles.notice} ${styles[tone]}`} role={tone === 'error' ? 'alert' : undefined}>
      <h2 className={styles.title}>{title}</h2>
      {children && <div className={styles.body}>{children}</div>}
      {action && <div className={styles.action}>{action}</div>}
    </div>
  );
}

// Shows only when the wait is long enough to notice.
export function Loading({ what }: { what: string }) {
  return (
    <div className={styles.loading} role="status">
      <span className={styles.spinner} />
      {what}
    </div>
  );
}
