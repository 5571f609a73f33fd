import styles from './Choice.module.css';

type ChoiceProps<Id extends string> = {
  label: string;
  options: readonly (readonly [id: Id, label: string, title?: string])[];
  current: Id;
  onChoose: (id: Id) => void;
};

// A few ways to show the same, side by side.
export function Choice<Id extends string>({ label, options, current, onChoose }: ChoiceProps<Id>) {
  return (
    <div role="group" aria-label={label} className={styles.choice}>
      {options.map(([id, text, title]) => (
        <button
          key={id}
          type="button"
          title={title}
          aria-pressed={id === current}
          className={styles.option}
          onClick={() => onChoose(id)}
        >
          {text}
        </button>
      ))}
    </div>
  );
}
