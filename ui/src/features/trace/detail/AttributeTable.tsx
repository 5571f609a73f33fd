import { Link } from '@tanstack/react-router';
import { Fragment, type ReactNode, useState } from 'react';
import { printJson } from '../../../api/json';
import type { Attributes, Json } from '../../../api/types';
import { ValueText } from '../../../panels/transcript/ValueText';
import { CopyButton } from '../../../widgets/CopyButton';
import { Icon } from '../../../widgets/Icon';
import { TextInput } from '../../../widgets/TextInput';
import styles from './detail.module.css';

function typeName(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'double';
  return typeof value === 'boolean' ? 'bool' : typeof value === 'string' ? 'string' : 'map';
}

const asText = (value: Json): string => (typeof value === 'string' ? value : printJson(value));

// Dotted names wrap after a dot or an underscore.
const breakable = (key: string): ReactNode =>
  key.split(/(?<=[._])/).map((piece, index) => (
    <Fragment key={index}>
      {index > 0 && <wbr />}
      {piece}
    </Fragment>
  ));

const matches = (key: string, value: Json, words: string): boolean =>
  key.toLowerCase().includes(words) || asText(value).toLowerCase().includes(words);

type AttributeTableProps = {
  attributes: Attributes;
  what: string;
  // The query that asks for this value; null where there is none.
  asks?: { project: string; queryOf: (key: string, value: Json) => string | null };
};

export function AttributeTable({ attributes, what, asks }: AttributeTableProps) {
  const [filter, setFilter] = useState('');
  const all = Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  const words = filter.trim().toLowerCase();
  const shown = words === '' ? all : all.filter(([key, value]) => matches(key, value, words));
  if (all.length === 0) return <p className={styles.empty}>No {what}.</p>;
  return (
    <>
      {all.length > 6 && (
        <div className={styles.toolbar}>
          <TextInput
            type="search"
            placeholder={`Filter ${all.length} ${what}`}
            aria-label={`Filter ${what}`}
            value={filter}
            onChange={(event) => setFilter(event.target.value)}
          />
        </div>
      )}
      {shown.length === 0 && <p className={styles.empty}>Nothing matches “{filter}”.</p>}
      <dl className={styles.attributes}>
        {shown.map(([key, value]) => (
          <div key={key} className={styles.attribute}>
            <dt>
              <span className={styles.key}>{breakable(key)}</span>
              <span className={styles.type}>{typeName(value)}</span>
            </dt>
            <dd>
              <ValueText value={value} mono fold="tight" />
              <span className={styles.actions}>
                {asks && <AskLink project={asks.project} name={key} query={asks.queryOf(key, value)} />}
                <CopyButton text={() => asText(value)} label={`Copy ${key}`} />
              </span>
            </dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function AskLink({ project, name, query }: { project: string; name: string; query: string | null }) {
  if (query === null) return null;
  const label = `List spans with this ${name}`;
  return (
    <Link
      to="/p/$project/traces"
      params={{ project }}
      search={{ q: query, of: 'spans' }}
      className={styles.ask}
      aria-label={label}
      title={`${label}: ${query}`}
    >
      <Icon name="search" size={14} />
    </Link>
  );
}
