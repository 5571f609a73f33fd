import { useQuery } from '@tanstack/react-query';
import type { RefObject } from 'react';
import { queryFieldsQuery } from '../../../api/list_queries';
import { Button } from '../../../widgets/Button';
import { Card } from '../../../widgets/Card';
import { Loading } from '../../../widgets/Notice';
import styles from './query.module.css';

const forms: readonly [written: string, meaning: string][] = [
  ['kind:llm model:gpt-4*', 'both; * stands for any characters'],
  ['status:error or cost>0.5', 'one of them'],
  ['model:(gpt-4o or claude*)', 'one of these values'],
  ['-user:bot', 'not that; also: not user:bot'],
  ['"exact words"', 'in a name, message, attribute, document or event'],
  ['tokens:1k..10k', 'between, and both ends'],
  ['name~"^run_[0-9]+$"', 'matches the regular expression'],
  ['has:exception', 'is there'],
];

export function SyntaxCard({ dialog }: { dialog: RefObject<HTMLDialogElement | null> }) {
  const table = useQuery(queryFieldsQuery);
  return (
    <Card dialog={dialog} title="How to write a query" className={styles.card}>
      <div className={styles.cardBody} tabIndex={0} role="group" aria-label="How to write a query">
        <dl className={styles.forms}>
          {forms.map(([written, meaning]) => (
            <div key={written}>
              <dt>
                <code>{written}</code>
              </dt>
              <dd>{meaning}</dd>
            </div>
          ))}
        </dl>
        {table.data ? (
          <>
            <h3>Of other spans</h3>
            <dl className={styles.forms}>
              {table.data.scopes.map(({ name, meaning, example }) => (
                <div key={name}>
                  <dt>
                    <code>{example}</code>
                  </dt>
                  <dd>{meaning}</dd>
                </div>
              ))}
            </dl>
            <h3>Fields</h3>
            <dl className={styles.forms}>
              {table.data.data.map(({ name, meaning, example, words }) => (
                <div key={name}>
                  <dt>
                    <code>{example}</code>
                  </dt>
                  <dd>
                    {meaning}
                    {words.length > 0 && <span className={styles.words}>{words.join(', ')}</span>}
                  </dd>
                </div>
              ))}
            </dl>
          </>
        ) : table.error ? (
          <p role="alert">
            The fields could not be loaded: {table.error.message}{' '}
            <Button onClick={() => table.refetch()}>Try again</Button>
          </p>
        ) : (
          <Loading what="Loading the fields" />
        )}
      </div>
    </Card>
  );
}
