import { useMemo } from 'react';
import { formatCount, formatDuration, formatUsd, plural } from '../../../base/format';
import { kinds } from '../../../base/kinds';
import { KindChip } from '../../../widgets/KindChip';
import { Notice } from '../../../widgets/Notice';
import { type Graph as CallGraph, type GraphEdge, type GraphNode, graphNodesMax, graphOf } from '../model/graph';
import type { SpanTree } from '../model/span_tree';
import styles from './graph.module.css';

const nodeWide = 196;
const nodeHigh = 52;
const columnPx = 292;
const linePx = 76;
const marginPx = 16;
const strokeMax = 5;
const runPx = 36; // straight before a node, with the count on it

type GraphProps = { tree: SpanTree; selectedRow: number; onSelect: (spanId: string) => void };

export default function Graph({ tree, selectedRow, onSelect }: GraphProps) {
  const graph = useMemo(() => graphOf(tree), [tree]);
  if (graph.nodes.length === 0) {
    return (
      <Notice title="Nothing to draw">
        <p>The graph shows agents, models, tools and the like; this trace has only spans that frame others.</p>
      </Notice>
    );
  }
  if (graph.nodes.length > graphNodesMax) {
    return (
      <Notice title="Too many for a graph">
        <p>
          Its spans have {formatCount(graph.nodes.length)} different names; a graph of more than {graphNodesMax} cannot
          be read. The flame joins spans by place instead.
        </p>
      </Notice>
    );
  }
  return <Drawing graph={graph} tree={tree} selectedRow={selectedRow} onSelect={onSelect} />;
}

const leftOf = ({ layer }: GraphNode): number => marginPx + layer * columnPx;
const topOf = ({ place }: GraphNode): number => marginPx + place * linePx;

function Drawing({ graph, tree, selectedRow, onSelect }: GraphProps & { graph: CallGraph }) {
  const { nodes, edges, nodeOfRow } = graph;
  const selected = nodeOfRow[selectedRow] ?? -1;
  const width = Math.max(...nodes.map(leftOf)) + nodeWide + columnPx - nodeWide;
  const height = Math.max(...nodes.map(topOf)) + nodeHigh + marginPx;
  // The longest first, then the others of the node in turn.
  const pick = (number: number, { rows, longestRow }: GraphNode) => {
    const next = rows.find((row) => row > selectedRow) ?? rows[0] ?? longestRow;
    onSelect(tree.idOf(number === selected ? next : longestRow));
  };
  return (
    <div className={styles.box}>
      <p className={styles.note}>
        Who called whom: spans of one name are one node. A click selects the longest, another the next.
      </p>
      <div className={styles.drawing} style={{ width, height }}>
        <svg width={width} height={height} aria-hidden="true">
          {edges.map((edge) => (
            <Edge
              key={`${edge.from} ${edge.to}`}
              edge={edge}
              nodes={nodes}
              lit={[edge.from, edge.to].includes(selected)}
            />
          ))}
        </svg>
        <ul aria-label="Graph">
          {nodes.map((node, number) => (
            <li key={number} style={{ left: leftOf(node), top: topOf(node), width: nodeWide, height: nodeHigh }}>
              <button
                type="button"
                aria-current={number === selected}
                className={styles.node}
                title={node.name}
                onClick={() => pick(number, node)}
              >
                <NodeText node={node} />
                <span className={styles.heard}>{callsOf(number, graph)}</span>
              </button>
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}

function NodeText({ node }: { node: GraphNode }) {
  const kind = kinds[node.kind]?.[0] ?? 'UNKNOWN';
  const figures = [formatDuration(node.totalNs), Number.isNaN(node.usd) ? '' : formatUsd(node.usd)];
  return (
    <>
      <span className={styles.title}>
        <span aria-hidden="true">
          <KindChip kind={kind} />
        </span>
        <span className={styles.name}>{node.name || '(no name)'}</span>
      </span>
      <span className={styles.figures}>
        {plural(node.rows.length, 'span')}, {figures.filter(Boolean).join(', ')}
        {node.errors > 0 && <strong>, {plural(node.errors, 'error')}</strong>}
      </span>
    </>
  );
}

// What the edges show, for those who do not see them.
function callsOf(number: number, { nodes, edges }: CallGraph): string {
  const called = edges
    .filter(({ from }) => from === number)
    .map(({ to, count }) => `${nodes[to]?.name} ${plural(count, 'time')}`);
  return called.length > 0 ? ` calls ${called.join(', ')}` : '';
}

function Edge({
  edge: { from, to, count },
  nodes,
  lit,
}: {
  edge: GraphEdge;
  nodes: readonly GraphNode[];
  lit: boolean;
}) {
  const [caller, called] = [nodes[from], nodes[to]];
  if (!caller || !called) return null;
  const wide = Math.min(strokeMax, 1 + Math.log2(count) / 2);
  const [x1, y1] = [leftOf(caller) + nodeWide, topOf(caller) + nodeHigh / 2];
  const [x2, y2] = [leftOf(called), topOf(called) + nodeHigh / 2];
  const forwards = called.layer > caller.layer;
  // What calls back, or beside, goes round on the right.
  const bend = 44;
  const end = forwards ? x2 : x2 + nodeWide;
  const path = forwards
    ? `M${x1} ${y1} C${x1 + bend} ${y1} ${x2 - runPx - bend} ${y2} ${x2 - runPx} ${y2} H${x2}`
    : `M${x1} ${y1 - 8} C${x1 + bend} ${y1 - 8} ${end + bend} ${y2 + 8} ${end} ${y2 + 8}`;
  return (
    <g className={lit ? styles.lit : styles.edge}>
      <path d={path} strokeWidth={wide} />
      {count > 1 && (
        <text
          x={forwards ? x2 - 8 : end + bend * 0.8}
          y={forwards ? y2 - 6 : (y1 + y2) / 2 + 4}
          textAnchor={forwards ? 'end' : 'start'}
        >
          × {formatCount(count)}
        </text>
      )}
    </g>
  );
}
