import type { ComponentProps } from 'react';
import styles from './TextInput.module.css';

// One line of text, which no browser fills in or corrects: names, numbers, words to find.
export function TextInput({ className = '', ...rest }: ComponentProps<'input'>) {
  return <input autoComplete="off" spellCheck={false} {...rest} className={`${styles.input} ${className}`} />;
}
