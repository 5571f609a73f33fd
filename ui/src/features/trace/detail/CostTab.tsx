import { Link } from '@tanstack/react-router';
import type { Cost, Span, Tokens } from '../../../api/types';
import { formatCount, formatUsd, unknown } from '../../../base/format';
import styles from './cost.module.css';
import detail from './detail.module.css';
import { SpanLink } from './SpanLink';

const partNames: Record<string, string> = {
  input: 'Prompt, not cached',
  cache_read: 'Prompt, read from the cache',
  cache_write: 'Prompt, written to the cache',
  cache_write_1h: 'Prompt, written to the cache for an hour',
  input_audio: 'Audio in the prompt',
  input_image: 'Images in the prompt',
  output: 'Completion',
  output_audio: 'Audio in the completion',
  output_reasoning: 'Reasoning',
  request: 'Per request',
};

// How the amount comes about, line by line, and where its price is from.
export default function CostTab({ span }: { span: Span }) {
  const { cost, tokens, unpriced, repeats, notes } = span;
  return (
    <div className={detail.sections}>
      {repeats && (
        <p className={styles.remark}>
          Another span tells <SpanLink to={repeats}>the same call</SpanLink>: tokens and cost are counted there.
        </p>
      )}
      {cost && <Lines cost={cost} />}
      {unpriced && (
        <p className={styles.remark}>
          Not priced: {unpriced}.{' '}
          <Link to="/p/$project/settings/$section" params={{ project: span.project, section: 'prices' }}>
            Set a price
          </Link>
        </p>
      )}
      {tokens && <TokenTable tokens={tokens} origins={span.origins} />}
      {notes.length > 0 && (
        <section>
          <h3 className={detail.sectionTitle}>Odd in this span</h3>
          <ul className={styles.notes}>
            {notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

const exact = (usd: number | null): string => (usd === null ? unknown : `$${Number(usd.toPrecision(6))}`);

function Lines({ cost }: { cost: Cost }) {
  const { price, reported } = cost;
  const above = Object.values(cost.details ?? {}).find((line) => line.above !== null)?.above ?? undefined;
  const differs = cost.origin === 'computed' && reported?.total_usd != null && reported.total_usd !== cost.total_usd;
  return (
    <section>
      <h3 className={detail.sectionTitle}>Cost</h3>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">Part</th>
            <th scope="col">Tokens</th>
            <th scope="col">$ per million</th>
            <th scope="col">Cost</th>
          </tr>
        </thead>
        <tbody>
          {Object.entries(cost.details ?? {}).map(([part, line]) => (
            <tr key={part}>
              <th scope="row">{partNames[part] ?? part}</th>
              <td>{formatCount(line.tokens)}</td>
              <td>{line.usd_per_million}</td>
              <td>{exact(line.usd)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row" colSpan={3}>
              Total{cost.origin === 'reported' ? ', as the client reported it' : ''}
            </th>
            <td>{exact(cost.total_usd)}</td>
          </tr>
        </tfoot>
      </table>
      <dl className={styles.facts}>
        {price && <Fact name="Price" value={`${price.id}, ${price.date ? `since ${price.date}` : 'no date'}`} />}
        {price && <Fact name="Source" value={price.source} />}
        {above !== undefined && (
          <Fact name="Rates" value={`of prompts over ${formatCount(above)} tokens, for the whole request`} />
        )}
        {cost.cache_savings_usd !== null && cost.cache_savings_usd !== 0 && (
          <Fact
            name={cost.cache_savings_usd > 0 ? 'Saved by the cache' : 'Lost to the cache'}
            value={exact(Math.abs(cost.cache_savings_usd))}
          />
        )}
        {differs && <Fact name="The client reported" value={formatUsd(reported.total_usd)} />}
      </dl>
    </section>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

const counts: readonly [keyof Tokens & string, string, inner: boolean][] = [
  ['prompt', 'Prompt', false],
  ['cache_read', 'of it read from the cache', true],
  ['cache_write', 'of it written to the cache', true],
  ['completion', 'Completion', false],
  ['reasoning', 'of it reasoning', true],
  ['total', 'Total', false],
];

function TokenTable({ tokens, origins }: { tokens: Tokens; origins: Span['origins'] }) {
  return (
    <section>
      <h3 className={detail.sectionTitle}>Tokens</h3>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">Count</th>
            <th scope="col">Tokens</th>
            <th scope="col">Read from</th>
          </tr>
        </thead>
        <tbody>
          {counts
            .filter(([field, , inner]) => !inner || tokens[field] !== null)
            .map(([field, name, inner]) => (
              <tr key={field}>
                <th scope="row" className={inner ? styles.inner : undefined}>
                  {name}
                </th>
                <td>{formatCount(tokens[field] as number | null)}</td>
                <td className={styles.origin}>{origins[`tokens.${field}`] ?? ''}</td>
              </tr>
            ))}
        </tbody>
      </table>
      {(tokens.estimated || tokens.rule) && (
        <p className={styles.rule}>
          {tokens.estimated ? 'The provider sent no counts; the library estimated them. ' : ''}
          {tokens.rule && `Rule ${tokens.rule}.`}
        </p>
      )}
    </section>
  );
}
