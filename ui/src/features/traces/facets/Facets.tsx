import { useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { isMistake } from '../../../api/client';
import { facetsQuery, facetValues } from '../../../api/list_queries';
import type { Facet as Counted, ValueCount } from '../../../api/types';
import { formatCount } from '../../../base/format';
import type { Listing, ListOf } from '../../../base/listing';
import { Button } from '../../../widgets/Button';
import { Icon } from '../../../widgets/Icon';
import { KindChip } from '../../../widgets/KindChip';
import { Loading } from '../../../widgets/Notice';
import { selectedValues, toggleValue, withoutField } from '../query/conditions';
import styles from './facets.module.css';

const usualFields = ['kind', 'status', 'service', 'model', 'name', 'tool', 'user'];
const fieldsOf: Record<ListOf, readonly string[]> = {
  traces: usualFields,
  spans: usualFields,
  calls: ['model', 'provider', 'status', 'finish_reason', 'service', 'agent', 'prompt', 'name', 'user'],
};
const titles: Record<string, string> = { kind: 'Kind of span', finish_reason: 'Finish reason' };
const shortValues = 6;
const foldedSetting = 'nightjar.facets.folded';

const titleOf = (field: string): string => titles[field] ?? `${field.charAt(0).toUpperCase()}${field.slice(1)}`;

type FacetsProps = { project: string; listing: Listing; onAsk: (query: string) => void };

export function Facets({ project, listing, onAsk }: FacetsProps) {
  const [folded, setFolded] = useState(() => new Set((localStorage.getItem(foldedSetting) ?? '').split(' ')));
  const fold = (field: string) => {
    const next = new Set(folded);
    if (!next.delete(field)) next.add(field);
    setFolded(next);
    localStorage.setItem(foldedSetting, [...next].join(' '));
  };
  const fields = fieldsOf[listing.of];
  const counted = useQuery(facetsQuery(project, listing, fields));
  if (!counted.data) {
    return (
      <section className={styles.facets} aria-label="Facets">
        {isMistake(counted.error) ? null : counted.error ? (
          <>
            <p className={styles.note} role="alert">
              Not counted: {counted.error.message}
            </p>
            <Button className={styles.retry} onClick={() => counted.refetch()}>
              Try again
            </Button>
          </>
        ) : (
          <Loading what="Counting" />
        )}
      </section>
    );
  }
  return (
    <section className={`${styles.facets} ${counted.isPlaceholderData ? styles.waiting : ''}`} aria-label="Facets">
      {fields.map((field) => (
        <Facet
          key={field}
          field={field}
          project={project}
          listing={listing}
          counted={counted.data}
          folded={folded.has(field)}
          onFold={() => fold(field)}
          onAsk={onAsk}
        />
      ))}
    </section>
  );
}

type FacetProps = FacetsProps & {
  field: string;
  counted: readonly Counted[]; // under the whole query
  folded: boolean;
  onFold: () => void;
};

// One field's values. Where the query asks something of the field they are counted under the rest of it, so that those
// which one could have instead are there too.
function Facet({ field, project, listing, counted, folded, onFold, onAsk }: FacetProps) {
  const { q } = listing;
  const rest = withoutField(q, field);
  const instead = useQuery({
    ...facetsQuery(project, { ...listing, q: rest }, [field]),
    enabled: !folded && rest !== q,
  });
  const [all, setAll] = useState(false);
  const list = useId();
  const facets = (rest === q ? undefined : instead.data) ?? counted;
  const selected = selectedValues(q, field);
  const values = withSelected(facets.find((facet) => facet.field === field)?.values ?? [], selected);

  return (
    <div className={styles.facet}>
      <h2>
        <button type="button" className={styles.title} aria-expanded={!folded} aria-controls={list} onClick={onFold}>
          <Icon name={folded ? 'right' : 'down'} size={12} />
          {titleOf(field)}
          {selected.length > 0 && <span className={styles.chosen}>{selected.length}</span>}
        </button>
      </h2>
      <div id={list} hidden={folded}>
        {values.length > 0 ? (
          <ul>
            {values
              .filter(({ value }, index) => all || index < shortValues || selected.includes(value))
              .map((value) => (
                <FacetValue
                  key={value.value}
                  field={field}
                  value={value}
                  on={selected.includes(value.value)}
                  onToggle={() => onAsk(toggleValue(q, field, value.value))}
                />
              ))}
          </ul>
        ) : (
          <p className={styles.note}>None</p>
        )}
        {values.length > shortValues && (
          <button type="button" className={styles.more} onClick={() => setAll(!all)}>
            {all
              ? 'Fewer'
              : values.length >= facetValues
                ? `The ${values.length} most frequent`
                : `All ${values.length}`}
          </button>
        )}
      </div>
    </div>
  );
}

// What is asked for is there also where nothing has it.
function withSelected(values: readonly ValueCount[], selected: readonly string[]): ValueCount[] {
  const missing = selected.filter((value) => values.every((known) => known.value !== value));
  return [...missing.map((value) => ({ value, count: 0 })), ...values];
}

type FacetValueProps = { field: string; value: ValueCount; on: boolean; onToggle: () => void };

function FacetValue({ field, value: { value, count }, on, onToggle }: FacetValueProps) {
  return (
    <li>
      <label className={styles.value} title={value}>
        <input type="checkbox" checked={on} onChange={onToggle} />
        {field === 'kind' && <KindChip kind={value.toUpperCase()} />}
        <span className={styles.text}>{value}</span>
        <span className={styles.count}>{formatCount(count)}</span>
      </label>
    </li>
  );
}
