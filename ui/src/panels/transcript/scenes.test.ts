import { expect, it } from 'vitest';
import type { Conversation } from '../../api/insight_types';
import { makeSpan } from '../../api/test_spans';
import type { Message } from '../../api/types';
import { scenesOf } from './scenes';

const text = (role: string, words: string): Message => ({ role, content: [{ type: 'text', text: words }] });

function call(id: string, start: number, input: Message[], output: Message[]) {
  const span = makeSpan({ id, start, duration: 1 });
  span.kind = 'LLM';
  span.llm = { input_messages: input, output_messages: output } as never;
  return span;
}

const first = call('a', 0, [text('user', 'hi')], [text('assistant', 'hello')]);
const second = call('b', 5, [text('user', 'hi'), text('assistant', 'hello'), text('user', 'more')], []);

const conversation = {
  calls: [
    { span_id: 'a', previous: null, new_messages: [{ index: 0, was_output: false }], new_message_count: 1 },
    {
      span_id: 'b',
      previous: { trace_id: 't', span_id: 'a' },
      new_messages: [
        { index: 1, was_output: true },
        { index: 2, was_output: false },
      ],
      new_message_count: 2,
    },
  ],
} as unknown as Conversation;

it('tells each message once', () => {
  const scenes = scenesOf([second, first], conversation);
  expect(scenes.map((scene) => scene.span.span_id)).toEqual(['a', 'b']);
  expect(scenes.map((scene) => scene.said.map((turn) => turn.index))).toEqual([[0], [2]]);
  expect(scenes.map((scene) => scene.unchanged)).toEqual([0, 2]);
});

it('shows all that is said where nobody knows what is new', () => {
  expect(scenesOf([second], undefined)[0]?.said).toHaveLength(3);
});

it('has what failed with an exception, in time', () => {
  const tool = makeSpan({ id: 'x', start: 2, duration: 1, failed: true });
  tool.exception = { type: 'TimeoutError', message: 'late', stacktrace: null };
  expect(scenesOf([first, second, tool], conversation).map((scene) => scene.span.span_id)).toEqual(['a', 'x', 'b']);
});

it('has a call that recorded its answer alone, and none that recorded nothing', () => {
  const answer = call('c', 9, [], [text('assistant', 'done')]);
  const scenes = scenesOf([answer, call('d', 10, [], [])], undefined);
  expect(scenes.map((scene) => scene.span.span_id)).toEqual(['c']);
  expect(scenes[0]?.answered).toHaveLength(1);
});
