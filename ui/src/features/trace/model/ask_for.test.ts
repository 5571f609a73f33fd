import { expect, it } from 'vitest';
import { askFor } from './ask_for';

it.each([
  ['db.system', 'qdrant', 'attributes.db.system:qdrant'],
  ['http.route', '/a b', 'attributes.http.route:"/a b"'],
  ['my key', 'say "hi"', 'attributes."my key":"say \\"hi\\""'],
  ['retries', 3, 'attributes.retries=3'],
  ['ok', true, 'attributes.ok:true'],
])('%s %s', (key, value, query) => {
  expect(askFor('attributes', key, value)).toBe(query);
});

it('asks for nothing where a query would not find it', () => {
  expect(askFor('resource', 'a', 'x'.repeat(201))).toBeNull();
  expect(askFor('resource', 'a', { b: 1 })).toBeNull();
  expect(askFor('resource', 'a', null)).toBeNull();
});
