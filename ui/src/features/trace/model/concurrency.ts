// How many spans were at work at once: those without children, because the others wait for theirs.
import { hasChildren, type SpanTree } from './span_tree';

// Per column of the whole time how many on average: right for spans much shorter than a column too.
export function atWork(tree: SpanTree, columns: number): Float64Array {
  const perNs = columns / Math.max(tree.totalNs, 1);
  const part = new Float64Array(columns + 1); // of a column, where a span begins or ends in it
  const whole = new Float64Array(columns + 1); // changes of the number that run all through a column
  for (let row = 0; row < tree.rows; row += 1) {
    if (hasChildren(tree, row)) continue;
    const from = (tree.start[row] ?? 0) * perNs;
    const to = Math.min(columns, (tree.end[row] ?? 0) * perNs);
    const [first, last] = [Math.floor(from), Math.floor(to)];
    if (first === last) {
      part[first] = (part[first] ?? 0) + to - from;
      continue;
    }
    part[first] = (part[first] ?? 0) + first + 1 - from;
    part[last] = (part[last] ?? 0) + to - last;
    whole[first + 1] = (whole[first + 1] ?? 0) + 1;
    whole[last] = (whole[last] ?? 0) - 1;
  }
  let running = 0;
  return Float64Array.from({ length: columns }, (_, column) => {
    running += whole[column] ?? 0;
    return running + (part[column] ?? 0);
  });
}

const looks = 400;
const parallelFrom = 1.5;
const known = new WeakMap<SpanTree, boolean>();

// Whether there is anything to be seen of it.
export function isParallel(tree: SpanTree): boolean {
  let found = known.get(tree);
  if (found === undefined) {
    found = atWork(tree, looks).some((count) => count >= parallelFrom);
    known.set(tree, found);
  }
  return found;
}
