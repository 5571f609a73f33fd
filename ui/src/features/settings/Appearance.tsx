import { useId, useState } from 'react';
import { type Density, density, setDensity } from '../../base/density';
import { chooseKey, forgetKeyChoices, keyText, useKeyChoices, useKeyOf } from '../../base/key_choice';
import { setSingleKeys, useSingleKeys } from '../../base/keys';
import { setTheme, type Theme, useTheme } from '../../base/theme';
import { formatInstant } from '../../base/time';
import { browserZone, chooseZone, chosenZone, isZone } from '../../base/zone';
import { Button } from '../../widgets/Button';
import { Choice } from '../../widgets/Choice';
import { Section } from '../../widgets/Page';
import { TextInput } from '../../widgets/TextInput';
import styles from './settings.module.css';

const themeOptions: readonly [Theme, string][] = [
  ['system', 'As the system'],
  ['light', 'Light'],
  ['dark', 'Dark'],
];

const densityOptions: readonly [Density, string][] = [
  ['roomy', 'Roomy'],
  ['compact', 'Compact'],
];

// Kept in this browser; nobody else sees a change.
export function Appearance() {
  const theme = useTheme();
  const singleKeys = useSingleKeys();
  const [rows, setRows] = useState(density);
  const chooseRows = (next: Density) => {
    setDensity(next);
    setRows(next);
  };
  return (
    <Section title="In this browser" note="These settings are yours alone, and kept here">
      <dl className={styles.settings}>
        <div>
          <dt>Theme</dt>
          <dd>
            <Choice label="Theme" options={themeOptions} current={theme} onChoose={setTheme} />
          </dd>
        </div>
        <div>
          <dt>Rows of lists</dt>
          <dd>
            <Choice label="Rows of lists" options={densityOptions} current={rows} onChoose={chooseRows} />
          </dd>
        </div>
        <div>
          <dt>Time zone</dt>
          <dd>
            <TimeZone />
          </dd>
        </div>
        <div>
          <dt>Keyboard</dt>
          <dd>
            <label>
              <input type="checkbox" checked={singleKeys} onChange={(event) => setSingleKeys(event.target.checked)} />{' '}
              Shortcuts of a single letter or sign
            </label>
          </dd>
        </div>
        <div>
          <dt>Changed keys</dt>
          <dd>
            <ChangedKeys />
          </dd>
        </div>
      </dl>
    </Section>
  );
}

// They are changed in the card that lists them.
function ChangedKeys() {
  const choices = Object.entries(useKeyChoices());
  const cardKey = useKeyOf('Everywhere', 'this card', '?');
  if (choices.length === 0)
    return <p className={styles.hint}>None. A click on a key in the card behind {keyText(cardKey)} changes it.</p>;
  return (
    <div className={styles.zone}>
      <ul aria-label="Changed keys">
        {choices.map(([action, key]) => (
          <li key={action} className={styles.changedKey}>
            <kbd>{keyText(key)}</kbd>
            <span>{action.replace('/', ': ')}</span>
            <Button aria-label={`Reset ${action.replace('/', ': ')}`} onClick={() => chooseKey(action, null)}>
              Reset
            </Button>
          </li>
        ))}
      </ul>
      <Button onClick={forgetKeyChoices}>All keys as usual</Button>
    </div>
  );
}

const zones = (): string[] => ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')];

function TimeZone() {
  const hint = useId();
  const [text, setText] = useState(() => chosenZone() ?? '');
  const [now] = useState(() => `${Date.now()}000000`);
  const wrong = text !== '' && !isZone(text);
  const choose = (next: string) => {
    setText(next);
    if (next === '' || isZone(next)) chooseZone(next === '' ? null : next);
  };
  return (
    <div className={styles.zone}>
      <TextInput
        list={`${hint}-zones`}
        aria-label="Time zone"
        aria-describedby={hint}
        aria-invalid={wrong}
        placeholder={`${browserZone()}, the browser's`}
        value={text}
        onChange={(event) => choose(event.target.value.trim())}
      />
      <datalist id={`${hint}-zones`}>
        {zones().map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
      <p id={hint} role="status" className={wrong ? styles.wrong : styles.hint}>
        {wrong
          ? `No time zone is called ${text}; times stay as they were.`
          : `Now is ${formatInstant(now).replace(/\.\d+/, '')}. ${text === '' ? "Empty: the browser's zone." : ''}`}
      </p>
    </div>
  );
}
