import { expect, it } from 'vitest';
import type { Message } from '../../api/types';
import { joinMessages, messageText } from './messages';

const system: Message = { role: 'system', content: [{ type: 'text', text: 'Use the tools.' }] };
const user: Message = { role: 'user', content: [{ type: 'text', text: 'Compare Postgres and SQLite.' }] };
const call: Message = {
  role: 'assistant',
  content: [
    { type: 'reasoning', text: 'search first' },
    { type: 'tool_call', id: 'call_1', name: 'search_docs', arguments: '{"top_k": 3}' },
    { type: 'tool_call', id: 'call_2', name: 'now', arguments: {} },
  ],
};

// What the turns show: parts by type, calls as name=result.
const shown = (messages: Message[]): string[] =>
  joinMessages(messages).map(
    (turn) =>
      `${turn.role}: ${turn.blocks
        .map((b) => (b.type === 'part' ? b.part.type : `${b.call.name}=${JSON.stringify(b.call.result) ?? 'none'}`))
        .join(' ')}`,
  );

it('joins a call with the result part that answers it and drops the message of the result', () => {
  const result: Message = {
    role: 'tool',
    content: [{ type: 'tool_result', id: 'call_1', result: [{ id: 'dj-004' }] }],
  };
  expect(shown([system, user, call, result])).toEqual([
    'system: text',
    'user: text',
    'assistant: reasoning search_docs=[{"id":"dj-004"}] now=none',
  ]);
});

it('joins a result that is the text of a tool message', () => {
  const result: Message = { role: 'tool', tool_call_id: 'call_2', content: [{ type: 'text', text: '12:00' }] };
  expect(shown([call, result])).toEqual(['assistant: reasoning search_docs=none now="12:00"']);
});

it('tells a null result from no result', () => {
  const result: Message = { role: 'tool', content: [{ type: 'tool_result', id: 'call_1', result: null }] };
  expect(shown([call, result])).toEqual(['assistant: reasoning search_docs=null now=none']);
});

it('keeps a result whose call is not there, or comes later', () => {
  const result: Message = { role: 'tool', content: [{ type: 'tool_result', id: 'call_9', result: 'x' }] };
  expect(shown([result])).toEqual(['tool: tool_result']);
  const early: Message = { role: 'tool', content: [{ type: 'tool_result', id: 'call_1', result: 'x' }] };
  expect(shown([early, call])).toEqual(['tool: tool_result', 'assistant: reasoning search_docs="x" now=none']);
});

it('keeps a message without content', () => {
  expect(shown([{ role: 'assistant', content: [] }])).toEqual(['assistant: ']);
});

it('gives the text of a message for copying', () => {
  expect(messageText(call)).toBe('search first\nsearch_docs({"top_k": 3})\nnow({})');
});
