import { expect, it } from 'vitest';
import { makeSpan } from '../../../api/test_spans';
import type { TraceRow } from '../../../api/types';
import { buildSpanTree } from '../model/span_tree';
import { fenced, toldRows, traceMarkdown } from './trace_markdown';

const root = makeSpan({ id: 'root', name: 'run *it*', start: 0, duration: 3_000_000, failed: true });
const tool = makeSpan({
  id: 'tool',
  parent: 'root',
  name: 'search',
  start: 1_000_000,
  duration: 1_000_000,
  failed: true,
});
const chat = makeSpan({ id: 'chat', parent: 'root', name: 'chat', start: 2_000_000, duration: 500_000 });
const broken = {
  ...tool,
  exception: { type: 'TimeoutError', message: 'late', stacktrace: 'at a\nat b' },
  input: { value: 'a ``` in it', mime_type: null },
};
const tree = buildSpanTree([root, broken, chat]);

it('tells the innermost failures and what is looked at', () => {
  expect(toldRows(tree, 2)).toEqual([1, 2]);
  expect(toldRows(tree, 1)).toEqual([1]);
  expect(toldRows(tree, -1)).toEqual([1]);
});

it('fences a text by more signs than it has', () => {
  expect(fenced('a ```` b')).toBe('`````text\na ```` b\n`````\n');
});

it('says what a bug report needs', () => {
  const trace = {
    trace_id: 'abc',
    name: 'run *it*',
    title: null,
    start_unix_ns: '1795386329000000000',
    duration_ns: 3_000_000,
    service_name: null,
    models: [],
    tokens: null,
    cost: null,
  } as unknown as TraceRow;
  const text = traceMarkdown(trace, tree, [broken], 'http://host/p/a');
  expect(text.split('\n').filter((line) => !line.startsWith('- Started'))).toEqual([
    '# run \\*it\\*',
    '',
    '- Trace: abc',
    '- Link: http://host/p/a',
    '- Duration: 3.00ms',
    '- Spans: 3 spans, 2 errors',
    '',
    '## Spans',
    '',
    '```text',
    'run *it*  chain  3.00ms  ERROR',
    '  search  chain  1.00ms  ERROR',
    '  chat  chain  500µs',
    '```',
    '',
    '## What failed',
    '',
    '### search',
    '',
    'chain, span tool, 1.00ms',
    '',
    '**Error**',
    '',
    '```text',
    'TimeoutError: late',
    '```',
    '',
    '**Stack trace**',
    '',
    '```text',
    'at a',
    'at b',
    '```',
    '',
    '**Input**',
    '',
    '````text',
    'a ``` in it',
    '````',
    '',
    '',
  ]);
});

it('is short however long the trace', () => {
  const many = buildSpanTree(
    Array.from({ length: 300 }, (_, at) => makeSpan({ id: `s${at}`, start: at, duration: 1, failed: true })),
  );
  expect(toldRows(many, 299)).toHaveLength(10);
  const long = { ...root, exception: null, input: { value: 'x'.repeat(5000), mime_type: null } };
  const text = traceMarkdown({ ...root, models: [] } as unknown as TraceRow, many, [long], 'l');
  expect(text).toContain('and 100 further spans');
  expect(text).toContain('[1,000 further characters]');
});
