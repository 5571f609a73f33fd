#include "selfcheck/seeded_traces.h"

#include <gtest/gtest.h>

#include <set>

#include "client/otlp_writer.h"
#include "otlp/decode_traces.h"

namespace nightjar::selfcheck {
namespace {

constexpr UnixNanos kEnd = 1'767'225'600'000'000'000;

TEST(SeededTraces, OneSeedMakesTheSameTraces) {
  const SeededTraces once = MakeTraces(7, 20, kEnd), again = MakeTraces(7, 20, kEnd);
  for (std::size_t i = 0; i < 20; ++i) EXPECT_EQ(once.traces[i].spans, again.traces[i].spans);
}

TEST(SeededTraces, SeedsThatFollowEachOtherShareNoIds) {
  std::set<std::array<std::uint8_t, 8>> ids;
  std::size_t spans = 0;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    for (const model::SpanBatch& trace : MakeTraces(seed, 10, kEnd).traces) {
      spans += trace.spans.size();
      for (const model::Span& span : trace.spans) ids.insert(span.span_id.bytes);
    }
  }
  EXPECT_EQ(ids.size(), spans);
}

TEST(SeededTraces, RequestsHoldEverySpanOnceAndDecodeToWhatWasMeant) {
  const SeededTraces made = MakeTraces(3, 10, kEnd);
  std::multiset<std::array<std::uint8_t, 8>> sent;
  for (const model::SpanBatch& request : made.requests) {
    const auto decoded = otlp::DecodeTraces(client::WriteOtlp(request));
    ASSERT_TRUE(decoded.has_value());
    EXPECT_EQ(decoded->rejected_spans, 0u);
    EXPECT_EQ(decoded->batch.spans, request.spans);
    EXPECT_EQ(decoded->batch.resources, request.resources);
    for (const model::Span& span : request.spans) sent.insert(span.span_id.bytes);
  }
  std::multiset<std::array<std::uint8_t, 8>> wanted;
  for (const model::SpanBatch& trace : made.traces)
    for (const model::Span& span : trace.spans) wanted.insert(span.span_id.bytes);
  EXPECT_EQ(sent, wanted);
}

}  // namespace
}  // namespace nightjar::selfcheck
