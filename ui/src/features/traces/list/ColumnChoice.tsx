import { columnIds, columnsOf, type Listing, nameColumn, printColumns } from '../../../base/listing';
import { Button } from '../../../widgets/Button';
import { Popup } from '../../../widgets/Popup';
import styles from './column_choice.module.css';
import { columnOf } from './columns';

type ColumnChoiceProps = { listing: Pick<Listing, 'of' | 'cols'>; onChoose: (cols: string | undefined) => void };

// What is chosen stands in the address, so that a link and a saved view show the same columns.
export function ColumnChoice({ listing, onChoose }: ColumnChoiceProps) {
  const { of, cols } = listing;
  const shown = columnsOf(listing);
  const toggle = (id: string) =>
    onChoose(printColumns(of, shown.includes(id) ? shown.filter((other) => other !== id) : [...shown, id]));
  return (
    <Popup label="Columns of this list" word="Columns" icon="columns">
      {() => (
        <>
          <ul className={styles.list}>
            {columnIds[of].map((id) => (
              <li key={id}>
                <label className={styles.column}>
                  <input
                    type="checkbox"
                    checked={shown.includes(id)}
                    disabled={id === nameColumn}
                    onChange={() => toggle(id)}
                  />
                  {columnOf(of, id)?.label}
                </label>
              </li>
            ))}
          </ul>
          <Button disabled={cols === undefined} onClick={() => onChoose(undefined)}>
            As usual
          </Button>
        </>
      )}
    </Popup>
  );
}
