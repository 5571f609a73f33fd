// A trace as Markdown for a bug report: its figures, the outline of its spans, and what the spans say that failed.
import { printJson } from '../../../api/json';
import { type Json, type Span, type TraceRow, titleOf } from '../../../api/types';
import { formatDuration, formatTokenFlow, formatUsd, plural } from '../../../base/format';
import { formatInstant } from '../../../base/time';
import { messageText } from '../../../panels/transcript/messages';
import { flagError, kindOf, nameOf, type SpanTree } from '../model/span_tree';

const outlineRowsMax = 200;
const textCharsMax = 4000;
export const toldSpansMax = 10;

// The rows whose spans are told whole: those that failed, the innermost of each failure, and the one that is looked at.
export function toldRows(tree: SpanTree, selectedRow: number): number[] {
  const rows = new Set<number>();
  for (let row = 0; row < tree.rows && rows.size < toldSpansMax - 1; row += 1) {
    const below = (tree.errorsBefore[tree.subtreeEnd[row] ?? row] ?? 0) - (tree.errorsBefore[row + 1] ?? 0);
    if ((tree.flags[row] ?? 0) & flagError && below === 0) rows.add(row);
  }
  if (selectedRow >= 0 && selectedRow < tree.rows) rows.add(selectedRow);
  return [...rows].sort((a, b) => a - b);
}

// A fence is longer than any run of its sign in the text.
export function fenced(text: string): string {
  const longest = Math.max(2, ...Array.from(text.matchAll(/`+/g), ([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${text}\n${fence}\n`;
}

function shortened(value: Json): string {
  const text = typeof value === 'string' ? value : printJson(value);
  return text.length <= textCharsMax
    ? text
    : `${text.slice(0, textCharsMax)}\n[${plural(text.length - textCharsMax, 'further character')}]`;
}

// Of one line, and nothing in it means anything.
const plain = (text: string): string => text.replaceAll(/\s+/g, ' ').replaceAll(/[\\`*_{}[\]()#<>|~!]/g, '\\$&');

function outline(tree: SpanTree): string {
  const lines: string[] = [];
  for (let row = 0; row < Math.min(tree.rows, outlineRowsMax); row += 1) {
    const name = (nameOf(tree, row) || '(no name)').replaceAll(/\s+/g, ' ');
    const lasted = formatDuration((tree.end[row] ?? 0) - (tree.start[row] ?? 0));
    const error = (tree.flags[row] ?? 0) & flagError ? '  ERROR' : '';
    lines.push(`${'  '.repeat(tree.depth[row] ?? 0)}${name}  ${kindOf(tree, row).toLowerCase()}  ${lasted}${error}`);
  }
  if (tree.rows > outlineRowsMax) lines.push(`and ${plural(tree.rows - outlineRowsMax, 'further span')}`);
  return fenced(lines.join('\n'));
}

function said(title: string, value: Json): string {
  return value === null || value === '' ? '' : `**${title}**\n\n${fenced(shortened(value))}\n`;
}

function told(span: Span): string {
  const { exception, status, llm } = span;
  const messages = [...(llm?.input_messages ?? []), ...(llm?.output_messages ?? [])];
  const failure = [exception?.type, exception?.message ?? status.message].filter(Boolean).join(': ');
  return [
    `### ${plain(titleOf(span))}\n\n`,
    `${span.kind.toLowerCase()}, span ${span.span_id}, ${formatDuration(span.duration_ns)}\n\n`,
    status.code === 'ERROR' ? said('Error', failure || 'status ERROR, without a message') : '',
    said('Stack trace', exception?.stacktrace ?? null),
    ...messages.map((one) => said(plain(one.role ?? 'message'), messageText(one))),
    messages.length === 0 ? said('Input', span.input?.value ?? null) : '',
    messages.length === 0 ? said('Output', span.output?.value ?? null) : '',
  ].join('');
}

// `spans`: of toldRows.
export function traceMarkdown(trace: TraceRow, tree: SpanTree, spans: readonly Span[], link: string): string {
  const facts: [string, string][] = [
    ['Trace', trace.trace_id],
    ['Link', link],
    ['Started', formatInstant(trace.start_unix_ns)],
    ['Duration', formatDuration(trace.duration_ns)],
    ['Spans', `${plural(tree.rows, 'span')}, ${plural(tree.errorsBefore[tree.rows] ?? 0, 'error')}`],
    ['Service', trace.service_name ?? ''],
    ['Models', trace.models.join(', ')],
    ['Tokens', trace.tokens ? formatTokenFlow(trace.tokens) : ''],
    ['Cost', trace.cost ? formatUsd(trace.cost.total_usd) : ''],
  ];
  const failed = spans.filter(({ status }) => status.code === 'ERROR');
  const others = spans.filter(({ status }) => status.code !== 'ERROR');
  return [
    `# ${plain(titleOf(trace))}\n\n`,
    ...facts.filter(([, value]) => value !== '').map(([name, value]) => `- ${name}: ${plain(value)}\n`),
    `\n## Spans\n\n${outline(tree)}\n`,
    failed.length > 0 ? `## What failed\n\n${failed.map(told).join('')}` : '',
    others.length > 0 ? `## The span that was looked at\n\n${others.map(told).join('')}` : '',
  ].join('');
}
