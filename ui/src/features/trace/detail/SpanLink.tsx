import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';

// A span wherever it is, in this trace or another.
export function SpanLink({ to, children }: { to: { trace_id: string; span_id: string }; children: ReactNode }) {
  return (
    <Link to="/traces/$traceId" params={{ traceId: to.trace_id }} search={{ span: to.span_id }}>
      {children}
    </Link>
  );
}
