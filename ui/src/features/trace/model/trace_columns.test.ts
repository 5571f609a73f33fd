import { expect, it } from 'vitest';
import { flagError, flagOpen, flagOrphan, growTo, hasCost, kindOf, nameOf, treeOfColumns } from './span_tree';
import { decodeColumns } from './trace_columns';

// Three spans as docs/formats/trace_columns.md lays them out, byte by byte: a run, a failed call below it that cost
// 0.25 dollars, and a span whose parent is missing.
function answer(version = 3): ArrayBuffer {
  const texts = ['run', 'shop', '', 'UNKNOWN', 'chät', 'nova', 'LLM', 'lost'].map((text) =>
    new TextEncoder().encode(text),
  );
  const textBytes = texts.reduce((sum, text) => sum + text.length, 0);
  const bytes = new Uint8Array(32 + 3 * 77 + 8 + 4 * texts.length + textBytes);
  const view = new DataView(bytes.buffer);
  let at = 0;
  const put = <T>(set: (at: number, value: T, littleEndian: boolean) => void, size: number, ...values: T[]) => {
    for (const value of values) {
      set.call(view, at, value, true);
      at += size;
    }
  };
  const u32 = (...values: number[]) => put(view.setUint32, 4, ...values);
  const u64 = (...values: bigint[]) => put(view.setBigUint64, 8, ...values);
  bytes.set([0x4e, 0x4a, 0x54, 0x43]);
  at = 4;
  u32(version, 3, 8);
  u64(1_795_386_329_000_000_123n);
  u64(1n);
  u64(0xa398d6accae702d1n, 0x0000000000000001n, 0xffffffffffffffffn);
  u64(0n, 10n, 20n);
  u64(100n, 30n, 5n);
  u64(BigInt.asUintN(64, -1n), 9n, BigInt.asUintN(64, -1n));
  u64(BigInt.asUintN(64, -1n), 4n, BigInt.asUintN(64, -1n));
  u64(BigInt.asUintN(64, -1n), 6_000_000_000n, BigInt.asUintN(64, -1n));
  put(view.setFloat64, 8, Number.NaN, 0.25, Number.NaN);
  u64(0x00000000000000ffn);
  put(view.setInt32, 4, -1, 0, -2);
  u32(0, 4, 7, 1, 1, 1, 2, 5, 2, 3, 6, 3);
  bytes.set([0, 2, 0], at);
  at += 3;
  u32(...texts.map((text) => text.length));
  for (const text of texts) {
    bytes.set(text, at);
    at += text.length;
  }
  return bytes.buffer;
}

it('makes a tree of what the server sends', () => {
  const tree = treeOfColumns(decodeColumns(answer()));
  expect([0, 1, 2].map((row) => [nameOf(tree, row), kindOf(tree, row), tree.depth[row], tree.flags[row]])).toEqual([
    ['run', 'UNKNOWN', 0, 0],
    ['chät', 'LLM', 1, flagError],
    ['lost', 'UNKNOWN', 0, flagOrphan],
  ]);
  expect([...tree.start]).toEqual([0, 10, 20]);
  expect([...tree.end]).toEqual([100, 40, 25]);
  expect([...tree.tokens]).toEqual([Number.NaN, 9, Number.NaN]);
  expect([...tree.completion]).toEqual([Number.NaN, 4, Number.NaN]);
  expect([...tree.firstToken]).toEqual([Number.NaN, 6_000_000_000, Number.NaN]);
  expect([...tree.cost]).toEqual([Number.NaN, 0.25, Number.NaN]);
  expect(hasCost(tree)).toBe(true);
  expect(tree.startUnixNs).toBe(1_795_386_329_000_000_123n);
  expect([0, 1, 2, 3].map(tree.idOf)).toEqual(['a398d6accae702d1', '0000000000000001', 'ffffffffffffffff', '']);
  expect(['ffffffffffffffff', '0000000000000001', '0000000000000002', 'x'].map(tree.rowOfSpan.get)).toEqual([
    2,
    1,
    undefined,
    undefined,
  ]);
});

it('has a row for what still runs', () => {
  const tree = treeOfColumns(decodeColumns(answer()), 'grows');
  expect([0, 1, 2, 3].map((row) => [nameOf(tree, row), tree.depth[row], tree.flags[row]])).toEqual([
    ['run', 0, 0],
    ['chät', 1, flagError],
    ['', 0, flagOpen],
    ['lost', 1, 0],
  ]);
  expect(tree.idOf(2)).toBe('00000000000000ff');
  expect(tree.rowOfSpan.get('00000000000000ff')).toBe(2);
  expect([tree.start[2], tree.end[2], tree.openRows, tree.totalNs]).toEqual([20, 25, [2], 100]);
  growTo(tree, 50);
  expect([tree.end[2], tree.totalNs]).toEqual([25, 100]);
  growTo(tree, 120);
  expect([tree.end[2], tree.totalNs]).toEqual([120, 120]);
});

it('refuses what is cut off, of another version, or something else', () => {
  expect(() => decodeColumns(answer().slice(0, -1))).toThrow('cut off');
  expect(() => decodeColumns(answer().slice(0, 100))).toThrow('cut off');
  expect(() => decodeColumns(answer(1))).toThrow('another version');
  expect(() => decodeColumns(new TextEncoder().encode('{"error":"a proxy says so"}').buffer)).toThrow('no columns');
});
