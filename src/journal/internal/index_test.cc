#include "journal/internal/index.h"

#include <gtest/gtest.h>

namespace nightjar::journal::internal {
namespace {

// The writer thread begins segments before it tells of the entries in the one before, which another thread must not
// take meanwhile.
TEST(Index, SegmentIsFinishedWhenTheNextOneBeginsWithWhatIsPending) {
  Index index;
  Segment* first = index.AddSegment({.number = 1, .first = 1, .bytes = 100});
  index.AddEntry({.sequence = 1, .segment = first});
  index.AddSegment({.number = 2, .first = 3, .bytes = 10});  // entry 2 is being written to the first
  index.AdvanceTo(2);
  EXPECT_TRUE(index.TakeFinished().empty());
  index.AddEntry({.sequence = 2, .segment = first});
  index.AdvanceTo(3);
  const auto finished = index.TakeFinished();
  ASSERT_EQ(finished.size(), 1);
  EXPECT_EQ(finished[0].number, 1);
  EXPECT_EQ(index.disk_bytes(), 10);
  EXPECT_TRUE(index.TakeFinished().empty());
}

}  // namespace
}  // namespace nightjar::journal::internal
