import { createContext, lazy, Suspense, useContext, useSyncExternalStore } from 'react';
import { layOutJsonText } from '../../api/json';
import { LongText } from '../../widgets/LongText';
import { Rests } from '../../widgets/rest';

const Markdown = lazy(() => import('../../widgets/Markdown'));

// How the text of messages is shown, everywhere; kept in the browser.
export const textForms = [
  ['markdown', 'Markdown'],
  ['plain', 'Plain'],
] as const;
export type TextForm = (typeof textForms)[number][0];

const setting = 'nightjar.text';
const listeners = new Set<() => void>();

const chosenForm = (): TextForm => (localStorage.getItem(setting) === 'plain' ? 'plain' : 'markdown');

export function chooseTextForm(form: TextForm): void {
  localStorage.setItem(setting, form);
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

// What one message is shown as instead; null: as all are.
export const OwnForm = createContext<TextForm | null>(null);

export function useTextForm(): TextForm {
  const ofAll = useSyncExternalStore(subscribe, chosenForm);
  return useContext(OwnForm) ?? ofAll;
}

// Signs that a text is Markdown at all; other texts keep their line breaks.
const markdownSigns = /(^|\n)(#{1,6} |[-*+] |\d+[.)] |> |```|\|.*\|)|\*\*\S|`[^`\n]+`|\[[^\]\n]+\]\(/;
const markdownCharsMax = 50_000;

export const readsAsMarkdown = (text: string): boolean => text.length <= markdownCharsMax && markdownSigns.test(text);

// What a message says: JSON laid out, Markdown if the reader wants it, else as it came.
export function ContentText({ text }: { text: string }) {
  const form = useTextForm();
  const restOf = useContext(Rests);
  if (restOf(text)) return <LongText text={text} />;
  const json = layOutJsonText(text);
  if (json !== null) return <LongText text={json} mono language="json" />;
  if (form === 'plain' || !readsAsMarkdown(text)) return <LongText text={text} />;
  return (
    <Suspense fallback={<LongText text={text} />}>
      <Markdown text={text} />
    </Suspense>
  );
}
