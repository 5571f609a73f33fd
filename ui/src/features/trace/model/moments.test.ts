import { expect, it } from 'vitest';
import { makeSpan } from '../../../api/test_spans';
import type { LogRecord } from '../../../api/types';
import { momentsOf, severityOf } from './moments';
import { buildSpanTree } from './span_tree';

const log = (ns: string, body: string): LogRecord => ({
  project: 'shop',
  trace_id: null,
  span_id: null,
  time_unix_ns: ns,
  observed_time_unix_ns: ns,
  severity_text: 'WARN',
  severity_number: 13,
  event_name: null,
  body,
  attributes: {},
  dropped_attributes: 0,
  flags: 0,
  resource: {},
  scope: { name: null, version: null, attributes: {}, dropped_attributes: 0, schema_url: null },
});

it('tells a trace moment by moment', () => {
  const root = makeSpan({ id: 'root', start: 0, duration: 100 });
  const tool = makeSpan({ id: 'tool', parent: 'root', start: 10, duration: 20, failed: true });
  tool.status.message = 'late';
  tool.events = [
    { name: 'exception', time_unix_ns: '1795386329000000030', attributes: { 'exception.message': 'no\nanswer' } },
  ];
  tool.logs = [log('1795386329000000015', 'trying')];
  const moments = momentsOf(buildSpanTree([root, tool]), [log('1795386329000000099', 'beside')]);
  expect(moments.map((moment) => [moment.ns, moment.what, moment.text, severityOf(moment)])).toEqual([
    [0, 'begins', 'root', null],
    [10, 'begins', 'tool', null],
    [15, 'log', 'WARN trying', 'warning'],
    [30, 'event', 'exception no answer', 'error'],
    [30, 'fails', 'tool: late', 'error'],
    [99, 'log', 'WARN beside', 'warning'],
  ]);
});

it('puts a record without a time where its span begins, and one that was only observed there', () => {
  const root = makeSpan({ id: 'root', start: 0, duration: 100 });
  const tool = makeSpan({ id: 'tool', parent: 'root', start: 10, duration: 20 });
  tool.logs = [
    { ...log('', 'timeless'), time_unix_ns: null, observed_time_unix_ns: null },
    { ...log('', 'seen'), time_unix_ns: null, observed_time_unix_ns: '1795386329000000025' },
  ];
  const logs = momentsOf(buildSpanTree([root, tool]), []).filter((moment) => moment.what === 'log');
  expect(logs.map((moment) => [moment.ns, moment.text])).toEqual([
    [10, 'WARN timeless'],
    [25, 'WARN seen'],
  ]);
});
