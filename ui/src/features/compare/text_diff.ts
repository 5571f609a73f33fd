// Texts compared word by word, or line by line where they are long or share too little. The limits are counts, not
// times, so that the same two texts always look the same.
import { diffLines, diffWordsWithSpace } from 'diff';

export type Piece = { change: 'same' | 'added' | 'removed'; text: string };

const wordCharsMax = 60_000;
const wordEditsMax = 800;
const lineEditsMax = 1000;

// null: they share too little to be told apart piece by piece.
export function diffTexts(a: string, b: string): Piece[] | null {
  const isShort = a.length + b.length <= wordCharsMax;
  const found =
    (isShort ? diffWordsWithSpace(a, b, { maxEditLength: wordEditsMax }) : undefined) ??
    diffLines(a, b, { maxEditLength: lineEditsMax });
  if (!found) return null;
  return found.map(({ value, added, removed }) => ({
    change: added ? 'added' : removed ? 'removed' : 'same',
    text: value,
  }));
}

const contextChars = 120;
// Less than this is not worth a fold.
const foldedCharsMin = 400;

export type Shown = Piece | { change: 'folded'; text: string };

// Long stretches that are the same are folded but for what stands beside a change.
export function foldSame(pieces: readonly Piece[]): Shown[] {
  return pieces.flatMap((piece, index): Shown[] => {
    if (piece.change !== 'same') return [piece];
    const before = index === 0 ? 0 : contextChars;
    const after = index === pieces.length - 1 ? 0 : contextChars;
    const { text } = piece;
    if (text.length - before - after < foldedCharsMin) return [piece];
    const end = text.length - after;
    const all: Shown[] = [
      { change: 'same', text: text.slice(0, before) },
      { change: 'folded', text: text.slice(before, end) },
      { change: 'same', text: text.slice(end) },
    ];
    return all.filter((part) => part.text !== '');
  });
}
