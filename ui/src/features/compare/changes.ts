// What differs between two aligned spans. How long they took always does, and is no change.
import { printJson } from '../../api/json';
import type { Message, Part, Span } from '../../api/types';
import type { OutlineSpan } from './outline';

export type ChangeName =
  | 'kind'
  | 'name'
  | 'status'
  | 'model'
  | 'parameters'
  | 'prompt'
  | 'answer'
  | 'input'
  | 'output'
  | 'documents'
  | 'tokens'
  | 'cost';

function partText(part: Part): string {
  switch (part.type) {
    case 'text':
    case 'reasoning':
      return part.text;
    case 'tool_call':
      return `${part.name ?? ''}(${typeof part.arguments === 'string' ? part.arguments : printJson(part.arguments)})`;
    case 'tool_result':
      return typeof part.result === 'string' ? part.result : printJson(part.result);
    default:
      return `[${part.type} ${part.url ?? part.mime_type ?? ''}]`;
  }
}

// Without the ids of tool calls, which no two runs share.
export const messageText = (message: Message): string => message.content.map(partText).join('\n');
export const messageKey = (message: Message): string =>
  JSON.stringify([message.role, message.name ?? null, messageText(message)]);

const promptOf = (span: Span): string => (span.llm?.input_messages ?? []).map(messageKey).join('\n');
const answerOf = (span: Span): string => (span.llm?.output_messages ?? []).map(messageKey).join('\n');
const hasMessages = ({ llm }: Span): boolean =>
  (llm?.input_messages.length ?? 0) + (llm?.output_messages.length ?? 0) > 0;
const documentsOf = (span: Span): unknown =>
  (span.retrieval?.documents ?? span.reranker?.output_documents ?? []).map(({ id, content, score }) => [
    id,
    content,
    score,
  ]);

// Of texts that came cut, how long they are: two of one beginning and of different lengths differ.
const cutBytes = ({ cut }: Span, within: string): number[] =>
  (cut ?? []).filter(({ path }) => path.startsWith(within)).map(({ bytes }) => bytes);

// What a span is compared by. A model call's messages say what its input and output say again.
const parts: readonly (readonly [ChangeName, (span: Span) => unknown])[] = [
  ['kind', ({ kind }) => kind],
  ['name', ({ name }) => name],
  ['status', ({ status, exception }) => [status.code, exception?.type ?? null]],
  ['model', ({ llm }) => llm?.model ?? null],
  ['parameters', ({ llm }) => llm?.invocation_parameters ?? null],
  ['prompt', (span) => [promptOf(span), cutBytes(span, '/llm/input_messages')]],
  ['answer', (span) => [answerOf(span), cutBytes(span, '/llm/output_messages')]],
  ['input', (span) => (hasMessages(span) ? null : [span.input?.value ?? null, cutBytes(span, '/input')])],
  ['output', (span) => (hasMessages(span) ? null : [span.output?.value ?? null, cutBytes(span, '/output')])],
  ['documents', (span) => [documentsOf(span), cutBytes(span, '/retrieval'), cutBytes(span, '/reranker')]],
  ['tokens', ({ tokens }) => [tokens?.prompt ?? null, tokens?.completion ?? null]],
  ['cost', ({ cost }) => cost?.total_usd ?? null],
];

export const changesOf = (a: Span, b: Span): ChangeName[] =>
  parts.filter(([, read]) => printJson(read(a)) !== printJson(read(b))).map(([name]) => name);

// Of spans of which no more is known than the structure of their traces tells.
const outline: readonly (readonly [ChangeName, (span: OutlineSpan) => unknown])[] = [
  ['kind', ({ kind }) => kind],
  ['name', ({ name }) => name],
  ['status', ({ status }) => status.code === 'ERROR'],
  ['tokens', ({ tokens }) => tokens?.total ?? null],
  ['cost', ({ cost }) => cost?.total_usd ?? null],
];

export const outlineChangesOf = (a: OutlineSpan, b: OutlineSpan): ChangeName[] =>
  outline.filter(([, read]) => read(a) !== read(b)).map(([name]) => name);
