import { expect, it } from 'vitest';
import type { Status } from '../../api/types';
import { reachedAt, stepsOf } from './checklist';

function status(ingest: Partial<Status['ingest']>): Status {
  return {
    version: '0.1.0',
    engine: { state: 'ready', version: '26.7', restarts: 0, sandboxed: true },
    journal: { state: 'ready', failure: null },
    durability: 'fsync',
    uptime_s: 1,
    storage_bytes: 0,
    listen: { http: '127.0.0.1:6006', otlp_http: null, grpc: null },
    ingest: {
      requests: 0,
      bytes: 0,
      spans: 0,
      rejected_spans: 0,
      refused_requests: 0,
      last_span_unix_ns: null,
      ...ingest,
    },
  };
}
const states = (ingest: Partial<Status['ingest']>, traces: number): string =>
  stepsOf(status(ingest), traces, 'localhost:6006')
    .map((step) => step.state)
    .join(' ');

it('follows the first span step by step', () => {
  expect(states({}, 0)).toBe('done waiting waiting waiting');
  expect(states({ requests: 1, bytes: 900 }, 0)).toBe('done done waiting waiting');
  expect(states({ requests: 1, bytes: 900, spans: 7 }, 0)).toBe('done done done waiting');
  expect(states({ requests: 1, bytes: 900, spans: 7 }, 1)).toBe('done done done done');
});

it('says when all that arrived was refused', () => {
  expect(states({ requests: 1, bytes: 900, refused_requests: 1 }, 0)).toBe('done done failed waiting');
});

it('names the way to a listener as the page was reached', () => {
  expect(reachedAt('0.0.0.0:4318', 'traces.example')).toBe('traces.example:4318');
  expect(reachedAt('[::]:4317', '192.0.2.7')).toBe('192.0.2.7:4317');
  expect(reachedAt('127.0.0.1:4318', 'traces.example')).toBe('127.0.0.1:4318');
});

it('counts traces stored before this start of the server', () => {
  expect(states({}, 12)).toBe('done done done done');
});
