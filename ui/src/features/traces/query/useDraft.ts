// The text that is being typed. When typing rests, it is checked and completed; and once it is whole and has no mistake,
// it is asked. What is asked from elsewhere (a facet, the browser's way back) takes its place.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { mistakesQuery, suggestQuery } from '../../../api/list_queries';
import type { Listing } from '../../../base/listing';
import { type Edit, isHalfTyped, takeSuggestion } from './completion';

const restMs = 250;

// `step`: a new entry of the browser's history.
export type Ask = (query: string, step: boolean) => void;

export type Completed = { text: string; isWhole: boolean };

const atEnd = (text: string): Edit => ({ text, caret: text.length });

export function useDraft(project: string, listing: Listing, onAsk: Ask) {
  const client = useQueryClient();
  const [edit, setEdit] = useState(() => atEnd(listing.q));
  const [settled, setSettled] = useState(edit);
  const [asked, setAsked] = useState(listing.q); // as the address had it last
  const [sent, setSent] = useState(listing.q); // by us
  const latest = useRef(edit);
  const timer = useRef(0);
  const isStep = useRef(true);
  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(() => {
    latest.current = edit;
  });

  if (listing.q !== asked) {
    setAsked(listing.q);
    setSent(listing.q);
    if (listing.q !== sent) {
      setEdit(atEnd(listing.q));
      setSettled(atEnd(listing.q));
    }
  }

  const suggestionsOf = ({ text, caret }: Edit) => suggestQuery(project, { ...listing, q: text }, caret);
  const mistakes = useQuery(mistakesQuery(project, listing.of, settled.text));
  const suggestions = useQuery({ ...suggestionsOf(settled), placeholderData: (before) => before });

  const ask = (text: string, step: boolean) => {
    clearTimeout(timer.current);
    const query = text.trim();
    if (query === listing.q) return;
    setSent(query);
    onAsk(query, step);
  };
  const settle = async (rested: Edit) => {
    if (latest.current !== rested) return;
    setSettled(rested);
    const [wrong, offered] = await Promise.all([
      client.fetchQuery(mistakesQuery(project, listing.of, rested.text)),
      client.fetchQuery(suggestionsOf(rested)),
    ]);
    if (latest.current !== rested || wrong.length > 0 || isHalfTyped(rested.text, offered)) return;
    ask(rested.text, isStep.current);
    isStep.current = false;
  };
  const change = (next: Edit) => {
    setEdit(next);
    clearTimeout(timer.current);
    // A check that fails says nothing about the text: the list asks the same server and shows why.
    timer.current = window.setTimeout(() => settle(next).catch(() => undefined), restMs);
  };

  return {
    edit,
    change,
    mistakes: settled.text === edit.text && settled.text.trim() !== '' ? (mistakes.data ?? []) : [],
    suggestions: suggestions.data,
    // Unless it has a mistake; typing from here on goes back to here in one step. Whether it is asked.
    askNow: async (text: string): Promise<boolean> => {
      isStep.current = true;
      clearTimeout(timer.current);
      setEdit(atEnd(text));
      setSettled(atEnd(text));
      const wrong = text.trim() ? await client.fetchQuery(mistakesQuery(project, listing.of, text)) : [];
      if (wrong.length === 0) ask(text, true);
      return wrong.length === 0;
    },
    // Takes the suggestion of that value, or the first; null when there is none, or the text is another one meanwhile.
    complete: async (value: string | null): Promise<Completed | null> => {
      const offered = await client.fetchQuery(suggestionsOf(edit));
      const index = value === null ? 0 : offered.data.findIndex((suggestion) => suggestion.value === value);
      if (latest.current !== edit || !offered.data[index]) return null;
      const next = takeSuggestion(edit.text, offered, index);
      change(next);
      return { text: next.text, isWhole: offered.wanted === 'value' };
    },
  };
}

export type Draft = ReturnType<typeof useDraft>;
