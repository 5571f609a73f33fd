import type { PlacedMatch } from '../../api/types';
import { nearBefore } from './place';

// The words, marked, in what stands around them; `near`: with less of what stands before.
export function FoundText({ match: { before, found, after }, near = false }: { match: PlacedMatch; near?: boolean }) {
  return (
    <>
      {near ? nearBefore(before) : before}
      <mark>{found}</mark>
      {after}
    </>
  );
}
