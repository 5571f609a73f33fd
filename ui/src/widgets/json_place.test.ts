import { json } from '@codemirror/lang-json';
import { EditorState } from '@codemirror/state';
import { expect, it } from 'vitest';
import { printPointer, stepsTo } from './json_place';

const text = '{"llm": {"messages": [1, {"a/b~c": ["x", null]}]}, "": true}';
const state = EditorState.create({ doc: text, extensions: [json()] });
const pointerAt = (position: number) => printPointer(stepsTo(state, position) ?? []);

it('tells the pointer of the value at the caret', () => {
  expect(pointerAt(text.indexOf('1,'))).toBe('/llm/messages/0');
  expect(pointerAt(text.indexOf('null'))).toBe('/llm/messages/1/a~1b~0c/1');
  expect(pointerAt(text.indexOf('true'))).toBe('/');
});

it('tells the pointer of a member at its name', () => {
  expect(pointerAt(text.indexOf('messages'))).toBe('/llm/messages');
  expect(pointerAt(0)).toBe('');
});

it('tells the pointer of what ends at the end of a line', () => {
  const lines = EditorState.create({ doc: '{\n  "a": [\n    1,\n    2\n  ],\n  "b": 3\n}', extensions: [json()] });
  const atEnd = (line: number) => printPointer(stepsTo(lines, lines.doc.line(line).to) ?? []);
  expect([1, 2, 3, 4, 5, 6, 7].map(atEnd)).toEqual(['', '/a', '/a/0', '/a/1', '/a', '/b', '']);
});

it('knows where each step leads to', () => {
  expect(stepsTo(state, text.indexOf('null'))?.map(({ from }) => text.slice(from, from + 4))).toEqual([
    '"llm',
    '"mes',
    '{"a/',
    '"a/b',
    'null',
  ]);
});
