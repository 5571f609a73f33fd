import type { ComponentProps } from 'react';
import styles from './Button.module.css';
import { Icon, type IconName } from './Icon';

// `quiet`: one of many beside each other that switch something on or open a panel.
type ButtonProps = ComponentProps<'button'> & { tone?: 'plain' | 'primary' | 'quiet' };

export function Button({ tone = 'plain', className = '', ...rest }: ButtonProps) {
  return <button type="button" className={`${styles.button} ${styles[tone]} ${className}`} {...rest} />;
}

type IconButtonProps = Omit<ComponentProps<'button'>, 'children'> & { icon: IconName; label: string };

export function IconButton({ icon, label, className = '', ...rest }: IconButtonProps) {
  return (
    <button type="button" className={`${styles.icon} ${className}`} aria-label={label} title={label} {...rest}>
      <Icon name={icon} size={14} />
    </button>
  );
}
