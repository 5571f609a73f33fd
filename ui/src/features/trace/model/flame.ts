// A trace with spans of the same name and kind at the same place merged: how much time went where. Lengths are sums, so
// the children of a node may be longer together than it is, when they ran side by side; they are then scaled to fit.
import { nameOf, type SpanTree } from './span_tree';

export type FlameNode = {
  name: string;
  kind: number;
  count: number;
  totalNs: number;
  longestRow: number;
  depth: number;
  left: number; // of the whole, 0 to 1
  width: number;
};

type Building = FlameNode & { children: Map<string, Building> };

const widthMin = 0.003;

function makeNode(name: string, kind: number, depth: number): Building {
  return { name, kind, depth, count: 0, totalNs: 0, longestRow: -1, left: 0, width: 0, children: new Map() };
}

function merge(tree: SpanTree): Building {
  const top = makeNode('', 0, -1);
  const nodeOf: Building[] = [];
  const length = (row: number) => (tree.end[row] ?? 0) - (tree.start[row] ?? 0);
  for (let row = 0; row < tree.rows; row += 1) {
    const parent = nodeOf[tree.parent[row] ?? -1] ?? top;
    const name = nameOf(tree, row);
    const kind = tree.kind[row] ?? 0;
    const key = `${kind} ${name}`;
    const node = parent.children.get(key) ?? makeNode(name, kind, parent.depth + 1);
    parent.children.set(key, node);
    node.count += 1;
    node.totalNs += length(row);
    if (node.longestRow < 0 || length(row) > length(node.longestRow)) node.longestRow = row;
    nodeOf[row] = node;
  }
  return top;
}

export type Flame = { nodes: FlameNode[]; depth: number; leftOut: number };

export function flameOf(tree: SpanTree): Flame {
  const top = merge(tree);
  top.width = 1;
  top.totalNs = [...top.children.values()].reduce((sum, node) => sum + node.totalNs, 0);
  const nodes: FlameNode[] = [];
  let leftOut = 0;
  const open: Building[] = [top];
  for (let parent = open.pop(); parent; parent = open.pop()) {
    const children = [...parent.children.values()].sort((a, b) => b.totalNs - a.totalNs);
    const sum = children.reduce((total, node) => total + node.totalNs, 0);
    const perNs = parent.width / Math.max(parent.totalNs, sum, 1);
    let { left } = parent;
    for (const node of children) {
      node.left = left;
      node.width = node.totalNs * perNs;
      left += node.width;
      if (node.width < widthMin) {
        leftOut += node.count;
        continue;
      }
      nodes.push(node);
      open.push(node);
    }
  }
  return { nodes, depth: Math.max(0, ...nodes.map((node) => node.depth)) + 1, leftOut: leftOut };
}
