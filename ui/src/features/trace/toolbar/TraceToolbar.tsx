import { type RefObject, useId, useState } from 'react';
import type { OpenTrace } from '../../../api/trace_queries';
import { useKeyOf } from '../../../base/key_choice';
import { useKeys } from '../../../base/keys';
import { IconButton } from '../../../widgets/Button';
import { Choice } from '../../../widgets/Choice';
import { TextInput } from '../../../widgets/TextInput';
import { rowBeside } from '../model/find';
import type { SpanTree } from '../model/span_tree';
import type { Waste } from '../model/waste';
import styles from './toolbar.module.css';
import { useMatches } from './useMatches';

export const traceViews = [
  ['tree', 'Tree'],
  ['transcript', 'Transcript'],
  ['flame', 'Flame'],
  ['log', 'Log'],
  ['graph', 'Graph'],
] as const;
export type TraceViewId = (typeof traceViews)[number][0];

export type FoundWaste = {
  found: readonly Waste[];
  state: 'not looked for' | 'looking' | 'failed' | 'done';
  failure: Error | null;
  complete: boolean; // false: of a very long talk the first calls were looked at
  look: () => void;
};

type TraceToolbarProps = {
  trace: OpenTrace;
  tree: SpanTree;
  row: number;
  view: TraceViewId;
  words: string;
  waste: FoundWaste;
  path: { shown: boolean; toggle: () => void };
  auto: { on: boolean; toggle: () => void };
  findBox: RefObject<HTMLInputElement | null>;
  onView: (view: TraceViewId) => void;
  onFind: (words: string) => void;
  onRow: (row: number) => void;
};

export function TraceToolbar(props: TraceToolbarProps) {
  const { view, waste, path, auto, row, onView, onRow } = props;
  const pathKey = useKeyOf('Trace', 'critical path', 'C');
  const autoKey = useKeyOf('Trace', 'the time axis follows the rows', 'A');
  return (
    <div className={styles.toolbar} role="toolbar" aria-label="Trace">
      <Choice label="View" options={traceViews} current={view} onChoose={onView} />
      <Find {...props} />
      {view === 'tree' && (
        <>
          <button
            type="button"
            className={styles.toggle}
            aria-pressed={path.shown}
            title={`What the end of the trace waited for (${pathKey})`}
            onClick={path.toggle}
          >
            Critical path
          </button>
          <button
            type="button"
            className={styles.toggle}
            aria-pressed={auto.on}
            title={`The time axis follows the rows on screen (${autoKey})`}
            onClick={auto.toggle}
          >
            Follow rows
          </button>
        </>
      )}
      {waste.found.map((found) => (
        <button
          key={found.id}
          type="button"
          className={styles.waste}
          title={`${found.why}. Shows the next one.`}
          onClick={() => onRow(rowBeside(found.rows, row, 1))}
        >
          {found.label}
        </button>
      ))}
      <LookForWaste waste={waste} />
    </div>
  );
}

function LookForWaste({ waste: { state, failure, complete, look } }: { waste: FoundWaste }) {
  if (state === 'not looked for') {
    return (
      <button
        type="button"
        className={styles.toggle}
        title="Retries, repeated calls, and prompts that no cache held. The server reads the trace's calls for it."
        onClick={look}
      >
        Look for waste
      </button>
    );
  }
  return (
    <p role="status" className={styles.note}>
      {state === 'looking' && 'Looking for waste…'}
      {state === 'failed' && (
        <>
          Waste not looked for: {failure?.message}{' '}
          <button type="button" className={styles.toggle} onClick={look}>
            Try again
          </button>
        </>
      )}
      {state === 'done' && !complete && 'Prompts of the first 10,000 calls were compared'}
    </p>
  );
}

function Find({ trace, tree, row, words, findBox, onFind, onRow }: TraceToolbarProps) {
  const status = useId();
  const [text, setText] = useState(words);
  const { rows, said } = useMatches(trace, tree, text);
  const step = (by: 1 | -1) => {
    const next = rowBeside(rows, row, by);
    if (next >= 0) onRow(next);
  };
  const at = rows.indexOf(row);
  const findKey = useKeyOf('Trace', 'find in all content', '/');
  const nextKey = useKeyOf('Trace', 'next match', 'n');
  const previousKey = useKeyOf('Trace', 'previous match', 'N');
  useKeys('Trace', [
    { keys: ['/'], help: 'find in all content', run: () => findBox.current?.focus() },
    { keys: ['n'], help: 'next match', run: () => step(1) },
    { keys: ['N'], help: 'previous match', run: () => step(-1) },
  ]);
  return (
    <search className={styles.find}>
      <TextInput
        ref={findBox}
        type="search"
        className={styles.input}
        aria-label="Find in this trace"
        aria-describedby={status}
        placeholder={`Find  ${findKey}`}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          onFind(event.target.value);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') step(event.shiftKey ? -1 : 1);
          if (event.key === 'Escape') document.getElementById('main')?.focus();
          if (event.key === 'Enter' || event.key === 'Escape') event.preventDefault();
        }}
      />
      <span id={status} role="status" className={styles.count}>
        {said ?? `${at < 0 ? '' : `${at + 1} of `}${rows.length}`}
      </span>
      {rows.length > 0 && (
        <>
          <IconButton icon="up" label={`Previous match (${previousKey})`} onClick={() => step(-1)} />
          <IconButton icon="down" label={`Next match (${nextKey})`} onClick={() => step(1)} />
        </>
      )}
    </search>
  );
}
