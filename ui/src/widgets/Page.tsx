import type { ReactNode } from 'react';
import styles from './Page.module.css';

type PageProps = { title: string; beside?: ReactNode; children: ReactNode };

// A page that scrolls as a whole, under its title; by keyboard too, also where nothing in it takes the focus.
export function Page({ title, beside, children }: PageProps) {
  return (
    <div className={styles.page} role="group" aria-label={title} tabIndex={0}>
      <header className={styles.head}>
        <h1 className={styles.title}>{title}</h1>
        <div className={styles.beside}>{beside}</div>
      </header>
      <div className={styles.body}>{children}</div>
    </div>
  );
}

type SectionProps = { title: string; note?: ReactNode; beside?: ReactNode; children: ReactNode };

export function Section({ title, note, beside, children }: SectionProps) {
  return (
    <section className={styles.section} aria-label={title}>
      <header className={styles.sectionHead}>
        <h2>{title}</h2>
        {note && <span className={styles.note}>{note}</span>}
        {beside && <div className={styles.beside}>{beside}</div>}
      </header>
      {children}
    </section>
  );
}

export type FigureOf = {
  label: string;
  value: ReactNode;
  note?: ReactNode;
  title?: string | undefined;
  alarming?: boolean;
};

export function Figures({ figures }: { figures: readonly FigureOf[] }) {
  return (
    <dl className={styles.figures}>
      {figures.map(({ label, value, note, title, alarming }) => (
        <div key={label} title={title}>
          <dt>{label}</dt>
          <dd className={alarming ? styles.alarming : undefined}>{value}</dd>
          {note && <dd className={styles.figureNote}>{note}</dd>}
        </div>
      ))}
    </dl>
  );
}
