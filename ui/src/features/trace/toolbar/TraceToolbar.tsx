import { type RefObject, useId, useMemo } from 'react';
import { formatCount, plural } from '../../../base/format';
import { useKeyOf } from '../../../base/key_choice';
import { useKeys } from '../../../base/keys';
import { kinds } from '../../../base/kinds';
import { IconButton } from '../../../widgets/Button';
import { Choice } from '../../../widgets/Choice';
import { KindChip } from '../../../widgets/KindChip';
import { TextInput } from '../../../widgets/TextInput';
import { rowBeside } from '../model/find';
import { kindsIn, type Marks } from '../model/marks';
import type { SpanTree } from '../model/span_tree';
import type { Waste } from '../model/waste';
import styles from './toolbar.module.css';

export const traceViews = [
  ['tree', 'Tree'],
  ['transcript', 'Transcript'],
  ['flame', 'Flame'],
  ['log', 'Log'],
  ['graph', 'Graph'],
  ['table', 'Table'],
] as const;
export type TraceViewId = (typeof traceViews)[number][0];

export type FoundWaste = {
  found: readonly Waste[];
  state: 'not looked for' | 'looking' | 'failed' | 'done';
  failure: Error | null;
  complete: boolean; // false: of a very long talk the first calls were looked at
  look: () => void;
};

// What the reader looks for, and where that is.
export type Looking = {
  words: string;
  kinds: ReadonlySet<number>;
  marks: Marks;
  said: string | null; // instead of the count of rows
  others: 'dimmed' | 'left out';
};

type TraceToolbarProps = {
  tree: SpanTree;
  row: number;
  view: TraceViewId;
  looking: Looking;
  waste: FoundWaste;
  path: { shown: boolean; toggle: () => void };
  auto: { on: boolean; toggle: () => void };
  findBox: RefObject<HTMLInputElement | null>;
  onView: (view: TraceViewId) => void;
  onLook: (change: Partial<Pick<Looking, 'words' | 'kinds' | 'others'>>) => void;
  onRow: (row: number) => void;
};

export function TraceToolbar(props: TraceToolbarProps) {
  const { view, looking, waste, path, auto, row, onView, onLook, onRow } = props;
  const { flags } = looking.marks;
  const pathKey = useKeyOf('Trace', 'critical path', 'C');
  const autoKey = useKeyOf('Trace', 'the time axis follows the rows', 'A');
  return (
    <div className={styles.toolbar} role="toolbar" aria-label="Trace">
      <Choice label="View" options={traceViews} current={view} onChoose={onView} />
      <Find {...props} />
      {(view === 'tree' || view === 'table') && <Kinds {...props} />}
      {view === 'tree' && flags && (
        <button
          type="button"
          className={styles.toggle}
          aria-pressed={looking.others === 'left out'}
          title="Lists what is looked for and the spans that it is below, and no others"
          onClick={() => onLook({ others: looking.others === 'dimmed' ? 'left out' : 'dimmed' })}
        >
          Only these
        </button>
      )}
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

function Kinds({ tree, looking, onLook }: TraceToolbarProps) {
  const present = useMemo(() => kindsIn(tree), [tree]);
  if (present.length < 2) return null;
  return (
    <div role="group" aria-label="Kinds" className={styles.kinds}>
      {present.map(({ kind, count }) => {
        const name = kinds[kind]?.[0] ?? 'UNKNOWN';
        const label = `${name.toLowerCase()}, ${plural(count, 'span')}`;
        const wanted = looking.kinds.has(kind);
        return (
          <button
            key={kind}
            type="button"
            className={styles.kind}
            aria-pressed={wanted}
            aria-label={label}
            title={label}
            onClick={() => {
              const next = new Set(looking.kinds);
              if (wanted) next.delete(kind);
              else next.add(kind);
              onLook({ kinds: next });
            }}
          >
            <KindChip kind={name} />
          </button>
        );
      })}
    </div>
  );
}

function Find({ row, looking, findBox, onLook, onRow }: TraceToolbarProps) {
  const status = useId();
  const { rows } = looking.marks;
  const step = (by: 1 | -1) => {
    const next = rowBeside(rows, row, by);
    if (next >= 0) onRow(next);
  };
  const at = rows.indexOf(row);
  const count = looking.marks.flags ? `${at < 0 ? '' : `${at + 1} of `}${formatCount(rows.length)}` : '';
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
        title="Words, or a query such as kind:llm duration>2s"
        value={looking.words}
        onChange={(event) => onLook({ words: event.target.value })}
        onKeyDown={(event) => {
          if (event.key === 'Enter') step(event.shiftKey ? -1 : 1);
          if (event.key === 'Escape') document.getElementById('main')?.focus();
          if (event.key === 'Enter' || event.key === 'Escape') event.preventDefault();
        }}
      />
      <span id={status} role="status" className={styles.count}>
        {looking.said || count}
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
