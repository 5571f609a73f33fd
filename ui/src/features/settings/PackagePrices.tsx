import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useState } from 'react';
import { packagePricesQuery, pricesShown } from '../../api/settings_queries';
import type { Price } from '../../api/settings_types';
import { unknown } from '../../base/format';
import { Section } from '../../widgets/Page';
import { type Column, Table } from '../../widgets/Table';
import { TextInput } from '../../widgets/TextInput';
import { Asked } from './Asked';
import { rateColumns } from './OwnPrices';
import styles from './settings.module.css';

const columns: Column<Price>[] = [
  { label: 'Model', atLeastPx: 216, cell: ({ provider, model }) => `${provider}/${model}` },
  { label: 'From', drop: 'wide', cell: ({ valid_from: from }) => from ?? unknown },
  { label: 'When', drop: 'wide', cell: ({ condition }) => condition ?? unknown },
  ...rateColumns,
];

export function PackagePrices() {
  const [text, setText] = useState('');
  const query = useQuery(packagePricesQuery(useDeferredValue(text)));
  return (
    <Section
      title="Prices of the package"
      note={query.data?.package}
      beside={
        <TextInput
          type="search"
          className={styles.search}
          aria-label="Find a price by provider or model"
          placeholder="Find provider or model"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      }
    >
      <Asked query={query} what="prices">
        {({ data }) =>
          data.length === 0 ? (
            <p className={styles.empty}>The package has no price for a model with that in its name.</p>
          ) : (
            <>
              <Table
                label="Prices of the package"
                columns={columns}
                rows={data}
                keyOf={({ provider, model, valid_from, condition }) =>
                  JSON.stringify([provider, model, valid_from, condition])
                }
                waiting={query.isPlaceholderData}
              />
              {data.length >= pricesShown && (
                <p className={styles.hint}>The first {pricesShown} that fit. A longer name finds the others.</p>
              )}
            </>
          )
        }
      </Asked>
    </Section>
  );
}
