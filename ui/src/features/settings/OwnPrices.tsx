import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { removePrice } from '../../api/settings_queries';
import type { Price } from '../../api/settings_types';
import { unknown } from '../../base/format';
import { Button } from '../../widgets/Button';
import { type Column, Table } from '../../widgets/Table';
import { draftOf, type Editing } from './price_draft';
import { printRate } from './rate_text';
import styles from './settings.module.css';

type OwnPricesProps = {
  prices: readonly Price[];
  onEdit: (editing: Editing) => void;
  onChanged: (what: string) => void;
};

export const rateColumns: Column<Price>[] = [
  { label: 'Input', number: true, cell: ({ rates }) => printRate(rates.input) || unknown },
  { label: 'Cache read', number: true, drop: 'small', cell: ({ rates }) => printRate(rates.cache_read) || unknown },
  { label: 'Output', number: true, cell: ({ rates }) => printRate(rates.output) || unknown },
];

export function OwnPrices({ prices, onEdit, onChanged }: OwnPricesProps) {
  const [doomed, setDoomed] = useState<number | null>(null);
  const remove = useMutation({
    mutationFn: removePrice,
    onSuccess: () => onChanged('Removed. Costs of stored calls follow within a minute or two.'),
    networkMode: 'always',
  });
  if (prices.length === 0) {
    return (
      <p className={styles.empty}>
        None yet. Add one for negotiated rates, names of deployments, and models that the package does not know.
      </p>
    );
  }
  const columns: Column<Price>[] = [
    { label: 'Model', cell: ({ model }) => <code>{model}</code> },
    { label: 'Provider', drop: 'small', cell: ({ provider }) => (provider ? <code>{provider}</code> : 'any') },
    { label: 'From', drop: 'wide', cell: ({ valid_from: from }) => from ?? 'ever' },
    { label: 'Tier', drop: 'wide', cell: ({ service_tier: tier }) => tier ?? 'standard' },
    ...rateColumns,
    { label: 'Note', drop: 'wide', grows: true, cell: ({ note }) => note },
    {
      label: 'Action',
      number: true,
      cell: (price) => (
        <span className={styles.actions}>
          <Button aria-label={`Edit ${price.model}`} onClick={() => onEdit({ id: price.id, draft: draftOf(price) })}>
            Edit…
          </Button>
          {doomed === price.id ? (
            <Button
              className={styles.danger}
              autoFocus
              aria-label={`Remove ${price.model} for good`}
              onBlur={() => setDoomed(null)}
              onClick={() => price.id !== null && remove.mutate(price.id)}
            >
              Remove for good
            </Button>
          ) : (
            <Button aria-label={`Remove ${price.model}`} onClick={() => setDoomed(price.id)}>
              Remove
            </Button>
          )}
        </span>
      ),
    },
  ];
  return (
    <>
      {remove.error && (
        <p role="alert" className={styles.wrong}>
          Not removed: {remove.error.message}
        </p>
      )}
      <Table label="Own prices" columns={columns} rows={prices} keyOf={({ id }) => String(id)} />
    </>
  );
}
