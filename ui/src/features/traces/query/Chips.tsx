import { IconButton } from '../../../widgets/Button';
import { conditionsOf, withoutCondition } from './conditions';
import styles from './query.module.css';

type ChipsProps = {
  query: string;
  onRemove: (query: string) => void; // what is left
  onEdit: (begin: number, end: number) => void; // the condition's place in the text
};

// The conditions of the query one by one: to take one out, or to change it. Alternatives are one whole.
export function Chips({ query, onRemove, onEdit }: ChipsProps) {
  const conditions = conditionsOf(query) ?? [];
  if (conditions.length === 0) return null;
  let behind = 0;
  return (
    <ul className={styles.chips} aria-label="Conditions">
      {conditions.map(({ text }, index) => {
        const begin = query.indexOf(text, behind);
        behind = begin + text.length;
        const end = behind;
        return (
          <li key={`${index} ${text}`} className={styles.chip}>
            <button type="button" title="Change this condition" onClick={() => onEdit(begin, end)}>
              {text}
            </button>
            <IconButton
              icon="cross"
              label={`Remove ${text}`}
              onClick={() => onRemove(withoutCondition(query, index))}
            />
          </li>
        );
      })}
    </ul>
  );
}
