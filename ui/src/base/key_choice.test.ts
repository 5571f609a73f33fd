// @vitest-environment happy-dom
import { afterEach, expect, it } from 'vitest';
import { canChoose, chooseKey, forgetKeyChoices, keyChoices, keysFor, keyText, whyNotKey } from './key_choice';

afterEach(forgetKeyChoices);

it('takes the place of letters and leaves arrows', () => {
  chooseKey('Trace/next span', 'n');
  expect(keysFor('Trace', 'next span', ['j', 'ArrowDown'])).toEqual(['n', 'ArrowDown']);
  expect(keysFor('Traces', 'next span', ['j', 'ArrowDown'])).toEqual(['j', 'ArrowDown']);
  chooseKey('Trace/next span', null);
  expect(keysFor('Trace', 'next span', ['j', 'ArrowDown'])).toEqual(['j', 'ArrowDown']);
  expect(keyChoices()).toEqual({});
});

it('leaves keys of widgets, and ranges, as they are', () => {
  expect([['g t'], ['mod+k'], ['?'], ['j', 'ArrowDown']].map(canChoose)).toEqual([true, true, true, true]);
  expect([['Enter'], ['Escape'], ['1', '2', '3', '4']].map(canChoose)).toEqual([false, false, false]);
});

it('refuses a key that is taken, or begins others', () => {
  const listed = [
    { title: 'Everywhere', help: 'traces', keys: ['g t'] },
    { title: 'Trace', help: 'next error', keys: ['e'] },
  ];
  expect(whyNotKey('Trace/next span', 'e', listed)).toBe('e is the key for: next error');
  expect(whyNotKey('Trace/next span', 'g', listed)).toBe('g begins the keys for: traces');
  expect(whyNotKey('Trace/next span', 'Enter', listed)).toMatch(/^Enter belongs to what has the focus/);
  expect(whyNotKey('Trace/next error', 'e', listed)).toBeNull();
  expect(whyNotKey('Trace/next span', 'E', listed)).toBeNull();
});

it('reads nothing from what is no choice of keys', () => {
  for (const text of ['{"a":1}', '"x"', 'null', '{', '[]']) {
    localStorage.setItem('nightjar.keys', text);
    expect(Object.values(keyChoices()).filter((key) => typeof key !== 'string')).toEqual([]);
  }
});

it('writes keys as labels do', () => {
  expect([keyText('r'), keyText('g t'), keyText('mod+k')]).toEqual(['r', 'g t', 'Ctrl K']);
});
