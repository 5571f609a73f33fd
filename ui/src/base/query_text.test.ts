import { expect, it } from 'vitest';
import { writtenKey, writtenValue } from './query_text';

it.each([
  ['gpt-4o', 'gpt-4o'],
  ['agent.run', 'agent.run'],
  ['/chat', '"/chat"'],
  ['a b', '"a b"'],
  ['or', '"or"'],
  ['a..b', '"a..b"'],
  ['10k', '"10k"'],
  ['gpt*', '"gpt*"'],
  ['C:\\x "y"', '"C:\\\\x \\"y\\""'],
  ['', '""'],
  ['größe', '"größe"'],
])('writes %j as %s', (value, expected) => {
  expect(writtenValue(value)).toBe(expected);
});

it('writes keys', () => {
  expect(writtenKey('http.route')).toBe('http.route');
  expect(writtenKey('my key')).toBe('"my key"');
});
