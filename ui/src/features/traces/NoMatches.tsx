import { useQueries } from '@tanstack/react-query';
import { countQuery } from '../../api/list_queries';
import { plural } from '../../base/format';
import { type Listing, oneOf } from '../../base/listing';
import { Button } from '../../widgets/Button';
import { Notice } from '../../widgets/Notice';
import { timeRangeLabel } from '../../widgets/TimeRange';
import { conditionsOf, withoutCondition } from './query/conditions';

const offersMax = 6;

type Offer = { label: string; listing: Listing };

// What would ask for more: all of the time, or one condition less.
function offersFor(listing: Listing): Offer[] {
  const { q, t } = listing;
  const conditions = conditionsOf(q) ?? [];
  const widened: Offer[] = t === 'all' ? [] : [{ label: 'Look in all time', listing: { ...listing, t: 'all' } }];
  const relaxed = conditions.map((condition, index) => ({
    label: `Without ${condition.text}`,
    listing: { ...listing, q: withoutCondition(q, index) },
  }));
  return [...widened, ...(conditions.length > 1 ? relaxed : [])].slice(0, offersMax);
}

type NoMatchesProps = { project: string; listing: Listing; onList: (listing: Listing) => void };

export function NoMatches({ project, listing, onList }: NoMatchesProps) {
  const offers = offersFor(listing);
  const counts = useQueries({ queries: offers.map((offer) => countQuery(project, offer.listing)) });
  const one = oneOf[listing.of];
  return (
    <Notice
      title={`No ${one} matches`}
      action={
        <>
          {offers.map(({ label, listing: next }, index) => {
            const count = counts[index]?.data ?? 0;
            return (
              count > 0 && (
                <Button key={label} onClick={() => onList(next)}>
                  {label}: {plural(count, one)}
                </Button>
              )
            );
          })}
          <Button onClick={() => onList({ ...listing, q: '', t: 'all' })}>Show everything</Button>
        </>
      }
    >
      {listing.q !== '' && (
        <p>
          Asked for <code>{listing.q}</code>
        </p>
      )}
      <p>
        {listing.t === 'all' ? 'In all of the time' : timeRangeLabel(listing.t)}, in project {project}. The list fills
        by itself when a {one} arrives that matches.
      </p>
    </Notice>
  );
}
