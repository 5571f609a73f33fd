// Which tabs a span has, most telling first. Tabs with nothing in them are not listed.
import { saysTheSame } from '../../../api/cut_texts';
import type { Span } from '../../../api/types';

export const tabIds = [
  'messages',
  'documents',
  'io',
  'tools',
  'texts',
  'cost',
  'parameters',
  'events',
  'logs',
  'evaluations',
  'attributes',
  'links',
  'resource',
  'json',
] as const;
export type TabId = (typeof tabIds)[number];
export type DetailTab = { id: TabId; label: string; count?: number };

// The tool record repeats the span's input and output more often than not.
function toolSaysMore(span: Span): boolean {
  const { tool, input, output } = span;
  if (!tool) return false;
  return (
    tool.description !== null ||
    (tool.arguments !== null && !saysTheSame(span, tool.arguments, input?.value)) ||
    (tool.result !== null && !saysTheSame(span, tool.result, output?.value))
  );
}

export function tabsOf(span: Span): DetailTab[] {
  const tabs: DetailTab[] = [];
  const messages = (span.llm?.input_messages.length ?? 0) + (span.llm?.output_messages.length ?? 0);
  const documents = span.retrieval?.documents.length ?? 0;
  const reranked = span.reranker?.output_documents.length ?? 0;
  if (messages > 0) tabs.push({ id: 'messages', label: 'Messages', count: messages });
  if (documents + reranked > 0) tabs.push({ id: 'documents', label: 'Documents', count: reranked || documents });
  if (span.input || span.output) tabs.push({ id: 'io', label: 'Input / Output' });
  if (span.llm?.tools.length) tabs.push({ id: 'tools', label: 'Tools', count: span.llm.tools.length });
  else if (toolSaysMore(span)) tabs.push({ id: 'tools', label: 'Tool' });
  if (span.embedding?.texts.length) tabs.push({ id: 'texts', label: 'Texts', count: span.embedding.texts.length });
  if (span.tokens || span.cost || span.unpriced || span.repeats || span.notes.length > 0) {
    tabs.push({ id: 'cost', label: 'Cost' });
  }
  if (span.llm) tabs.push({ id: 'parameters', label: 'Parameters' });
  if (span.events.length > 0) tabs.push({ id: 'events', label: 'Events', count: span.events.length });
  if (span.logs.length > 0) tabs.push({ id: 'logs', label: 'Logs', count: span.logs.length });
  if (span.annotations.length > 0) {
    tabs.push({ id: 'evaluations', label: 'Evaluations', count: span.annotations.length });
  }
  tabs.push({ id: 'attributes', label: 'Attributes', count: Object.keys(span.attributes).length });
  if (span.links.length > 0) tabs.push({ id: 'links', label: 'Links', count: span.links.length });
  tabs.push({ id: 'resource', label: 'Resource' }, { id: 'json', label: 'JSON' });
  return tabs;
}

// The tab asked for where the span has it; else an error shows its events first, and other spans their first tab.
export function chooseTab(span: Span, asked: TabId | undefined): TabId {
  const tabs = tabsOf(span);
  if (asked && tabs.some((tab) => tab.id === asked)) return asked;
  if (span.exception && tabs.some((tab) => tab.id === 'events')) return 'events';
  return tabs[0]?.id ?? 'attributes';
}
