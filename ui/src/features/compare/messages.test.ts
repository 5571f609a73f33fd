import { expect, it } from 'vitest';
import type { Message } from '../../api/types';
import { alignMessages } from './messages';

const messagesOf = (...texts: string[]): Message[] =>
  texts.map((line) => {
    const [role = '', text = ''] = line.split(':');
    return { role, content: [{ type: 'text', text }] };
  });

const textOf = (message: Message | null) => (message?.content[0]?.type === 'text' ? message.content[0].text : '');

const shown = (a: Message[], b: Message[]) =>
  alignMessages(a, b).map((pair) => `${textOf(pair.a)}${pair.isSame ? '=' : '|'}${textOf(pair.b)}`);

it('keeps the same messages in place and pairs the others by role', () => {
  expect(
    shown(
      messagesOf('system:old', 'user:hi', 'assistant:x', 'user:bye'),
      messagesOf('system:new', 'user:hi', 'user:bye'),
    ),
  ).toEqual(['old|new', 'hi=hi', 'x|', 'bye=bye']);
  expect(shown(messagesOf('user:a'), messagesOf('system:s', 'user:b', 'assistant:c'))).toEqual(['|s', 'a|b', '|c']);
  expect(shown([], messagesOf('user:a'))).toEqual(['|a']);
});

it('passes over a message that has no counterpart', () => {
  expect(shown(messagesOf('tool:t', 'user:a'), messagesOf('user:b'))).toEqual(['t|', 'a|b']);
});
