// Work that a trace could have done without. Each finding says what it saw and names its spans; none is a score.
import type { Conversation } from '../../../api/insight_types';
import type { Span } from '../../../api/types';
import { formatDuration, formatTokens, plural } from '../../../base/format';
import { childIntervals, hasChildren, type SpanTree } from './span_tree';

export type Waste = { id: string; label: string; why: string; rows: number[] };

// Providers cache prompts from about this length on.
const cacheableTokens = 1024;
const idleShare = 0.2;

const isFailed = (span: Span | undefined): boolean => span?.status.code === 'ERROR';

function groupRows(tree: SpanTree, keyOf: (span: Span) => string | null): number[][] {
  const groups = new Map<string, number[]>();
  for (const [row, span] of tree.spans.entries()) {
    const key = keyOf(span);
    if (key === null) continue;
    const known = groups.get(key);
    if (known) known.push(row);
    else groups.set(key, [row]);
  }
  return [...groups.values()].filter((rows) => rows.length > 1);
}

const toolCall = (span: Span): string | null =>
  span.kind === 'TOOL' && span.input !== null ? JSON.stringify([span.tool?.name ?? span.name, span.input.value]) : null;

function retries(tree: SpanTree): Waste[] {
  const rows = groupRows(tree, toolCall)
    .filter((group) => group.slice(0, -1).every((row) => isFailed(tree.spans[row])))
    .flatMap((group) => group.slice(1));
  if (rows.length === 0) return [];
  return [
    { id: 'retries', label: plural(rows.length, 'retry', 'retries'), why: 'the same call after it failed', rows },
  ];
}

function repeatedTools(tree: SpanTree): Waste[] {
  const rows = groupRows(tree, toolCall)
    .filter((group) => group.filter((row) => !isFailed(tree.spans[row])).length > 1)
    .flatMap((group) => group.filter((row) => !isFailed(tree.spans[row])).slice(1));
  if (rows.length === 0) return [];
  const label = plural(rows.length, 'repeated tool call');
  return [{ id: 'repeats', label, why: 'the same tool with the same input had succeeded before', rows }];
}

function sameDocuments(tree: SpanTree): Waste[] {
  const rows = groupRows(tree, ({ retrieval }) => {
    const ids = retrieval?.documents.map((document) => document.id ?? document.content ?? '') ?? [];
    return ids.length > 0 ? JSON.stringify(ids.toSorted()) : null;
  }).flatMap((group) => group.slice(1));
  if (rows.length === 0) return [];
  const label = plural(rows.length, 'retrieval of the same documents', 'retrievals of the same documents');
  return [{ id: 'documents', label, why: 'an earlier retrieval returned these documents', rows }];
}

function uncached(tree: SpanTree, conversation: Conversation | undefined): Waste[] {
  const calls = (conversation?.calls ?? []).filter(
    ({ shared_prefix: shared, tokens, span_id: id }) =>
      tree.rowOfSpan.has(id) && (shared?.estimated_tokens ?? 0) >= cacheableTokens && !tokens.cache_read,
  );
  if (calls.length === 0) return [];
  const sum = calls.reduce((total, call) => total + (call.shared_prefix?.estimated_tokens ?? 0), 0);
  return [
    {
      id: 'uncached',
      label: `${formatTokens(sum)} tokens not cached`,
      why: 'these prompts begin like an earlier one, and nothing was read from a cache',
      rows: calls.map((call) => tree.rowOfSpan.get(call.span_id) ?? 0),
    },
  ];
}

// A root that waited for nothing that was recorded.
function idle(tree: SpanTree): Waste[] {
  if (tree.rows === 0 || !hasChildren(tree, 0)) return [];
  let at = tree.start[0] ?? 0;
  let longest = 0;
  childIntervals(tree, 0, (from, to) => {
    longest = Math.max(longest, from - at);
    at = to;
    return true;
  });
  longest = Math.max(longest, (tree.end[0] ?? 0) - at);
  if (longest < tree.totalNs * idleShare) return [];
  const why = 'the root span worked or waited alone for so long: nothing below it tells what happened';
  return [{ id: 'idle', label: `${formatDuration(longest)} unexplained`, why, rows: [0] }];
}

export const wasteOf = (tree: SpanTree, conversation: Conversation | undefined): Waste[] => [
  ...retries(tree),
  ...repeatedTools(tree),
  ...sameDocuments(tree),
  ...uncached(tree, conversation),
  ...idle(tree),
];
