// One run beside what runs of its name usually come to: its spans by kind and name, each with the median of that.
import { partKey, type UsualPart, type UsualRun } from '../../api/trace_sql';
import type { OutlineSpan } from './outline';

export type PartOfRun = { calls: number; ns: number; tokens: number | null; usd: number | null; spanId: string };

// `here`: null where the run has no such span, `usual` where no earlier run had one.
export type UsualRow = { key: string; kind: string; name: string; here: PartOfRun | null; usual: UsualPart | null };

const sum = (a: number | null, b: number | null): number | null => (a === null ? b : a + (b ?? 0));

function partsOf(spans: readonly OutlineSpan[]): Map<string, UsualRow & { here: PartOfRun }> {
  const parts = new Map<string, UsualRow & { here: PartOfRun }>();
  for (const { kind, name, span_id: spanId, duration_ns: ns, tokens, cost } of spans) {
    const key = partKey(kind, name);
    const before = parts.get(key)?.here ?? { calls: 0, ns: 0, tokens: null, usd: null, spanId };
    const here = {
      calls: before.calls + 1,
      ns: before.ns + ns,
      tokens: sum(before.tokens, tokens?.total ?? null),
      usd: sum(before.usd, cost?.total_usd ?? null),
      spanId: before.spanId,
    };
    parts.set(key, { key, kind, name, here, usual: null });
  }
  return parts;
}

const nsApart = ({ here, usual }: UsualRow): number => Math.abs((here?.ns ?? 0) - (usual?.ns.p50 ?? 0));

// The farthest from the usual duration first. What most runs have and this one lacks is a row too.
export function usualRows(spans: readonly OutlineSpan[], { runs, parts }: UsualRun): UsualRow[] {
  const rows: UsualRow[] = [];
  const here = partsOf(spans);
  for (const row of here.values()) rows.push({ ...row, usual: parts.get(row.key) ?? null });
  for (const [key, usual] of parts) {
    if (here.has(key) || usual.runs * 2 < runs) continue;
    const [kind = ''] = key.split(' ', 1);
    rows.push({ key, kind, name: key.slice(kind.length + 1), here: null, usual });
  }
  return rows.toSorted((a, b) => nsApart(b) - nsApart(a));
}
