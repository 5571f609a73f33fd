import { expect, it } from 'vitest';
import { bytesBefore, serverQuery } from './server_query';

const ofCalls = (q: string) => serverQuery({ of: 'calls', q });

it('asks for calls of models by their kind', () => {
  expect(ofCalls('')).toBe('kind:llm');
  expect(ofCalls('model:gpt-4o or cost>1')).toBe('kind:llm (model:gpt-4o or cost>1)');
  expect(bytesBefore({ of: 'calls', q: 'cost>1' })).toBe(10);
  expect(serverQuery({ of: 'spans', q: 'a or b' })).toBe('a or b');
  expect(bytesBefore({ of: 'traces', q: 'a' })).toBe(0);
});

it('leaves a text alone that would end the brackets', () => {
  expect(ofCalls('a) or (b')).toBe('a) or (b');
  expect(ofCalls('(a')).toBe('(a');
  expect(bytesBefore({ of: 'calls', q: '(a' })).toBe(0);
  expect(ofCalls('name:"a)" (b)')).toBe('kind:llm (name:"a)" (b))');
  expect(ofCalls('"a\\") or (b"')).toBe('kind:llm ("a\\") or (b")');
});
