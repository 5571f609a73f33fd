// Where in a JSON text the caret stands, as a JSON pointer (RFC 6901).
import { ensureSyntaxTree, type syntaxTree } from '@codemirror/language';
import type { EditorState } from '@codemirror/state';

type SyntaxNode = ReturnType<ReturnType<typeof syntaxTree>['resolveInner']>;

// Into an object or an array; `from`: where what it leads to is in the text.
export type PlaceStep = { key: string; from: number };

const parseMs = 100;
const values = new Set(['Object', 'Array', 'String', 'Number', 'True', 'False', 'Null']);

// From the outermost; null: the text is so long that it is not read as far as that yet.
export function stepsTo(state: EditorState, position: number): PlaceStep[] | null {
  const tree = ensureSyntaxTree(state, position, parseMs);
  if (!tree) return null;
  // A click behind the end of a line is about what ends there, before its comma.
  const nodes = [tree.resolveInner(position, 1), tree.resolveInner(position, -1), tree.resolveInner(position - 1, -1)];
  return nodes
    .map((node) => stepsOf(node, state))
    .reduce((longest, other) => (other.length > longest.length ? other : longest));
}

function stepsOf(from: SyntaxNode, state: EditorState): PlaceStep[] {
  const steps: PlaceStep[] = [];
  for (let node = from; node.parent; node = node.parent) {
    if (node.name === 'Property' && node.firstChild) {
      const { from: begin, to: end } = node.firstChild;
      steps.unshift({ key: JSON.parse(state.sliceDoc(begin, end)), from: begin });
    } else if (node.parent.name === 'Array' && values.has(node.name)) {
      let index = 0;
      for (let other = node.prevSibling; other; other = other.prevSibling) if (values.has(other.name)) index += 1;
      steps.unshift({ key: String(index), from: node.from });
    }
  }
  return steps;
}

export const printPointer = (steps: readonly PlaceStep[]): string =>
  steps.map(({ key }) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
