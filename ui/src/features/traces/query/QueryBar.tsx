import { type ReactNode, useLayoutEffect, useRef } from 'react';
import type { Mistake } from '../../../api/types';
import { useKeyOf } from '../../../base/key_choice';
import { useKeys, useSingleKeys } from '../../../base/keys';
import type { Listing } from '../../../base/listing';
import { IconButton } from '../../../widgets/Button';
import { Icon } from '../../../widgets/Icon';
import { Chips } from './Chips';
import { piecesOf } from './completion';
import styles from './query.module.css';
import { SuggestionList } from './SuggestionList';
import { SyntaxCard } from './SyntaxCard';
import { type Ask, useDraft } from './useDraft';
import { useOptions } from './useOptions';

type QueryBarProps = {
  project: string;
  listing: Listing;
  onAsk: Ask;
  onLeave: () => void;
  before: ReactNode; // in the same row
  after: ReactNode;
  children: ReactNode; // below, where there is no mistake
};

// A combobox with a list of suggestions (WAI-ARIA 1.2), and the mistakes below.
export function QueryBar({ project, listing, onAsk, onLeave, before, after, children }: QueryBarProps) {
  const input = useRef<HTMLInputElement>(null);
  const card = useRef<HTMLDialogElement>(null);
  const help = () => card.current?.showModal();
  const draft = useDraft(project, listing, onAsk);
  const list = useOptions(project, draft, { help, leave: onLeave });
  const queryKey = useKeyOf('Traces', 'query', '/');
  const singleKeys = useSingleKeys();
  const { text, caret } = draft.edit;
  const { mistakes, options, chosen } = list;

  useLayoutEffect(() => {
    const field = input.current;
    if (field && document.activeElement === field && field.selectionStart !== caret)
      field.setSelectionRange(caret, caret);
  }, [caret]);
  useKeys('Traces', [{ keys: ['/'], help: 'query', run: () => input.current?.focus() }]);

  const clear = () => {
    list.askNow('');
    input.current?.focus();
  };
  return (
    <search className={styles.query}>
      <div className={styles.row}>
        {before}
        <div className={styles.bar}>
          <Icon name="search" size={14} />
          <MarkedInput
            input={input}
            mistakes={mistakes}
            text={text}
            role="combobox"
            aria-expanded={options.length > 0}
            aria-controls="query-options"
            aria-autocomplete="list"
            aria-activedescendant={options.length > 0 && chosen >= 0 ? `query-option-${chosen}` : undefined}
            aria-label={`Query for ${listing.of}`}
            aria-describedby="query-mistakes"
            aria-invalid={mistakes.length > 0}
            onChange={({ target: { value, selectionStart } }) =>
              list.onType({ text: value, caret: selectionStart ?? value.length })
            }
            onSelect={({ currentTarget: { selectionStart, value } }) => {
              if (value === text && selectionStart !== null && selectionStart !== caret)
                draft.change({ text, caret: selectionStart });
            }}
            onKeyDown={list.onKeyDown}
            onPointerUp={list.show}
            onFocus={list.show}
            onBlur={list.close}
          />
          {text ? (
            <IconButton icon="cross" label="Clear the query" onClick={clear} />
          ) : (
            singleKeys && <kbd>{queryKey}</kbd>
          )}
          <IconButton icon="help" label="How to write a query" onClick={help} />
          <SuggestionList options={options} wanted={draft.suggestions} chosen={chosen} onTake={list.take} />
        </div>
        {after}
      </div>
      <div className={styles.status}>
        <span id="query-mistakes" role="status" className={styles.reasons}>
          {[...new Set(mistakes.map((mistake) => mistake.message))].join('; ')}
        </span>
        {mistakes.length === 0 && children}
        {mistakes.length === 0 && (
          <Chips
            query={text}
            onRemove={list.askNow}
            onEdit={(begin, end) => {
              input.current?.focus();
              input.current?.setSelectionRange(begin, end);
            }}
          />
        )}
      </div>
      <SyntaxCard dialog={card} />
    </search>
  );
}

type MarkedInputProps = React.ComponentProps<'input'> & {
  input: React.RefObject<HTMLInputElement | null>;
  text: string;
  mistakes: readonly Mistake[];
};

// The same text stands behind the field, unseen, and carries the underlines.
function MarkedInput({ input, text, mistakes, ...rest }: MarkedInputProps) {
  const marks = useRef<HTMLDivElement>(null);
  const follow = () => {
    if (marks.current && input.current) marks.current.scrollLeft = input.current.scrollLeft;
  };
  useLayoutEffect(follow);
  return (
    <div className={styles.field}>
      <div ref={marks} className={styles.marks} aria-hidden="true">
        {piecesOf(text, mistakes).map((piece, index) => (
          <span key={index} className={piece.wrong ? styles.wrong : undefined}>
            {piece.text}
          </span>
        ))}
      </div>
      <input
        ref={input}
        className={styles.input}
        value={text}
        placeholder="kind:llm duration>2s &quot;refund policy&quot;"
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        enterKeyHint="search"
        onScroll={follow}
        {...rest}
      />
    </div>
  );
}
