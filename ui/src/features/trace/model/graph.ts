// Who called whom: a node for all spans of one name and kind, an edge for all calls between two nodes. Spans that only
// frame others are passed over: what is below them was called by what is above them.
import { flagError, kindOf, nameOf, type SpanTree } from './span_tree';

const framing = new Set(['CHAIN', 'PROMPT', 'UNKNOWN']);
export const graphNodesMax = 200;

export type GraphNode = {
  name: string;
  kind: number; // index into `kinds`
  rows: number[];
  longestRow: number;
  totalNs: number;
  errors: number;
  usd: number; // NaN: no cost is known
  layer: number; // how many nodes are above it at least
  place: number; // in its layer, from 0
};
export type GraphEdge = { from: number; to: number; count: number }; // indexes of nodes
export type Graph = { nodes: GraphNode[]; edges: GraphEdge[]; nodeOfRow: Int32Array }; // -1: of no node

export function graphOf(tree: SpanTree): Graph {
  const nodes: GraphNode[] = [];
  const numbers = new Map<string, number>();
  const edges = new Map<string, GraphEdge>();
  const nodeOfRow = new Int32Array(tree.rows).fill(-1);
  const callerOfRow = new Int32Array(tree.rows).fill(-1); // the nearest node at or above the row
  for (let row = 0; row < tree.rows; row += 1) {
    const caller = callerOfRow[tree.parent[row] ?? -1] ?? -1;
    callerOfRow[row] = caller;
    if (framing.has(kindOf(tree, row))) continue;
    const key = `${tree.kind[row]} ${tree.name[row]}`;
    let number = numbers.get(key);
    if (number === undefined) {
      number = nodes.push(newNode(tree, row, caller < 0 ? 0 : (nodes[caller]?.layer ?? 0) + 1)) - 1;
      numbers.set(key, number);
    }
    count(tree, row, nodes[number] as GraphNode);
    nodeOfRow[row] = number;
    callerOfRow[row] = number;
    if (caller < 0) continue;
    const between = `${caller} ${number}`;
    const edge = edges.get(between) ?? { from: caller, to: number, count: 0 };
    edge.count += 1;
    edges.set(between, edge);
  }
  place(nodes, [...edges.values()]);
  return { nodes, edges: [...edges.values()], nodeOfRow };
}

const newNode = (tree: SpanTree, row: number, layer: number): GraphNode => ({
  name: nameOf(tree, row),
  kind: tree.kind[row] ?? 0,
  rows: [],
  longestRow: row,
  totalNs: 0,
  errors: 0,
  usd: Number.NaN,
  layer,
  place: 0,
});

function count(tree: SpanTree, row: number, node: GraphNode): void {
  const lengthOf = (one: number) => (tree.end[one] ?? 0) - (tree.start[one] ?? 0);
  const usd = tree.cost[row] ?? Number.NaN;
  node.rows.push(row);
  node.totalNs += lengthOf(row);
  if (lengthOf(row) > lengthOf(node.longestRow)) node.longestRow = row;
  if ((tree.flags[row] ?? 0) & flagError) node.errors += 1;
  if (!Number.isNaN(usd)) node.usd = (Number.isNaN(node.usd) ? 0 : node.usd) + usd;
}

// Layer by layer, each node beside the callers it has in earlier layers, so that few edges cross.
function place(nodes: GraphNode[], edges: readonly GraphEdge[]): void {
  const layers: number[][] = [];
  for (const [number, { layer }] of nodes.entries()) {
    const there = layers[layer] ?? [];
    layers[layer] = there;
    there.push(number);
  }
  const middle = (number: number): number => {
    const callers = edges.filter(
      ({ from, to }) => to === number && (nodes[from]?.layer ?? 0) < (nodes[number]?.layer ?? 0),
    );
    const sum = callers.reduce((places, { from }) => places + (nodes[from]?.place ?? 0), 0);
    return callers.length > 0 ? sum / callers.length : 0;
  };
  for (const layer of layers) {
    const wanted = new Map(layer.map((number) => [number, middle(number)]));
    layer.sort((a, b) => (wanted.get(a) ?? 0) - (wanted.get(b) ?? 0) || a - b);
    for (const [at, number] of layer.entries()) (nodes[number] as GraphNode).place = at;
  }
}
