import { expect, it } from 'vitest';
import type { ConversationCall } from '../../api/insight_types';
import { cacheBreakOf, deltaOf } from './delta';

const call: ConversationCall = {
  trace_id: 't',
  span_id: 'b',
  start_unix_ns: '0',
  model: 'm',
  thread: 0,
  messages: 4,
  tokens: { prompt: null, cache_read: null, cache_write: null },
  previous: { trace_id: 't', span_id: 'a' },
  shared_prefix: null,
  cache_break: null,
  new_messages: [{ index: 3, role: 'user', characters: 5, was_output: false }],
  new_message_count: 1,
};

it('knows which messages are new', () => {
  const delta = deltaOf({ calls: [call], tools: [], complete: true }, 'b');
  expect([0, 1, 2, 3].map((index) => delta?.isNew(index))).toEqual([false, false, false, true]);
  expect(deltaOf({ calls: [call], tools: [], complete: true }, 'a')).toBeNull();
  expect(deltaOf(undefined, 'b')).toBeNull();
});

it('says nothing when not all new messages are listed', () => {
  expect(deltaOf({ calls: [{ ...call, new_message_count: 2 }], tools: [], complete: true }, 'b')).toBeNull();
});

it('tells where a cache breaks', () => {
  expect(cacheBreakOf(call)).toBeNull();
  expect(cacheBreakOf({ ...call, cache_break: { at: 'message', message: 2 } })).toBe(
    'A prompt cache of the call before cannot be used: an earlier message differs (message 3).',
  );
  expect(cacheBreakOf({ ...call, cache_break: { at: 'model', message: null } })).toBe(
    'A prompt cache of the call before cannot be used: another model is asked.',
  );
});
