import { type ReactNode, useId, useRef, useState } from 'react';
import { Button } from './Button';
import { Icon, type IconName } from './Icon';
import styles from './Popup.module.css';

type PopupProps = {
  label: string;
  word: string;
  icon: IconName;
  more?: number; // how many things are only in the panel
  children: (close: () => void) => ReactNode;
};

// A button with a panel below. Escape, or leaving it, closes it.
export function Popup({ label, word, icon, more = 0, children }: PopupProps) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const panel = useId();
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  return (
    <div
      role="group"
      aria-label={label}
      className={styles.popup}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !open) return;
        event.preventDefault();
        close();
      }}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setOpen(false);
      }}
    >
      <Button
        ref={button}
        tone="quiet"
        aria-expanded={open}
        aria-controls={panel}
        aria-label={more > 0 ? `${word} +${more}` : word}
        title={more > 0 ? `${label}; ${more} more have no room` : label}
        onClick={() => setOpen(!open)}
      >
        <Icon name={icon} size={14} />
        <span className={styles.word}>{word}</span>
        {more > 0 && <span className={styles.more}>+{more}</span>}
      </Button>
      {open && (
        <div id={panel} className={styles.panel} tabIndex={-1}>
          {children(close)}
        </div>
      )}
    </div>
  );
}
