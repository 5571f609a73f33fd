import { expect, it } from 'vitest';
import { conditionsOf, selectedValues, toggleValue, withoutCondition, withoutField } from './conditions';

const texts = (query: string) => conditionsOf(query)?.map(({ text }) => text);

it.each([
  ['', []],
  ['  kind:llm   refund ', ['kind:llm', 'refund']],
  ['kind:llm and tokens > 10k', ['kind:llm', 'tokens > 10k']],
  ['model:(a or "b c", d*) -user:bot', ['model:(a or "b c", d*)', '-user:bot']],
  ['"exact (words" within(trace: tool:x (a or b)) x', ['"exact (words"', 'within(trace: tool:x (a or b))', 'x']],
  ['not (a or b) c', ['not (a or b)', 'c']],
  ['attributes."http route":/chat name:"a \\" b"', ['attributes."http route":/chat', 'name:"a \\" b"']],
  ['name:"not closed kind:llm', ['name:"not closed kind:llm']],
  ['oracle android nothing', ['oracle', 'android', 'nothing']],
  ['model: kind:llm', ['model:', 'kind:llm']],
  ['(open', ['(open']],
  [') x', [')', 'x']],
])('takes %j apart', (query, expected) => {
  expect(texts(query)).toEqual(expected);
});

it('leaves alternatives together', () => {
  expect(conditionsOf('kind:llm OR kind:tool')).toBeNull();
});

it.each([
  ['', 'kind', 'llm', 'kind:llm'],
  ['refund', 'kind', 'llm', 'refund kind:llm'],
  ['kind:llm refund', 'kind', 'tool', 'kind:(llm or tool) refund'],
  ['kind:(llm or tool or agent)', 'kind', 'tool', 'kind:(llm or agent)'],
  ['kind:(llm or tool)', 'kind', 'tool', 'kind:llm'],
  ['a kind:llm b', 'kind', 'llm', 'a b'],
  ['KIND=llm', 'kind', 'llm', ''],
  ['a and kind:llm and b', 'kind', 'llm', 'a b'],
  ['kind:llm or kind:tool', 'status', 'error', '(kind:llm or kind:tool) status:error'],
  ['model:gpt*', 'model', 'claude 3', 'model:(gpt* or "claude 3")'],
  ['model:"gpt*"', 'model', 'gpt*', ''],
  ['-model:x', 'model', 'x', '-model:x model:x'],
  ['name:"say \\"hi\\""', 'name', 'say "hi"', ''],
])('in %j, a click on %s %j makes %j', (query, field, value, expected) => {
  expect(toggleValue(query, field, value)).toBe(expected);
});

it('tells which values are asked for', () => {
  expect(selectedValues('model:("a b" or c*, d) kind:llm', 'model')).toEqual(['a b', 'd']);
  expect(selectedValues('-model:a model!=b model~c', 'model')).toEqual([]);
  expect(selectedValues('model:a or model:b', 'model')).toEqual([]);
});

it('takes conditions out', () => {
  expect(withoutCondition('kind:llm and refund  status:error', 1)).toBe('kind:llm status:error');
  expect(withoutField('kind:llm refund kind:tool', 'kind')).toBe('refund');
  expect(withoutField('kind:llm  or x', 'kind')).toBe('kind:llm  or x');
});
