import { useMutation, useQueryClient } from '@tanstack/react-query';
import { rateSpan, ratingName } from '../../../api/annotations';
import type { Span } from '../../../api/types';
import { useKeys } from '../../../base/keys';
import { announce } from '../../../widgets/Announcer';
import styles from './rating.module.css';

const scores = [1, 2, 3, 4, 5] as const;

// What a reader thinks of the span, as an annotation like any other: lists can ask for score.rating<3.
export function Rating({ span }: { span: Span }) {
  const client = useQueryClient();
  const rate = useMutation({
    mutationFn: (score: number) => rateSpan(span.span_id, score),
    onSuccess: async (_, score) => {
      announce(`Rated ${score} of 5`);
      await client.invalidateQueries({ queryKey: ['open-trace', span.project, span.trace_id] });
      await client.invalidateQueries({ queryKey: ['span', span.project, span.trace_id, span.span_id] });
    },
  });
  const given = span.annotations.find(({ name, target }) => name === ratingName && target === 'span')?.score;
  const shown = rate.isPending ? rate.variables : given;
  useKeys('Trace', [
    {
      keys: scores.map((score) => `r ${score}`),
      help: 'rate the span, 1 to 5',
      run: (event) => rate.mutate(Number(event.key)),
    },
  ]);
  return (
    <>
      <div role="group" aria-label="Rate this span" className={styles.rating} title="Rate this span (r 1 to r 5)">
        <span aria-hidden="true" className={styles.label}>
          Rate
        </span>
        {scores.map((score) => (
          <button
            key={score}
            type="button"
            className={styles.score}
            aria-pressed={score === shown}
            onClick={() => rate.mutate(score)}
          >
            {score}
          </button>
        ))}
      </div>
      {rate.error && (
        <p role="alert" className={styles.failure}>
          Not rated: {rate.error.message}
        </p>
      )}
    </>
  );
}
