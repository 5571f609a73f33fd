import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { modelUsageQuery, ownPricesQuery } from '../../api/settings_queries';
import type { ModelUsage, Price } from '../../api/settings_types';
import { formatCount, formatTokenFlow, unknown } from '../../base/format';
import { Button } from '../../widgets/Button';
import { Section } from '../../widgets/Page';
import { type Column, Table } from '../../widgets/Table';
import { Asked } from './Asked';
import { OwnPrices } from './OwnPrices';
import { PackagePrices } from './PackagePrices';
import { PriceForm } from './PriceForm';
import { type Editing, emptyDraft } from './price_draft';
import { literally } from './price_match';
import styles from './settings.module.css';

export function Prices({ project }: { project: string }) {
  const client = useQueryClient();
  const own = useQuery(ownPricesQuery);
  const usage = useQuery(modelUsageQuery(project));
  const [editing, setEditing] = useState<Editing | null>(null);
  const [said, setSaid] = useState('');
  const status = useRef<HTMLParagraphElement>(null);
  // Costs of stored calls follow in the background; the figures here are asked for at once.
  const changed = (what: string) => {
    setEditing(null);
    setSaid(what);
    client.invalidateQueries();
    status.current?.focus();
  };
  const unpriced = (rows: readonly ModelUsage[]) => rows.filter(({ cost }) => cost.unpriced_calls > 0);
  return (
    <>
      <p ref={status} role="status" tabIndex={-1} className={styles.done}>
        {said}
      </p>
      <Section
        title={`Calls without a cost in project ${project}`}
        note="An unknown cost is never counted as 0"
        beside={
          <Button tone="primary" onClick={() => setEditing({ id: null, draft: emptyDraft })}>
            Add a price
          </Button>
        }
      >
        <Asked query={usage} what="calls">
          {(rows) => (
            <Unpriced
              rows={unpriced(rows)}
              onPrice={({ group }) =>
                setEditing({
                  id: null,
                  draft: {
                    ...emptyDraft,
                    model: literally(group.model ?? ''),
                    provider: literally(group.provider ?? ''),
                  },
                })
              }
            />
          )}
        </Asked>
      </Section>
      <Section title="Own prices" note="They win over those of the package; US dollars per million tokens">
        <Asked query={own} what="own prices">
          {(prices: Price[]) => <OwnPrices prices={prices} onEdit={setEditing} onChanged={changed} />}
        </Asked>
      </Section>
      <PackagePrices />
      {editing && (
        <PriceForm
          editing={editing}
          usage={usage.data ?? []}
          project={project}
          onSaved={() => changed('Saved. Costs of stored calls follow within a minute or two.')}
          onLeave={() => setEditing(null)}
        />
      )}
    </>
  );
}

type UnpricedProps = { rows: readonly ModelUsage[]; onPrice: (row: ModelUsage) => void };

function Unpriced({ rows, onPrice }: UnpricedProps) {
  if (rows.length === 0) return <p className={styles.fine}>Every call with tokens has a cost.</p>;
  const columns: Column<ModelUsage>[] = [
    { label: 'Model', cell: ({ group }) => group.model ?? '(no model)' },
    { label: 'Provider', cell: ({ group }) => group.provider ?? unknown, drop: 'small' },
    {
      label: 'Calls without a cost',
      number: true,
      cell: ({ calls, cost }) => `${formatCount(cost.unpriced_calls)} of ${formatCount(calls)}`,
    },
    {
      label: 'Tokens in → out',
      number: true,
      drop: 'small',
      cell: ({ tokens }) => formatTokenFlow({ ...tokens, total: null }),
    },
    {
      label: 'Action',
      number: true,
      cell: (row) =>
        row.group.model !== null && (
          <Button aria-label={`Set a price for ${row.group.model}`} onClick={() => onPrice(row)}>
            Set a price…
          </Button>
        ),
    },
  ];
  return (
    <Table
      label="Calls without a cost"
      columns={columns}
      rows={rows}
      keyOf={({ group }) => JSON.stringify([group.model, group.provider])}
    />
  );
}
