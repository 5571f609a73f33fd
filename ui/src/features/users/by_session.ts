// The turns of a user by the session they belong to.
import type { TraceRow } from '../../api/types';

export type TurnsOfSession = { session: string | null; rows: TraceRow[] };

// Sessions in the order in which the rows name them, and each one's rows in the opposite order: of rows with the latest
// first, the latest session first, and in it the talk as it went. Rows without a session are one group.
export function bySession(rows: readonly TraceRow[]): TurnsOfSession[] {
  const groups = new Map<string | null, TraceRow[]>();
  for (const row of rows) {
    const group = groups.get(row.session_id);
    if (group) group.push(row);
    else groups.set(row.session_id, [row]);
  }
  return [...groups].map(([session, latestFirst]) => ({ session, rows: latestFirst.toReversed() }));
}
