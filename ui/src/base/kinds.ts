// The span kinds: one letter and one hue each. Colours are the custom properties --kind-NAME and --kind-NAME-ink.
export const kinds = [
  ['AGENT', 'A'],
  ['LLM', 'L'],
  ['TOOL', 'T'],
  ['RETRIEVER', 'R'],
  ['EMBEDDING', 'E'],
  ['CHAIN', 'C'],
  ['PROMPT', 'P'],
  ['GUARDRAIL', 'G'],
  ['EVALUATOR', 'V'],
  ['RERANKER', 'K'],
  ['UNKNOWN', '·'],
] as const;

export type SpanKind = (typeof kinds)[number][0];

const unknownKind = kinds.length - 1;

const indexByName = new Map<string, number>(kinds.map(([name], index) => [name, index]));

export const kindIndex = (kind: string): number => indexByName.get(kind) ?? unknownKind;
export const kindLetter = (kind: string): string => kinds[kindIndex(kind)]?.[1] ?? '·';
export const kindSlug = (kind: string): string => (kinds[kindIndex(kind)]?.[0] ?? 'UNKNOWN').toLowerCase();
