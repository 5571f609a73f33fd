import { expect, it } from 'vitest';
import { cutsOf, saysTheSame, tellCutsApart } from './cut_texts';
import { makeSpan } from './test_spans';

const start = 'x'.repeat(65_536);

it('finds what is missing by what is there', () => {
  const span = {
    ...makeSpan({ id: 'a', start: 0, duration: 1 }),
    input: { value: start, mime_type: null },
    attributes: { 'a/b~c': [start], whole: start },
    cut: [
      { path: '/input/value', bytes: 100_000 },
      { path: '/attributes/a~1b~0c/0', bytes: 200_000 },
    ],
  };
  tellCutsApart(span);
  const [other] = span.attributes['a/b~c'];
  expect(cutsOf(span)?.get(span.input.value)).toEqual({ path: '/input/value', bytes: 100_000 });
  expect(cutsOf(span)?.get(other ?? '')).toEqual({ path: '/attributes/a~1b~0c/0', bytes: 200_000 });
  expect(cutsOf(span)?.get(span.attributes.whole)).toBeUndefined();
  expect([span.input.value.length, other?.length, span.attributes.whole.length]).toEqual([65_535, 65_534, 65_536]);
});

it('knows two beginnings of one text', () => {
  const span = {
    ...makeSpan({ id: 'a', start: 0, duration: 1 }),
    attributes: { one: start, same: start, other: start },
    cut: [
      { path: '/attributes/one', bytes: 100_000 },
      { path: '/attributes/same', bytes: 100_000 },
      { path: '/attributes/other', bytes: 200_000 },
    ],
  };
  const { one, same, other } = tellCutsApart(span).attributes;
  expect([saysTheSame(span, one, same), saysTheSame(span, one, other), saysTheSame(span, null, null)]).toEqual([
    true,
    false,
    true,
  ]);
});

it('leaves whole texts alone', () => {
  const span = { ...makeSpan({ id: 'a', start: 0, duration: 1 }), name: start };
  expect(tellCutsApart(span).name).toBe(start);
  expect(cutsOf(span)).toBeUndefined();
});
