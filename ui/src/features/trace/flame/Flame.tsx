import { useMemo } from 'react';
import { formatDuration, plural } from '../../../base/format';
import { kindSlug, kinds } from '../../../base/kinds';
import { flameOf } from '../model/flame';
import { nameOf, type SpanTree } from '../model/span_tree';
import styles from './flame.module.css';

const rowPx = 26;
// A shorter block is no target for a finger; the tree has its spans.
const buttonShare = 0.04;

type FlameProps = { tree: SpanTree; selectedRow: number; onSelect: (spanId: string) => void };

export function Flame({ tree, selectedRow, onSelect }: FlameProps) {
  const flame = useMemo(() => flameOf(tree), [tree]);
  const selected = nameOf(tree, selectedRow);
  return (
    <div className={styles.box}>
      <p className={styles.note}>
        Spans of the same name and place are one block, as long as all of them together. A click selects the longest.
        {flame.leftOut > 0 && ` ${plural(flame.leftOut, 'span is', 'spans are')} too short to be drawn.`}
      </p>
      <ul className={styles.flame} aria-label="Flame" style={{ height: flame.depth * rowPx }}>
        {flame.nodes.map((node) => {
          const text = `${node.name || '(no name)'}${node.count > 1 ? ` × ${node.count}` : ''}`;
          const length = formatDuration(node.totalNs);
          const isSelected = tree.depth[selectedRow] === node.depth && selected === node.name;
          const block = {
            className: `${styles.block} kind-${kindSlug(kinds[node.kind]?.[0] ?? 'UNKNOWN')}`,
            title: `${text}: ${length}`,
            onClick: () => onSelect(tree.idOf(node.longestRow)),
          };
          return (
            <li
              key={node.longestRow}
              className={styles.node}
              style={{ top: node.depth * rowPx, left: `${node.left * 100}%`, width: `${node.width * 100}%` }}
            >
              {node.width < buttonShare ? (
                <span {...block} />
              ) : (
                <button type="button" aria-current={isSelected} {...block}>
                  {text} <span>{length}</span>
                </button>
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}
