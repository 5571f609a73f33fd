import { expect, it } from 'vitest';
import { layOutJsonText } from './json';

it('lays short JSON out on one line and long JSON on many', () => {
  expect(layOutJsonText('{"query": "x", "top_k": 3}')).toBe('{ "query": "x", "top_k": 3 }');
  const long = layOutJsonText(JSON.stringify({ text: 'a'.repeat(80) }));
  expect(long).toBe(`{\n  "text": "${'a'.repeat(80)}"\n}`);
});

it('leaves other text alone', () => {
  expect(layOutJsonText('[not json')).toBeNull();
  expect(layOutJsonText('42')).toBeNull();
  expect(layOutJsonText('')).toBeNull();
});
