import { useLayoutEffect, useRef } from 'react';
import type { Suggestions } from '../../../api/types';
import { formatCount } from '../../../base/format';
import styles from './query.module.css';

export type Option = {
  value: string;
  recent: boolean; // a whole query
  hint: string;
  meaning?: string;
  example?: string;
  count?: number;
};

type SuggestionListProps = {
  options: readonly Option[];
  wanted: Suggestions | undefined;
  chosen: number;
  onTake: (option: Option) => void;
};

// Hidden without options.
export function SuggestionList({ options, wanted, chosen, onTake }: SuggestionListProps) {
  const list = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (chosen >= 0) list.current?.children[chosen]?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);
  return (
    <div className={styles.popup} hidden={options.length === 0}>
      <div id="query-options" ref={list} role="listbox" aria-label="Suggestions" className={styles.options}>
        {options.map((option, index) => (
          <div
            key={`${option.recent} ${option.value}`}
            id={`query-option-${index}`}
            role="option"
            aria-selected={index === chosen}
            className={styles.option}
            onPointerDown={(event) => {
              event.preventDefault(); // the field keeps the focus
              onTake(option);
            }}
          >
            <code className={styles.value}>{option.value}</code>
            <span className={styles.meaning}>{option.meaning ?? option.hint}</span>
            <span className={styles.aside}>
              {option.count === undefined ? <code>{option.example}</code> : formatCount(option.count)}
            </span>
          </div>
        ))}
      </div>
      <p className={styles.keys} aria-hidden="true">
        <kbd>↑</kbd> <kbd>↓</kbd> choose <kbd>Tab</kbd> take <kbd>Enter</kbd> ask <kbd>Esc</kbd> close
        {wanted?.wanted === 'value' && wanted.field && <span className={styles.of}>values of {wanted.field}</span>}
      </p>
    </div>
  );
}
