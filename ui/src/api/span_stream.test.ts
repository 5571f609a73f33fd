import { expect, it } from 'vitest';
import { SpanSplitter } from './span_stream';

const objects = ['{"a":"}{\\"","b":{"c":[{}]}}', '{}', '{"ü":"\\\\"}'];
const answer = `{"trace":{"name":",\\"spans\\":[","logs":[{"x":1,"spans":[{}]}]},"spans":[${objects.join(',')}]}`;

it('cuts spans out of an answer, however its pieces are', () => {
  for (const length of [1, 2, 3, 7, 1000]) {
    const splitter = new SpanSplitter();
    const found: string[] = [];
    for (let at = 0; at < answer.length; at += length) found.push(...splitter.take(answer.slice(at, at + length)));
    expect(found).toEqual(objects);
    expect(splitter.ended).toBe(true);
  }
});

it('knows an answer that ended too early', () => {
  const splitter = new SpanSplitter();
  expect(splitter.take(answer.slice(0, -8))).toEqual(objects.slice(0, 2));
  expect(splitter.ended).toBe(false);
});
