import { expect, it } from 'vitest';
import { alignTraces } from './align';
import { makeSpan } from './test_spans';

type Line = readonly [id: string, parent: string | undefined, name: string];

const traceOf = (...lines: Line[]) =>
  lines.map(([id, parent, name], start) => makeSpan({ id, name, start, ...(parent ? { parent } : {}) }));

const shown = (a: Line[], b: Line[]) =>
  alignTraces(traceOf(...a), traceOf(...b)).map(
    ({ a: one, b: other, depth }) => `${'  '.repeat(depth)}${one?.span_id ?? '+'} ${other?.span_id ?? '-'}`,
  );

it('aligns by kind and name, then by order', () => {
  const a: Line[] = [
    ['1', undefined, 'run'],
    ['2', '1', 'chat'],
    ['3', '1', 'search'],
    ['4', '1', 'chat'],
  ];
  const b: Line[] = [
    ['5', undefined, 'run'],
    ['6', '5', 'chat'],
    ['7', '5', 'search'],
    ['8', '5', 'search'],
    ['9', '5', 'chat'],
    ['10', '9', 'guard'],
  ];
  expect(shown(a, b)).toEqual(['1 5', '  2 6', '  3 7', '  + 8', '  4 9', '    + 10']);
  expect(shown(b, a)).toEqual(['5 1', '  6 2', '  7 3', '  8 -', '  9 4', '    10 -']);
});

it('aligns calls of one name by what they were given', () => {
  const asked = (id: string, start: number, value: string) =>
    makeSpan({
      id,
      name: 'search',
      start,
      parent: id.startsWith('a') ? 'a0' : 'b0',
      input: { value, mime_type: null },
    });
  const rows = alignTraces(
    [makeSpan({ id: 'a0', name: 'run' }), asked('a1', 1, 'x'), asked('a2', 2, 'y'), asked('a3', 3, 'z')],
    [makeSpan({ id: 'b0', name: 'run' }), asked('b1', 1, 'y'), asked('b2', 2, 'other')],
  );
  expect(rows.map(({ a, b }) => [a?.span_id, b?.span_id])).toEqual([
    ['a0', 'b0'],
    ['a2', 'b1'],
    ['a1', 'b2'],
    ['a3', undefined],
  ]);
});

it('puts what only the first has where it was', () => {
  const a: Line[] = [
    ['1', undefined, 'run'],
    ['2', '1', 'old'],
    ['3', '2', 'below old'],
    ['4', '1', 'chat'],
    ['5', '1', 'last'],
  ];
  const b: Line[] = [
    ['6', undefined, 'run'],
    ['7', '6', 'chat'],
    ['8', '6', 'new'],
  ];
  expect(shown(a, b)).toEqual(['1 6', '  2 -', '    3 -', '  4 7', '  5 -', '  + 8']);
});

it('aligns single roots, and names that differ in digits', () => {
  const a: Line[] = [
    ['1', undefined, 'answer'],
    ['2', '1', 'step 1'],
    ['3', '1', 'step 2'],
  ];
  const b: Line[] = [
    ['4', undefined, 'reply'],
    ['5', '4', 'step 2'],
    ['6', '4', 'step 17'],
  ];
  expect(shown(a, b)).toEqual(['1 4', '  3 5', '  2 6']);
});

it('keeps kinds apart', () => {
  const a = [makeSpan({ id: '1' }), makeSpan({ id: '2', parent: '1', name: 'x', kind: 'TOOL', start: 1 })];
  const b = [makeSpan({ id: '3' }), makeSpan({ id: '4', parent: '3', name: 'x', kind: 'LLM', start: 1 })];
  expect(alignTraces(a, b).map((row) => [row.a?.span_id, row.b?.span_id])).toEqual([
    ['1', '3'],
    ['2', undefined],
    [undefined, '4'],
  ]);
});

it('loses no orphan, no cycle and no span that names itself', () => {
  const odd: Line[] = [
    ['1', undefined, 'run'],
    ['2', 'gone', 'orphan'],
    ['3', '4', 'round'],
    ['4', '3', 'about'],
    ['5', '5', 'self'],
  ];
  expect(shown(odd, [])).toEqual(['1 -', '2 -', '3 -', '  4 -', '5 -']);
  expect(shown([], [])).toEqual([]);
});

it('aligns a chain as deep as it is long', () => {
  const chain = Array.from({ length: 20_000 }, (_, i) =>
    makeSpan({ id: `s${i}`, name: 'step', start: i, ...(i > 0 ? { parent: `s${i - 1}` } : {}) }),
  );
  const rows = alignTraces(chain, chain);
  expect(rows).toHaveLength(20_000);
  expect(rows.at(-1)?.depth).toBe(19_999);
});

it('aligns a span with as many children as there are', () => {
  const fan = [
    makeSpan({ id: 'root', name: 'run' }),
    ...Array.from({ length: 50_000 }, (_, i) =>
      makeSpan({ id: `s${i}`, parent: 'root', name: `step ${i % 100}`, start: i + 1 }),
    ),
  ];
  const rows = alignTraces(fan, fan);
  expect(rows).toHaveLength(50_001);
  expect(rows.every(({ a, b }) => a?.span_id === b?.span_id)).toBe(true);
});
