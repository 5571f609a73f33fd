import { expect, it } from 'vitest';
import { suggestionsFor } from './suggestions';

const places = {
  project: 'shop',
  projects: ['default', 'shop'],
  views: [{ name: 'slow answers', search: { q: 'duration>2s' } }],
};
const labels = (text: string) => suggestionsFor(text, places).map((suggestion) => suggestion.label);

it('leads a traceparent to its trace and span', () => {
  const [found, ...others] = suggestionsFor('00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', places);
  expect(others).toEqual([]);
  expect(found?.target).toEqual({
    to: '/traces/$traceId',
    params: { traceId: '4bf92f3577b34da6a3ce929d0e0e4736' },
    search: { span: '00f067aa0ba902b7' },
  });
});

it('offers views, pages and projects that contain the words', () => {
  expect(labels('').slice(0, 11)).toEqual([
    'slow answers',
    'Home',
    'Live',
    'Sessions',
    'Users',
    'Cost',
    'Errors',
    'Spans',
    'LLM calls',
    'Traces of default',
    'Traces of shop',
  ]);
  expect(labels('PRICES')).toEqual(['Settings: prices', 'Search traces for PRICES', 'Open session PRICES']);
  expect(suggestionsFor('llm c', places)[0]?.target).toEqual({
    to: '/p/$project/traces',
    params: { project: 'shop' },
    search: { of: 'calls' },
  });
  expect(suggestionsFor('slow', places)[0]?.target).toEqual({
    to: '/p/$project/traces',
    params: { project: 'shop' },
    search: { q: 'duration>2s' },
  });
});

it('looks for what is no place', () => {
  expect(suggestionsFor('00f067aa0ba902b7', places).map(({ target }) => target)).toEqual([
    { to: '/p/$project/traces', params: { project: 'shop' }, search: { of: 'spans', q: 'span:00f067aa0ba902b7' } },
  ]);
  expect(suggestionsFor('talk 7', places).map(({ target }) => target)).toEqual([
    { to: '/p/$project/traces', params: { project: 'shop' }, search: { q: '"talk 7"' } },
    { to: '/p/$project/sessions/$sessionId', params: { project: 'shop', sessionId: 'talk 7' } },
  ]);
});
