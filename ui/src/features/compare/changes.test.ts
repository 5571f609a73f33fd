import { expect, it } from 'vitest';
import type { Llm, Message } from '../../api/types';
import { changesOf, messageKey } from './changes';
import { makeSpan } from './test_spans';

const callOf = (id: string): Message => ({
  role: 'assistant',
  content: [{ type: 'tool_call', id, name: 'search', arguments: { q: 'refund' } }],
});

const llmOf = (given: Partial<Llm>): Llm =>
  ({ model: 'gpt-4o', input_messages: [], output_messages: [], ...given }) as Llm;

it('finds none between runs that differ in time and ids', () => {
  const a = makeSpan({ id: '1', name: 'chat', duration_ns: 5, llm: llmOf({ output_messages: [callOf('call_1')] }) });
  const b = makeSpan({ id: '2', name: 'chat', duration_ns: 9, llm: llmOf({ output_messages: [callOf('call_2')] }) });
  expect(changesOf(a, b)).toEqual([]);
  expect(messageKey(callOf('call_1'))).toBe('["assistant",null,"search({\\n  \\"q\\": \\"refund\\"\\n})"]');
});

it('names what differs', () => {
  const said = (text: string): Message => ({ role: 'user', content: [{ type: 'text', text }] });
  const a = makeSpan({
    id: '1',
    name: 'chat',
    llm: llmOf({ input_messages: [said('one')], invocation_parameters: { temperature: 0 } }),
    input: { value: 'one', mime_type: null },
  });
  const b = makeSpan({
    id: '2',
    name: 'chat',
    failed: true,
    llm: llmOf({ model: 'gpt-4.1', input_messages: [said('two')], invocation_parameters: { temperature: 1 } }),
    input: { value: 'two', mime_type: null },
  });
  expect(changesOf(a, b)).toEqual(['status', 'model', 'parameters', 'prompt']);
});

it('compares input and output where there are no messages', () => {
  const a = makeSpan({ id: '1', name: 't', input: { value: 'x', mime_type: null } });
  const b = makeSpan({ id: '2', name: 't', output: { value: 'y', mime_type: null } });
  expect(changesOf(a, b)).toEqual(['input', 'output']);
});

it('knows two texts of one beginning by their lengths', () => {
  const long = (id: string, bytes: number) => ({
    ...makeSpan({ id, name: 't', input: { value: 'begins alike', mime_type: null } }),
    cut: [{ path: '/input/value', bytes }],
  });
  expect(changesOf(long('1', 70_000), long('2', 70_000))).toEqual([]);
  expect(changesOf(long('1', 70_000), long('2', 90_000))).toEqual(['input']);
});
