// @vitest-environment happy-dom
import { expect, it } from 'vitest';
import { forgetView, savedViews, saveView } from './saved_views';

it('keeps views by project, the latest first, and replaces by name', () => {
  saveView('shop', { name: 'slow', search: { q: 'duration>2s' } });
  saveView('shop', { name: 'failed', search: { q: 'status:error', t: '24h' } });
  saveView('shop', { name: 'slow', search: { q: 'duration>3s' } });
  expect(savedViews('shop')).toEqual([
    { name: 'slow', search: { q: 'duration>3s' } },
    { name: 'failed', search: { q: 'status:error', t: '24h' } },
  ]);
  expect(savedViews('other')).toEqual([]);
  forgetView('shop', 'slow');
  expect(savedViews('shop').map((view) => view.name)).toEqual(['failed']);
});

it('takes other text for no views', () => {
  localStorage.setItem('nightjar.views.odd', '{"a":1');
  expect(savedViews('odd')).toEqual([]);
  localStorage.setItem('nightjar.views.odd', '[1, {"name": "x"}]');
  expect(savedViews('odd')).toEqual([]);
});
