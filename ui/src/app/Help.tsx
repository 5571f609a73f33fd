import { type RefObject, useState } from 'react';
import { actionOf, canChoose, chooseKey, keysFor, type ListedKeys, useKeyChoices, whyNotKey } from '../base/key_choice';
import { type KeyGroup, nameOf, setSingleKeys, useKeyGroups, useSingleKeys } from '../base/keys';
import { Button } from '../widgets/Button';
import { Card } from '../widgets/Card';
import styles from './help.module.css';

const shown: Record<string, string> = {
  ArrowDown: '↓',
  ArrowUp: '↑',
  ArrowLeft: '←',
  ArrowRight: '→',
  Escape: 'Esc',
  'mod+k': 'Ctrl/⌘ K',
};

type Listed = ListedKeys & { usual: readonly string[] };

// Groups of one title are one list.
function byTitle(groups: readonly KeyGroup[]): Map<string, Listed[]> {
  const titles = new Map<string, Listed[]>();
  for (const { title, bindings } of groups) {
    const listed = bindings.map(({ help, keys }) => ({ title, help, usual: keys, keys: keysFor(title, help, keys) }));
    titles.set(title, [...(titles.get(title) ?? []), ...listed]);
  }
  return titles;
}

export function Help({ dialog }: { dialog: RefObject<HTMLDialogElement | null> }) {
  useKeyChoices(); // they are part of the groups
  const groups = byTitle(useKeyGroups());
  const all = [...groups.values()].flat();
  const [changing, setChanging] = useState<string | null>(null);
  const [said, setSaid] = useState('');
  const leave = (what: string) => {
    setChanging(null);
    setSaid(what);
  };
  const singleKeys = useSingleKeys();
  return (
    <Card dialog={dialog} title="Keyboard shortcuts">
      <div className={styles.groups}>
        {[...groups].map(([title, bindings]) => (
          <section key={title}>
            <h3>{title}</h3>
            <dl>
              {bindings.map((listed) => (
                <Binding
                  key={listed.help}
                  listed={listed}
                  all={all}
                  changing={changing === actionOf(title, listed.help)}
                  onChange={() => {
                    setChanging(actionOf(title, listed.help));
                    setSaid('');
                  }}
                  onDone={leave}
                />
              ))}
            </dl>
          </section>
        ))}
      </div>
      <p role="status" className={styles.said}>
        {changing === null ? said : 'Press the new key, or Escape to leave it.'}
      </p>
      <footer className={styles.foot}>
        <label>
          <input type="checkbox" checked={singleKeys} onChange={(event) => setSingleKeys(event.target.checked)} />{' '}
          Shortcuts of a single letter or sign
        </label>
        <a href="/licences.md">Licences</a>
      </footer>
    </Card>
  );
}

type BindingProps = {
  listed: Listed;
  all: readonly Listed[];
  changing: boolean;
  onChange: () => void;
  onDone: (said: string) => void;
};

// A click on its keys waits for another.
function Binding({ listed: { title, help, keys, usual }, all, changing, onChange, onDone }: BindingProps) {
  const action = actionOf(title, help);
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (!changing || ['Shift', 'Control', 'Meta', 'Alt', 'Tab'].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === 'Escape') return onDone('');
    const key = nameOf(event);
    const wrong = whyNotKey(action, key, all);
    if (wrong) return onDone(`Not changed: ${wrong}.`);
    chooseKey(action, usual.includes(key) ? null : key);
    onDone(`${shown[key] ?? key} is now the key for: ${help}.`);
  };
  const marks = keysShown(keys).map((key) => <kbd key={key}>{key}</kbd>);
  return (
    <div className={styles.binding}>
      <dt>
        {canChoose(usual) ? (
          <button
            type="button"
            className={`${styles.keys} ${changing ? styles.changing : ''}`}
            aria-label={changing ? `Press a key for: ${help}` : `Change ${keysShown(keys).join(' or ')} for: ${help}`}
            title="Change this key"
            onClick={onChange}
            onKeyDown={onKeyDown}
            onBlur={() => changing && onDone('')}
          >
            {changing ? 'Press a key' : marks}
          </button>
        ) : (
          marks
        )}
      </dt>
      <dd>
        {help}
        {keys !== usual && (
          <Button
            className={styles.reset}
            aria-label={`Reset the key for: ${help}`}
            onClick={() => {
              chooseKey(action, null);
              onDone(`${keysShown(usual).join(' or ')} again for: ${help}.`);
            }}
          >
            Reset
          </Button>
        )}
      </dd>
    </div>
  );
}

function keysShown(keys: readonly string[]): string[] {
  if (keys.length > 3) return [`${keys[0]} to ${keys.at(-1)}`];
  return keys.map((key) => shown[key] ?? key);
}
