import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import { savePrice } from '../../api/settings_queries';
import type { ModelUsage, RateName } from '../../api/settings_types';
import { formatCount, plural } from '../../base/format';
import { Button } from '../../widgets/Button';
import { TextInput } from '../../widgets/TextInput';
import { type Editing, type PriceDraft, priceOf, rateNames, usualRates, wrongRates } from './price_draft';
import { modelsMeant } from './price_match';
import styles from './settings.module.css';

type PriceFormProps = {
  editing: Editing;
  usage: readonly ModelUsage[];
  project: string;
  onSaved: () => void;
  onLeave: () => void;
};

export function PriceForm({ editing, usage, project, onSaved, onLeave }: PriceFormProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [draft, setDraft] = useState(editing.draft);
  const save = useMutation({
    mutationFn: () => savePrice(editing.id, priceOf(draft)),
    onSuccess: onSaved,
    networkMode: 'always',
  });
  useEffect(() => dialog.current?.showModal(), []);
  const wrong = wrongRates(draft);
  const change = (part: Partial<PriceDraft>) => {
    save.reset();
    setDraft({ ...draft, ...part });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (wrong.length === 0) save.mutate();
  };
  return (
    <dialog ref={dialog} className={styles.dialog} aria-labelledby="price-title" onClose={onLeave}>
      <form className={styles.form} onSubmit={submit}>
        <h2 id="price-title">{editing.id === null ? 'Add a price' : 'Edit a price'}</h2>
        <div className={styles.pairs}>
          <TextField
            label="Model"
            hint="regular expression"
            required
            value={draft.model}
            onText={(model) => change({ model })}
          />
          <TextField
            label="Provider"
            hint="any if empty"
            value={draft.provider}
            onText={(provider) => change({ provider })}
          />
        </div>
        <Preview draft={draft} usage={usage} project={project} />
        <RateFields draft={draft} onRates={(rates) => change({ rates })} />
        <div className={styles.pairs}>
          <TextField
            label="From"
            hint="UTC, ever if empty"
            type="date"
            value={draft.valid_from}
            onText={(valid_from) => change({ valid_from })}
          />
          <TextField
            label="Service tier"
            hint="standard if empty"
            value={draft.service_tier}
            onText={(service_tier) => change({ service_tier })}
          />
        </div>
        <TextField label="Note" value={draft.note} onText={(note) => change({ note })} />
        {save.error && (
          <p role="alert" className={styles.wrong}>
            Not saved: {save.error.message}
          </p>
        )}
        <div className={styles.buttons}>
          <Button onClick={() => dialog.current?.close()}>Cancel</Button>
          <Button type="submit" tone="primary" disabled={wrong.length > 0 || save.isPending}>
            Save
          </Button>
        </div>
      </form>
    </dialog>
  );
}

type TextFieldProps = {
  label: string;
  value: string;
  onText: (text: string) => void;
  hint?: string;
  type?: 'text' | 'date';
  required?: boolean;
  wrong?: boolean;
};

function TextField({ label, value, onText, hint, type = 'text', required = false, wrong = false }: TextFieldProps) {
  const id = useId();
  return (
    <div className={styles.field}>
      <span>
        <label htmlFor={id}>{label}</label> {hint && <span className={wrong ? styles.wrong : styles.hint}>{hint}</span>}
      </span>
      <TextInput
        id={id}
        type={type}
        value={value}
        required={required}
        aria-invalid={wrong}
        onChange={(event) => onText(event.target.value)}
      />
    </div>
  );
}

type RateFieldsProps = { draft: PriceDraft; onRates: (rates: PriceDraft['rates']) => void };

function RateFields({ draft, onRates }: RateFieldsProps) {
  const wrong = wrongRates(draft);
  const field = ([name, label]: readonly [RateName, string]) => (
    <TextField
      key={name}
      label={label}
      value={draft.rates[name] ?? ''}
      onText={(text) => onRates({ ...draft.rates, [name]: text })}
      wrong={wrong.includes(name)}
      {...(wrong.includes(name) ? { hint: 'a number, or "8; 12 above 200000"' } : {})}
    />
  );
  const others = rateNames.slice(usualRates);
  return (
    <fieldset className={styles.rates}>
      <legend>US dollars per million tokens</legend>
      <div className={styles.triple}>{rateNames.slice(0, usualRates).map(field)}</div>
      <details open={others.some(([name]) => draft.rates[name])}>
        <summary>Other rates</summary>
        <div className={styles.triple}>{others.map(field)}</div>
      </details>
    </fieldset>
  );
}

const namesShown = 5;

// What the names mean among the calls that there were.
function Preview({ draft, usage, project }: { draft: PriceDraft; usage: readonly ModelUsage[]; project: string }) {
  const meant = modelsMeant(draft, usage);
  const calls = (meant ?? []).reduce((sum, row) => sum + row.calls, 0);
  const unpriced = (meant ?? []).reduce((sum, row) => sum + row.cost.unpriced_calls, 0);
  const more = (meant?.length ?? 0) - namesShown;
  return (
    <div role="status" className={styles.preview}>
      {meant === null ? (
        <p className={styles.wrong}>That is no regular expression.</p>
      ) : draft.model === '' ? (
        <p>A dated model is meant by “our-gpt-.*”, and no other one by its whole name.</p>
      ) : meant.length === 0 ? (
        <p>No call of project {project} is meant.</p>
      ) : (
        <>
          <p>
            Means {plural(calls, 'call')} of project {project}, {formatCount(unpriced)} of them without a cost:
          </p>
          <ul>
            {meant.slice(0, namesShown).map(({ group }) => (
              <li key={JSON.stringify([group.model, group.provider])}>
                <code>{[group.provider, group.model].filter(Boolean).join('/')}</code>
              </li>
            ))}
            {more > 0 && <li>and {formatCount(more)} more</li>}
          </ul>
        </>
      )}
    </div>
  );
}
