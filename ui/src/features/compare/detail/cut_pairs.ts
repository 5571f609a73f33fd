// The long texts of two spans beside each other.
import { type Cut, textBytes } from '../../../api/cut_texts';
import type { Span } from '../../../api/types';

export type CutPair = { path: string; cutA: Cut | null; cutB: Cut | null };

// Attributes say again what these are made of.
const compared = /^\/(input|output|llm|retrieval|reranker|exception|tool|embedding)\//;

export const rangesOf = ({ bytes }: Cut): number => Math.max(1, Math.ceil(bytes / textBytes));

export function cutPairs(a: Span | null, b: Span | null): CutPair[] {
  const [ofA, ofB] = [a?.cut ?? [], b?.cut ?? []];
  const paths = [...new Set([...ofA, ...ofB].map(({ path }) => path))].filter((path) => compared.test(path));
  const at = (cuts: readonly Cut[], path: string): Cut | null => cuts.find((cut) => cut.path === path) ?? null;
  return paths.map((path) => ({ path, cutA: at(ofA, path), cutB: at(ofB, path) }));
}
