// The list under the field of the query: what it offers, and what keys do.
import { type KeyboardEvent, useRef, useState } from 'react';
import { utf16At } from '../../../base/utf8';
import { announce } from '../../../widgets/Announcer';
import { isHalfTyped } from './completion';
import { noteQuery, recentQueries } from './recent';
import type { Option } from './SuggestionList';
import type { Completed, Draft } from './useDraft';

type Leave = { help: () => void; leave: () => void };

export function useOptions(project: string, draft: Draft, { help, leave }: Leave) {
  const { edit, suggestions } = draft;
  const { text, caret } = edit;
  const [open, setOpen] = useState(false);
  const [chosen, setChosen] = useState(-1); // -1: the text itself
  const [typed, setTyped] = useState(false); // since the list was opened or a value taken

  const completing = useRef<Promise<Completed | null>>(null); // a suggestion was taken, and is on its way

  const options: Option[] = [
    ...(text === '' ? recentQueries(project) : []).map((value) => ({ value, hint: 'asked before', recent: true })),
    ...(suggestions?.data ?? []).map((suggestion) => ({ ...suggestion, hint: '', recent: false })),
  ];
  const isCurrent = suggestions?.for === text && suggestions.caret === caret;
  const isOpen = open && options.length > 0;

  const close = () => {
    setOpen(false);
    setChosen(-1);
    setTyped(false);
  };
  const askNow = (query: string) => {
    close();
    draft.askNow(query).then(
      (isAsked) => isAsked && noteQuery(project, query),
      () => announce('The query could not be checked: the server gave no answer'),
    );
  };
  const take = async (option: Option | undefined) => {
    if (option?.recent) return askNow(option.value);
    setChosen(-1);
    const completion = draft.complete(option?.value ?? null);
    completing.current = completion.catch(() => null);
    const isWhole = await completion.then((completed) => completed?.isWhole).catch(() => true);
    completing.current = null;
    if (isWhole) close();
    else setTyped(true);
  };
  // Else Tab leaves the field, as everywhere.
  const tabTakes = (): boolean => {
    if (chosen >= 0) return true;
    if (!typed || !suggestions) return false;
    return !isCurrent || (suggestions.wanted !== 'field' && text[caret - 1] === ':') || isHalfTyped(text, suggestions);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      setOpen(true);
      const places = options.length + 1;
      if (isOpen) setChosen(((chosen + 1 + step + places) % places) - 1);
    } else if (event.key === 'Enter') {
      if (chosen >= 0 && isOpen) take(options[chosen]);
      else if (completing.current) completing.current.then((completed) => askNow(completed?.text ?? text));
      else askNow(text);
    } else if (event.key === 'Tab' && !event.shiftKey && isOpen && tabTakes()) take(options[chosen]);
    else if (event.key === 'Escape') isOpen ? close() : leave();
    else if (event.key === '?' && text === '') help();
    else return;
    event.preventDefault();
  };

  return {
    options: isOpen ? options : [],
    chosen,
    // What a suggestion would mend is not called a mistake yet.
    mistakes: draft.mistakes.filter(
      ({ begin, end }) => !(isOpen && isCurrent && utf16At(text, begin) <= caret && caret <= utf16At(text, end)),
    ),
    show: () => setOpen(true),
    close,
    take,
    askNow,
    onKeyDown,
    onType: (next: typeof edit) => {
      setOpen(true);
      setTyped(true);
      setChosen(-1);
      draft.change(next);
    },
  };
}
