// Work that a trace could have done without. Each finding says what it saw and names its spans; none is a score.
import type { Conversation } from '../../../api/insight_types';
import type { Repeated } from '../../../api/types';
import { formatDuration, formatTokens, plural } from '../../../base/format';
import { childIntervals, flagError, flagOpen, hasChildren, type SpanTree } from './span_tree';

export type Waste = { id: string; label: string; why: string; rows: number[] };

// Providers cache prompts from about this length on.
const cacheableTokens = 1024;
const idleShare = 0.2;

// Rows of spans that did the same, each group in the order of time.
type Groups = readonly (readonly number[])[];

const groupsOf = (tree: SpanTree, ids: readonly (readonly string[])[]): Groups =>
  ids.map((group) => group.flatMap((id) => tree.rowOfSpan.get(id) ?? []));

const isFailed = (tree: SpanTree, row: number): boolean => ((tree.flags[row] ?? 0) & flagError) !== 0;

function retries(tree: SpanTree, calls: Groups): Waste[] {
  const rows = calls
    .filter((group) => group.slice(0, -1).every((row) => isFailed(tree, row)))
    .flatMap((group) => group.slice(1));
  if (rows.length === 0) return [];
  return [
    { id: 'retries', label: plural(rows.length, 'retry', 'retries'), why: 'the same call after it failed', rows },
  ];
}

function repeatedTools(tree: SpanTree, calls: Groups): Waste[] {
  const rows = calls.flatMap((group) => group.filter((row) => !isFailed(tree, row)).slice(1));
  if (rows.length === 0) return [];
  const label = plural(rows.length, 'repeated tool call');
  return [{ id: 'repeats', label, why: 'the same tool with the same input had succeeded before', rows }];
}

function sameDocuments(retrievals: Groups): Waste[] {
  const rows = retrievals.flatMap((group) => group.slice(1));
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
  if (tree.rows === 0 || !hasChildren(tree, 0) || (tree.flags[0] ?? 0) & flagOpen) return [];
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

// By the server's word on what repeats what; without it what the tree alone tells.
export function wasteOf(tree: SpanTree, conversation?: Conversation, repeated?: Repeated): Waste[] {
  const calls = groupsOf(tree, repeated?.tool_calls ?? []);
  const found = [
    ...retries(tree, calls),
    ...repeatedTools(tree, calls),
    ...sameDocuments(groupsOf(tree, repeated?.retrievals ?? [])),
    ...uncached(tree, conversation),
    ...idle(tree),
  ];
  return found.map((one) => ({ ...one, rows: one.rows.toSorted((a, b) => a - b) }));
}
