// Documents of a retriever or a reranker as one list: where each stood before, where it stands after.
import type { RetrievedDocument, Span } from '../../../api/types';

export type RankedDocument = {
  document: RetrievedDocument;
  rank: number; // from 1; 0: the reranker left it out
  before: number | null; // its rank before the rerank, null where there was none
  scoreBefore: number | null;
};

const sameAs = (one: RetrievedDocument) => (other: RetrievedDocument) =>
  one.id !== null ? other.id === one.id : one.content !== null && other.content === one.content;

export function rankedDocuments({ retrieval, reranker }: Pick<Span, 'retrieval' | 'reranker'>): RankedDocument[] {
  if (!reranker) {
    const found = retrieval?.documents ?? [];
    return found.map((document, index) => ({ document, rank: index + 1, before: null, scoreBefore: null }));
  }
  const { input_documents: given, output_documents: kept } = reranker;
  const ranked = kept.map((document, index): RankedDocument => {
    const before = given.findIndex(sameAs(document));
    return {
      document: { ...document, content: document.content ?? given[before]?.content ?? null },
      rank: index + 1,
      before: before < 0 ? null : before + 1,
      scoreBefore: given[before]?.score ?? null,
    };
  });
  const leftOut = given.flatMap((document, index): RankedDocument[] =>
    kept.some(sameAs(document)) ? [] : [{ document, rank: 0, before: index + 1, scoreBefore: document.score }],
  );
  return [...ranked, ...leftOut];
}

// What a full bar stands for: 1 for scores that are shares, else the highest score.
export function scoreScale(documents: readonly RetrievedDocument[]): number {
  const scores = documents.flatMap(({ score }) => (score === null ? [] : [score]));
  const highest = Math.max(0, ...scores);
  return highest <= 1 && scores.every((score) => score >= -1) ? 1 : highest;
}

// Shorter ids stand in many a word.
const idCharsMin = 3;

export const citableIds = (documents: readonly RetrievedDocument[]): string[] => [
  ...new Set(documents.flatMap(({ id }) => (id !== null && id.length >= idCharsMin ? [id] : []))),
];

// Where an id of a document stands in what a model said, it was used.
export function citedIds(spans: readonly (Span | undefined)[], documents: readonly RetrievedDocument[]): Set<string> {
  const ids = citableIds(documents);
  const cited = new Set<string>();
  for (const span of ids.length > 0 ? spans : []) {
    for (const message of span?.llm?.output_messages ?? []) {
      for (const part of message.content) {
        if (part.type === 'text') for (const id of ids) if (part.text.includes(id)) cited.add(id);
      }
    }
  }
  return cited;
}
