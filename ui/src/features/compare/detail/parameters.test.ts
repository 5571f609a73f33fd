import { expect, it } from 'vitest';
import type { Json, Llm } from '../../../api/types';
import { makeSpan } from '../test_spans';
import { parametersOf } from './parameters';

const spanOf = (model: string, invocation_parameters: Json) =>
  makeSpan({ id: model, llm: { model, provider: 'openai', invocation_parameters } as Llm });

it('lists those that differ first, and by name', () => {
  const rows = parametersOf(
    spanOf('gpt-4o', { top_p: 1, temperature: 0.2, stop: ['a'], seed: 7 }),
    spanOf('gpt-4.1', { top_p: 1, temperature: 0.7, stop: ['a', 'b'], model: 'gpt-4.1' }),
  );
  expect(rows.map(({ name, a, b, isSame }) => [name, a, b, isSame])).toEqual([
    ['model', 'gpt-4o', 'gpt-4.1', false],
    ['temperature', 0.2, 0.7, false],
    ['stop', ['a'], ['a', 'b'], false],
    ['seed', 7, undefined, false],
    ['provider', 'openai', 'openai', true],
    ['top_p', 1, 1, true],
  ]);
});

it('has none where there is no call', () => {
  expect(parametersOf(null, makeSpan({ id: 'x' }))).toEqual([]);
});
