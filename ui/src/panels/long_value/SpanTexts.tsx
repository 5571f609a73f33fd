// Below it the texts of a span are shown as far as they are here, with a way to the rest.
import { lazy, type ReactNode, Suspense, useMemo } from 'react';
import { cutsOf, wholeText } from '../../api/cut_texts';
import type { Span } from '../../api/types';
import { type RestOf, Rests } from '../../widgets/rest';

const LongValue = lazy(() => import('./LongValue'));

export function SpanTexts({ span, children }: { span: Span; children: ReactNode }) {
  const restOf = useMemo((): RestOf => {
    const cuts = cutsOf(span);
    return (text) => {
      const cut = cuts?.get(text);
      if (!cut) return null;
      return {
        bytes: cut.bytes,
        view: () => (
          <Suspense fallback={null}>
            <LongValue span={span} cut={cut} />
          </Suspense>
        ),
        whole: () => wholeText(span, cut.path),
      };
    };
  }, [span]);
  return <Rests value={restOf}>{children}</Rests>;
}
