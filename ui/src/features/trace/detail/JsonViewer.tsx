import { useState } from 'react';
import { CopyButton } from '../../../widgets/CopyButton';
import { printPointer } from '../../../widgets/json_place';
import TextViewer, { type Place } from '../../../widgets/TextViewer';
import styles from './json_viewer.module.css';

// JSON, and below it where in it the caret stands.
export default function JsonViewer({ text }: { text: string }) {
  const [place, setPlace] = useState<Place | null>(null);
  return (
    <div className={styles.viewer}>
      <TextViewer text={text} language="json" onPlace={setPlace} />
      <nav className={styles.place} aria-label="JSON pointer">
        {place?.steps ? <Steps steps={place.steps} show={place.show} /> : <Hint place={place} />}
      </nav>
    </div>
  );
}

const Hint = ({ place }: { place: Place | null }) => (
  <span className={styles.hint}>
    {place ? 'The text is not read as far as this yet' : 'A click on a value, or an arrow key, tells its JSON pointer'}
  </span>
);

function Steps({ steps, show }: { steps: NonNullable<Place['steps']>; show: Place['show'] }) {
  if (steps.length === 0) return <span className={styles.hint}>The whole value</span>;
  return (
    <>
      <ol className={styles.steps}>
        {steps.map((step, index) => (
          <li key={index}>
            <button
              type="button"
              className={styles.step}
              aria-current={index === steps.length - 1 ? 'location' : undefined}
              onClick={() => show(step)}
            >
              /{step.key}
            </button>
          </li>
        ))}
      </ol>
      <CopyButton text={printPointer(steps)} label="Copy the JSON pointer" />
    </>
  );
}
