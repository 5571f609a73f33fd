import { expect, it } from 'vitest';
import { makeSpan } from '../../../api/test_spans';
import type { RetrievedDocument } from '../../../api/types';
import { citedIds, rankedDocuments, scoreScale } from './documents';

const document = (id: string | null, score: number | null, content: string | null = null): RetrievedDocument => ({
  id,
  score,
  content,
  metadata: null,
});

it('follows documents through a rerank', () => {
  const reranker = {
    query: 'q',
    model: null,
    top_k: 2,
    input_documents: [document('a', 0.8, 'text a'), document('b', 0.7), document(null, 0.6, 'text c')],
    output_documents: [document(null, 0.9, 'text c'), document('a', 0.4)],
  };
  const ranked = rankedDocuments({ retrieval: null, reranker });
  expect(ranked.map(({ rank, before, scoreBefore }) => [rank, before, scoreBefore])).toEqual([
    [1, 3, 0.6],
    [2, 1, 0.8],
    [0, 2, 0.7],
  ]);
  expect(ranked[1]?.document.content).toBe('text a');
});

it('scales shares to one and other scores to the highest', () => {
  expect(scoreScale([document('a', 0.2), document('b', 0.1)])).toBe(1);
  expect(scoreScale([document('a', 12.5), document('b', 3)])).toBe(12.5);
  expect(scoreScale([document('a', null)])).toBe(1);
});

it('finds the ids that an answer names', () => {
  const answer = makeSpan({ id: 'x', start: 0, duration: 1 });
  answer.llm = { output_messages: [{ role: 'assistant', content: [{ type: 'text', text: 'See [kb-7].' }] }] } as never;
  expect([...citedIds([answer], [document('kb-7', 1), document('kb-8', 1)])]).toEqual(['kb-7']);
});
