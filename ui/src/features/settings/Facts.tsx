import styles from './settings.module.css';

type Fact = readonly [label: string, value: string, isAlarming?: boolean];

export function Facts({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl className={styles.facts}>
      {facts.map(([label, value, isAlarming]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd className={isAlarming ? styles.wrong : undefined}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
