import { expect, it } from 'vitest';
import type { Status } from '../api/types';
import { bannerOf } from './banner';

function status(journal: Status['journal'], engine: Status['engine']['state'] = 'ready'): Status {
  return { journal, engine: { state: engine, version: '26.7', restarts: 0, sandboxed: true } } as Status;
}
const ready: Status['journal'] = { state: 'ready', failure: null };

it('says nothing while all is well or nothing is known', () => {
  expect(bannerOf(true, status(ready), 'host')).toBeNull();
  expect(bannerOf(true, undefined, 'host')).toBeNull();
});

it('says loudly why nothing is received', () => {
  expect(bannerOf(true, status({ state: 'read_only', failure: 'cannot write x: Input/output error' }), 'host')).toEqual(
    {
      tone: 'loud',
      text: 'Nothing is received: ingest is read-only until the server is restarted. Cannot write x: Input/output error.',
    },
  );
  expect(bannerOf(true, status({ state: 'refusing', failure: 'the journal is full' }), 'host')).toEqual({
    tone: 'loud',
    text: 'Nothing is received for now; senders are told to try again. The journal is full.',
  });
});

it('puts lost data before waiting', () => {
  const both = status({ state: 'refusing', failure: 'the journal is full' }, 'restarting');
  expect(bannerOf(true, both, 'host')?.tone).toBe('loud');
  expect(bannerOf(true, status(ready, 'restarting'), 'host')?.tone).toBe('warn');
});

it('knows nothing better than silence while the server does not answer', () => {
  const last = status({ state: 'refusing', failure: 'the journal is full' });
  expect(bannerOf(false, last, 'host:6006')?.text).toMatch(/^No answer from host:6006/);
});
