import { expect, it } from 'vitest';
import { diffTexts, foldSame, type Piece } from './text_diff';

const shown = (pieces: Piece[] | null) =>
  pieces?.map(({ change, text }) => `${{ same: '=', added: '+', removed: '-' }[change]}${text}`);

it('compares words', () => {
  expect(shown(diffTexts('You are a helpful agent.', 'You are a careful agent.'))).toEqual([
    '=You are a ',
    '-helpful',
    '+careful',
    '= agent.',
  ]);
  expect(shown(diffTexts('same', 'same'))).toEqual(['=same']);
  expect(shown(diffTexts('', 'new'))).toEqual(['+new']);
});

it('compares long texts by lines', () => {
  const lines = Array.from({ length: 3000 }, (_, i) => `line number ${i} of a long document\n`);
  const changed = lines.with(1500, 'another line\n');
  expect(shown(diffTexts(lines.join(''), changed.join('')))?.slice(1, 3)).toEqual([
    '-line number 1500 of a long document\n',
    '+another line\n',
  ]);
});

it('gives up on texts that share nothing', () => {
  const a = Array.from({ length: 5000 }, (_, i) => `a${i} ${'x'.repeat(10)}\n`).join('');
  const b = Array.from({ length: 5000 }, (_, i) => `b${i} ${'y'.repeat(10)}\n`).join('');
  expect(diffTexts(a, b)).toBeNull();
});

it('folds what is the same, away from changes', () => {
  const long = 'x'.repeat(1000);
  expect(
    foldSame([
      { change: 'same', text: long },
      { change: 'added', text: 'new' },
      { change: 'same', text: 'short' },
    ]).map(({ change, text }) => [change, text.length]),
  ).toEqual([
    ['folded', 880],
    ['same', 120],
    ['added', 3],
    ['same', 5],
  ]);
});
