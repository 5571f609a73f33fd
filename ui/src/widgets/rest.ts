// Texts of which only the beginning is here. Whoever shows the text of a span asks whether there is more of it; a page
// that loads spans with cut texts answers.
import { createContext, type ReactNode } from 'react';

export type Rest = {
  bytes: number; // of the whole
  view: () => ReactNode; // the whole, by ranges
  whole: () => Promise<string>;
};

// null: the text is whole.
export type RestOf = (text: string) => Rest | null;

export const Rests = createContext<RestOf>(() => null);
