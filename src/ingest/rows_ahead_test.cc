#include "ingest/rows_ahead.h"

#include <gtest/gtest.h>

#include <atomic>
#include <map>

namespace nightjar::ingest {
namespace {

// Rows that say which entry they are of.
store::RowBatch RowsOf(std::uint64_t sequence, std::size_t bytes = 1) {
  store::RowBatch rows;
  rows.spans.emplace_back().span.start_unix_ns = sequence;
  rows.bytes = bytes;
  return rows;
}

std::uint64_t SequenceOf(const Result<store::RowBatch>& rows) { return rows->spans.at(0).span.start_unix_ns; }

TEST(RowsAhead, GivesTheEntriesInTheirOrder) {
  RowsAhead ahead([](std::uint64_t sequence) { return RowsOf(sequence); });
  ahead.StartAt(7);
  for (std::uint64_t end = 8; end <= 1000; end += 31) ahead.Extend(end);
  ahead.Extend(1000);
  for (std::uint64_t sequence = 7; sequence < 1000; ++sequence) EXPECT_EQ(SequenceOf(ahead.Take()), sequence);
}

TEST(RowsAhead, AnEntryThatFailedIsReadAgain) {
  std::map<std::uint64_t, int> reads;
  RowsAhead ahead([&](std::uint64_t sequence) -> Result<store::RowBatch> {
    if (++reads[sequence] == 1 && sequence == 3) return Fail(ErrorCode::kUnavailable, "no file descriptor is free");
    return RowsOf(sequence);
  });
  ahead.StartAt(1);
  ahead.Extend(6);
  EXPECT_EQ(SequenceOf(ahead.Take()), 1u);
  EXPECT_EQ(SequenceOf(ahead.Take()), 2u);
  EXPECT_EQ(ahead.Take().error().message, "no file descriptor is free");
  ahead.StartAt(3);
  for (std::uint64_t sequence = 3; sequence < 6; ++sequence) EXPECT_EQ(SequenceOf(ahead.Take()), sequence);
}

TEST(RowsAhead, LackOfMemoryIsAnError) {
  RowsAhead ahead([](std::uint64_t) -> Result<store::RowBatch> { throw std::bad_alloc(); });
  ahead.StartAt(1);
  ahead.Extend(2);
  EXPECT_EQ(ahead.Take().error().code, ErrorCode::kUnavailable);
}

TEST(RowsAhead, GoesBackToEntriesThatWereTaken) {
  RowsAhead ahead([](std::uint64_t sequence) { return RowsOf(sequence); });
  ahead.StartAt(1);
  ahead.Extend(100);
  for (int i = 0; i < 50; ++i) (void)ahead.Take();
  ahead.StartAt(20);
  for (std::uint64_t sequence = 20; sequence < 100; ++sequence) EXPECT_EQ(SequenceOf(ahead.Take()), sequence);
}

TEST(RowsAhead, HoldsNoMoreThanItMay) {
  constexpr std::size_t kEntryBytes = RowsAhead::kBytesMax / 4;
  std::atomic<std::uint64_t> reads = 0;
  RowsAhead ahead([&](std::uint64_t sequence) {
    ++reads;
    return RowsOf(sequence, kEntryBytes);
  });
  ahead.StartAt(0);
  ahead.Extend(200);
  for (std::uint64_t taken = 0; taken < 200; ++taken) {
    EXPECT_LE(reads, taken + 4);
    EXPECT_EQ(SequenceOf(ahead.Take()), taken);
  }
}

TEST(RowsAhead, AnEntryLargerThanTheBudgetIsReadAlone) {
  RowsAhead ahead([](std::uint64_t sequence) { return RowsOf(sequence, 2 * RowsAhead::kBytesMax); });
  ahead.StartAt(0);
  ahead.Extend(5);
  for (std::uint64_t sequence = 0; sequence < 5; ++sequence) EXPECT_EQ(SequenceOf(ahead.Take()), sequence);
}

}  // namespace
}  // namespace nightjar::ingest
