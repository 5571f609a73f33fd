import { allColumns, columnIds, columnsOf, type Listing, nameColumn, printColumns } from '../../../base/listing';
import { Button } from '../../../widgets/Button';
import { Popup } from '../../../widgets/Popup';
import styles from './column_choice.module.css';
import { columnsIn } from './column_room';
import { columnOf } from './columns';

type ColumnChoiceProps = {
  listing: Pick<Listing, 'of' | 'cols'>;
  widthPx: number; // of the list; 0: not known yet
  onChoose: (cols: string | undefined) => void;
};

// What is chosen stands in the address, so that a link and a saved view show the same columns.
export function ColumnChoice({ listing, widthPx, onChoose }: ColumnChoiceProps) {
  const { of, cols } = listing;
  const wanted = columnsOf(listing);
  const shown = widthPx > 0 ? columnsIn(widthPx, listing) : wanted;
  const roomless = wanted.filter((id) => !shown.includes(id));
  // The buttons below go, or cannot be pressed again: the focus is not left on them.
  const choose = (next: string | undefined, close: () => void) => {
    onChoose(next);
    close();
  };
  const toggle = (id: string) =>
    onChoose(printColumns(of, wanted.includes(id) ? wanted.filter((other) => other !== id) : [...wanted, id]));
  return (
    <Popup label="Columns of this list" word="Columns" icon="columns" more={roomless.length}>
      {(close) => (
        <>
          {roomless.length > 0 && (
            <p className={styles.roomless}>
              No room for {roomless.map((id) => columnOf(of, id)?.label).join(', ')}.{' '}
              <Button onClick={() => choose(allColumns, close)}>Show all</Button>
            </p>
          )}
          <ul className={styles.list}>
            {columnIds[of].map((id) => (
              <li key={id}>
                <label className={styles.column}>
                  <input
                    type="checkbox"
                    checked={wanted.includes(id)}
                    disabled={id === nameColumn}
                    onChange={() => toggle(id)}
                  />
                  {columnOf(of, id)?.label}
                </label>
              </li>
            ))}
          </ul>
          <Button disabled={cols === undefined} onClick={() => choose(undefined, close)}>
            As usual
          </Button>
        </>
      )}
    </Popup>
  );
}
