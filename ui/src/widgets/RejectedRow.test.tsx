// @vitest-environment happy-dom
import { cleanup, render, screen } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import { type RejectedRequest, RejectedRow } from './RejectedRow';

afterEach(cleanup);

const row: RejectedRequest = {
  time_unix_ns: '1767225600000000000',
  first_time_unix_ns: '1767225540000000000',
  count: 1,
  status: 415,
  path: '/v1/traces',
  remote: '127.0.0.1:51234',
  reason: 'content-type "text/plain"',
  fix: 'send protobuf',
};
const nowMs = 1767225603000;
const show = (changes: Partial<RejectedRequest>): string => {
  render(<RejectedRow row={{ ...row, ...changes }} nowMs={nowMs} />);
  return screen.getByRole('listitem').textContent ?? '';
};

it('shows what came, why it was refused, and the fix', () => {
  const text = show({});
  for (const part of ['415', '/v1/traces', '127.0.0.1:51234', 'content-type "text/plain"', 'Fix: send protobuf'])
    expect(text).toContain(part);
  expect(text).not.toContain('times');
});

it('counts repeats and says since when', () => {
  expect(show({ count: 12 })).toContain('12 times');
  expect(screen.getByText('12 times').title).toMatch(/^12 times since .+, last /);
});

it('has no path of what was not HTTP, and needs no fix', () => {
  const text = show({ path: null, fix: '' });
  expect(text).not.toContain('null');
  expect(text).not.toContain('Fix');
});
