// What people say of spans. The requests are those of docs/guide/annotations.md.
import { send } from './client';

export const ratingName = 'rating';

export const rateSpan = (spanId: string, score: number): Promise<void> =>
  send('POST', '/v1/span_annotations?sync=true', {
    data: [{ span_id: spanId, name: ratingName, annotator_kind: 'HUMAN', result: { score } }],
  });
