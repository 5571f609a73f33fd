import type { RefObject } from 'react';
import { type KeyGroup, setSingleKeys, useKeyGroups, useSingleKeys } from '../base/keys';
import { IconButton } from '../widgets/Button';
import styles from './help.module.css';

const shown: Record<string, string> = {
  ArrowDown: '↓',
  ArrowUp: '↑',
  ArrowLeft: '←',
  ArrowRight: '→',
  Escape: 'Esc',
  'mod+k': 'Ctrl/⌘ K',
};

// Groups of one title are one list.
function byTitle(groups: readonly KeyGroup[]): Map<string, KeyGroup['bindings'][number][]> {
  const titles = new Map<string, KeyGroup['bindings'][number][]>();
  for (const group of groups) titles.set(group.title, [...(titles.get(group.title) ?? []), ...group.bindings]);
  return titles;
}

export function Help({ dialog }: { dialog: RefObject<HTMLDialogElement | null> }) {
  const groups = byTitle(useKeyGroups());
  const singleKeys = useSingleKeys();
  return (
    <dialog ref={dialog} className={styles.card} aria-labelledby="help-title" closedby="any">
      <header className={styles.head}>
        <h2 id="help-title">Keyboard shortcuts</h2>
        <IconButton icon="cross" label="Close" onClick={() => dialog.current?.close()} />
      </header>
      <div className={styles.groups}>
        {[...groups].map(([title, bindings]) => (
          <section key={title}>
            <h3>{title}</h3>
            <dl>
              {bindings.map((binding) => (
                <div key={binding.help} className={styles.binding}>
                  <dt>
                    {keysShown(binding.keys).map((key) => (
                      <kbd key={key}>{key}</kbd>
                    ))}
                  </dt>
                  <dd>{binding.help}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <footer className={styles.foot}>
        <label>
          <input type="checkbox" checked={singleKeys} onChange={(event) => setSingleKeys(event.target.checked)} />{' '}
          Shortcuts of a single letter or sign
        </label>
        <a href="/licences.md">Licences</a>
      </footer>
    </dialog>
  );
}

function keysShown(keys: readonly string[]): string[] {
  if (keys.length > 3) return [`${keys[0]} to ${keys.at(-1)}`];
  return keys.map((key) => shown[key] ?? key);
}
