// The parts of a trace as one file of HTML that opens anywhere, also offline. It holds no script and may load nothing;
// all that came from outside is escaped text.
import { printJson } from '../../../api/json';
import type { Json, Message, Span } from '../../../api/types';
import { formatDuration, formatTokenFlow, formatUsd, plural } from '../../../base/format';
import { kindLetter } from '../../../base/kinds';
import { formatInstant } from '../../../base/time';
import { messageText } from '../../../panels/transcript/messages';
import { flagError, nameOf, type SpanTree } from '../model/span_tree';
import style from './trace_html.css?raw';

const lanePx = 1000;
const indentPx = 12;
const indentLevelsMax = 14;

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
export const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (char) => entities[char] ?? char);

const asText = (value: Json): string => (typeof value === 'string' ? value : printJson(value));
const block = (title: string, body: string): string => `<h3>${escaped(title)}</h3>${body}`;
const text = (value: Json): string => `<pre>${escaped(asText(value))}</pre>`;

function table(values: Record<string, Json>): string {
  const rows = Object.entries(values).map(
    ([key, value]) => `<tr><th scope="row">${escaped(key)}</th><td>${text(value)}</td></tr>`,
  );
  return rows.length > 0 ? `<table>${rows.join('')}</table>` : '<p>None.</p>';
}

const message = (one: Message): string =>
  `<section><h4>${escaped(one.role ?? 'message')}</h4>${text(messageText(one))}</section>`;

function said(span: Span): string {
  const parts: string[] = [];
  const messages = [...(span.llm?.input_messages ?? []), ...(span.llm?.output_messages ?? [])];
  if (messages.length > 0) parts.push(block('Messages', messages.map(message).join('')));
  else {
    if (span.input) parts.push(block('Input', text(span.input.value)));
    if (span.output) parts.push(block('Output', text(span.output.value)));
  }
  const documents = span.reranker?.output_documents ?? span.retrieval?.documents ?? [];
  if (documents.length > 0) {
    const list = documents.map(
      ({ id, score, content }) =>
        `<li>${escaped(`${id ?? '(no id)'}${score === null ? '' : `, score ${score}`}`)}${text(content)}</li>`,
    );
    parts.push(block('Documents', `<ol>${list.join('')}</ol>`));
  }
  for (const event of span.events) parts.push(block(`Event ${event.name}`, table(event.attributes)));
  for (const log of span.logs) parts.push(block(`Log ${log.severity_text ?? ''}`, text(log.body)));
  for (const { name, label, score, explanation } of span.annotations) {
    const verdict = [label, score, explanation].filter((known) => known !== null).join(', ');
    parts.push(block(`Evaluation ${name ?? ''}`, text(verdict)));
  }
  parts.push(block('Attributes', table(span.attributes)), block('Resource', table(span.resource)));
  return parts.join('');
}

function figures(span: Span): string {
  const known = [formatDuration(span.duration_ns)];
  if (span.tokens) known.push(`${formatTokenFlow(span.tokens)} tokens`);
  if (span.cost) known.push(formatUsd(span.cost.total_usd));
  return known.join(', ');
}

// Places are attributes of SVG: a policy without inline styles allows them.
function bar(tree: SpanTree, row: number): string {
  const scale = lanePx / Math.max(tree.totalNs, 1);
  const left = (tree.start[row] ?? 0) * scale;
  const width = Math.max(2, ((tree.end[row] ?? 0) - (tree.start[row] ?? 0)) * scale);
  const failed = (tree.flags[row] ?? 0) & flagError ? ' class="failed"' : '';
  const box = `x="${left.toFixed(1)}" y="2" width="${width.toFixed(1)}" height="8"`;
  return `<svg viewBox="0 0 ${lanePx} 12" preserveAspectRatio="none" aria-hidden="true"><rect ${box}${failed}/></svg>`;
}

export function spanHtml(tree: SpanTree, span: Span, row: number): string {
  const indent = Math.min(tree.depth[row] ?? 0, indentLevelsMax) * indentPx;
  const failure =
    span.status.code === 'ERROR'
      ? `<p class="failure">${escaped(span.exception?.message ?? span.status.message ?? 'status ERROR')}</p>`
      : '';
  const name = `<b>${kindLetter(span.kind)}</b> ${escaped(nameOf(tree, row) || '(no name)')}`;
  const summary = `<span class="name"><svg width="${indent}" height="1" aria-hidden="true"></svg>${name}</span>`;
  return (
    `<details id="s-${escaped(span.span_id)}"><summary>${summary}${bar(tree, row)}` +
    `<span class="figures">${escaped(figures(span))}${failure && ' error'}</span></summary>` +
    `<div class="said"><p>${escaped(`${span.kind.toLowerCase()}, span ${span.span_id}, ${formatInstant(span.start_unix_ns)}`)}</p>` +
    `${failure}${said(span)}</div></details>`
  );
}

// A page in three parts: this, the spans in the order of rows, and the end. `nonce`: of the style, one that no text of
// the trace can know.
export function htmlBegin(name: string, traceId: string, tree: SpanTree, nonce: string): string {
  const policy = `default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'`;
  const title = escaped(name || '(no name)');
  const errors = tree.errorsBefore[tree.rows] ?? 0;
  const facts = [formatDuration(tree.totalNs), plural(tree.rows, 'span'), plural(errors, 'error')].join(', ');
  return (
    `<!doctype html><html lang="en"><head><meta charset="utf-8">` +
    `<meta http-equiv="Content-Security-Policy" content="${policy}">` +
    `<meta name="viewport" content="width=device-width"><title>${title}</title>` +
    `<style nonce="${nonce}">${style}</style></head><body><header><h1>${title}</h1>` +
    `<p>${facts}, trace <code>${escaped(traceId)}</code></p></header><main>`
  );
}

export const htmlEnd = `</main><footer>Exported from Nightjar</footer></body></html>`;
