import { expect, it } from 'vitest';
import type { ModelUsage } from '../../api/settings_types';
import { literally, modelsMeant } from './price_match';

const used = (model: string | null, provider: string | null): ModelUsage => ({
  group: { model, provider },
  calls: 1,
  tokens: { prompt: null, completion: null },
  cost: { total_usd: null, unpriced_calls: 1 },
});

const usage = [
  used('our-gpt-large', 'azure'),
  used('our-gpt-small', null),
  used('gpt-4.1', 'openai'),
  used(null, 'azure'),
];

const named = (model: string, provider = '') =>
  modelsMeant({ model, provider }, usage)?.map(({ group }) => `${group.provider}/${group.model}`);

it('means whole names, without case', () => {
  expect(named('OUR-GPT-.*')).toEqual(['azure/our-gpt-large', 'null/our-gpt-small']);
  expect(named('our-gpt')).toEqual([]);
  expect(named('our-gpt-.*', 'Azure')).toEqual(['azure/our-gpt-large']);
});

it('means nothing before a model is typed', () => {
  expect(named('')).toEqual([]);
});

it('tells what is no expression', () => {
  expect(named('our-(gpt')).toBeUndefined();
  expect(modelsMeant({ model: 'a', provider: '[' }, usage)).toBeNull();
});

it('spells a name so that it means only itself', () => {
  expect(literally('gpt-4.1 (eu)')).toBe('gpt-4\\.1 \\(eu\\)');
  expect(named(literally('gpt-4.1'))).toEqual(['openai/gpt-4.1']);
});
