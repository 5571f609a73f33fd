import { expect, it } from 'vitest';
import { makeSpan } from '../../../api/test_spans';
import type { Span } from '../../../api/types';
import { chooseTab, tabsOf } from './tabs';

const plain = makeSpan({ id: 'a', start: 0, duration: 1 });
const tool: Span = {
  ...plain,
  input: { value: '{"q":1}', mime_type: null },
  output: { value: 'found', mime_type: null },
  tool: { name: 'search', call_id: null, description: null, arguments: '{"q":1}', result: 'found' },
};
const failed: Span = {
  ...plain,
  input: { value: 'x', mime_type: null },
  exception: { type: 'TimeoutError', message: null, stacktrace: null },
  events: [{ name: 'exception', time_unix_ns: '1', attributes: {} }],
};
const ids = (span: Span): string[] => tabsOf(span).map((tab) => tab.id);

it('lists only tabs that have something', () => {
  expect(ids(plain)).toEqual(['attributes', 'resource', 'json']);
  expect(ids(tool)).toEqual(['io', 'attributes', 'resource', 'json']);
  expect(ids({ ...tool, tool: tool.tool && { ...tool.tool, description: 'Search the docs' } })).toContain('tools');
});

it('keeps the tab asked for, else shows the failure, else the first', () => {
  expect(chooseTab(failed, 'json')).toBe('json');
  expect(chooseTab(failed, undefined)).toBe('events');
  expect(chooseTab(plain, 'messages')).toBe('attributes');
  expect(chooseTab(tool, undefined)).toBe('io');
});
