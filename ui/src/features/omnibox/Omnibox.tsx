import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type ClipboardEvent, type KeyboardEvent, useRef, useState } from 'react';
import { projectsQuery } from '../../api/queries';
import { parsePastedTrace } from '../../base/ids';
import { keyText, useKeyOf } from '../../base/key_choice';
import { useKeys } from '../../base/keys';
import { useSavedViews } from '../../base/saved_views';
import { Icon } from '../../widgets/Icon';
import styles from './omnibox.module.css';
import { type Suggestion, suggestionsFor } from './suggestions';

const openHelp = 'open a trace by id, link or traceparent; go to a page or view';

// The box at the top: paste anything that holds a trace id, or type where to go.
export function Omnibox({ project }: { project: string }) {
  const navigate = useNavigate();
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const [open, setOpen] = useState(false);
  const [chosen, setChosen] = useState(0);
  const { data: projects = [] } = useQuery({ ...projectsQuery, enabled: open });
  const views = useSavedViews(project);
  const places = { project, projects: projects.map(({ name }) => name), views };
  const suggestions = suggestionsFor(text, places);

  const focus = () => input.current?.select();
  const openKey = useKeyOf('Everywhere', openHelp, 'mod+k');
  useKeys('Everywhere', [{ keys: ['mod+k'], help: openHelp, run: focus }]);

  const edit = (next: string) => {
    setText(next);
    setChosen(0);
  };
  const go = (suggestion: Suggestion) => {
    edit('');
    input.current?.blur();
    navigate(suggestion.target);
  };
  const onPaste = (event: ClipboardEvent) => {
    const pasted = event.clipboardData.getData('text');
    const found = parsePastedTrace(pasted) && suggestionsFor(pasted, places)[0];
    if (!found) return;
    event.preventDefault();
    go(found);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && suggestions.length > 0) {
      event.preventDefault();
      setChosen((chosen + step + suggestions.length) % suggestions.length);
    } else if (event.key === 'Enter') {
      const suggestion = suggestions[chosen];
      if (suggestion) go(suggestion);
    } else if (event.key === 'Escape') {
      edit('');
      input.current?.blur();
    }
  };

  return (
    <search className={styles.box}>
      <Icon name="search" size={14} />
      <input
        ref={input}
        className={styles.input}
        role="combobox"
        aria-expanded={open && suggestions.length > 0}
        aria-controls="omnibox-list"
        aria-activedescendant={open && suggestions.length > 0 ? `omnibox-${chosen}` : undefined}
        aria-label="Paste a trace id, or go to a page"
        placeholder="Go to a page, or paste an id or link"
        autoComplete="off"
        spellCheck={false}
        value={text}
        onChange={(event) => edit(event.target.value)}
        onPaste={onPaste}
        onKeyDown={onKeyDown}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
      />
      <kbd className={styles.key}>{keyText(openKey)}</kbd>
      <SuggestionList suggestions={open ? suggestions : []} chosen={chosen} onChoose={go} />
    </search>
  );
}

// Hidden without suggestions.
function SuggestionList({
  suggestions,
  chosen,
  onChoose,
}: {
  suggestions: Suggestion[];
  chosen: number;
  onChoose: (suggestion: Suggestion) => void;
}) {
  return (
    <div
      id="omnibox-list"
      role="listbox"
      aria-label="Suggestions"
      className={styles.popup}
      hidden={suggestions.length === 0}
    >
      {suggestions.map((suggestion, index) => (
        <div
          key={suggestion.label}
          id={`omnibox-${index}`}
          role="option"
          aria-selected={index === chosen}
          className={styles.option}
          onPointerDown={(event) => {
            event.preventDefault();
            onChoose(suggestion);
          }}
        >
          {suggestion.label}
          <span className={styles.hint}>{suggestion.hint}</span>
        </div>
      ))}
    </div>
  );
}
