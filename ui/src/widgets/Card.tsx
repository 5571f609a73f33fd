import { type ReactNode, type RefObject, useId } from 'react';
import { IconButton } from './Button';
import styles from './Card.module.css';

type CardProps = {
  dialog: RefObject<HTMLDialogElement | null>;
  title: string;
  className?: string | undefined;
  children: ReactNode;
};

// Something to look up above the page, closed by Escape, a click beside it or its button.
export function Card({ dialog, title, className = '', children }: CardProps) {
  const heading = useId();
  return (
    <dialog ref={dialog} className={`${styles.card} ${className}`} aria-labelledby={heading} closedby="any">
      <header className={styles.head}>
        <h2 id={heading}>{title}</h2>
        <IconButton icon="cross" label="Close" onClick={() => dialog.current?.close()} />
      </header>
      {children}
    </dialog>
  );
}
