import { useContext, useRef, useState } from 'react';
import { copyText } from '../base/clipboard';
import { IconButton } from './Button';
import styles from './CopyButton.module.css';
import { Rests } from './rest';

const shownForMs = 1500;

type CopyButtonProps = { text: string | (() => string | Promise<string>); label: string; icon?: 'copy' | 'link' };

// Ticks only when the text is on the clipboard.
export function CopyButton({ text, label, icon = 'copy' }: CopyButtonProps) {
  const [outcome, setOutcome] = useState<'idle' | 'copied' | 'failed'>('idle');
  const timer = useRef(0);
  const restOf = useContext(Rests);
  const copy = async () => {
    const wanted = typeof text === 'string' ? text : text();
    const rest = typeof wanted === 'string' ? restOf(wanted) : null;
    const whole = await Promise.resolve(rest?.whole() ?? wanted).catch(() => null);
    const copied = whole !== null && (await copyText(whole));
    setOutcome(copied ? 'copied' : 'failed');
    clearTimeout(timer.current);
    timer.current = window.setTimeout(() => setOutcome('idle'), shownForMs);
  };
  return (
    <>
      <IconButton
        icon={outcome === 'copied' ? 'check' : outcome === 'failed' ? 'cross' : icon}
        label={outcome === 'failed' ? 'The browser refused to copy' : label}
        className={styles[outcome]}
        onClick={copy}
      />
      <span role="status" className={styles.spoken}>
        {outcome === 'copied' ? 'copied' : outcome === 'failed' ? 'the browser refused to copy' : ''}
      </span>
    </>
  );
}
