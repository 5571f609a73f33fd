import { expect, it } from 'vitest';
import { suggestionsFor } from './suggestions';

it('leads a traceparent to its trace and span', () => {
  const [found, ...others] = suggestionsFor('00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', ['default']);
  expect(others).toEqual([]);
  expect(found?.target).toEqual({
    to: '/traces/$traceId',
    params: { traceId: '4bf92f3577b34da6a3ce929d0e0e4736' },
    search: { span: '00f067aa0ba902b7' },
  });
});

it('offers the pages and projects that contain the words', () => {
  expect(suggestionsFor('', ['default', 'shop']).map((s) => s.label)).toEqual([
    'Traces of default',
    'Traces of shop',
    'Welcome: send a trace',
  ]);
  expect(suggestionsFor('SHOP', ['default', 'shop']).map((s) => s.label)).toEqual(['Traces of shop']);
  expect(suggestionsFor('deadbeef', ['default'])).toEqual([]);
});
