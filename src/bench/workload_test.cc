#include "bench/workload.h"

#include <gtest/gtest.h>

#include <set>

#include "otlp/decode_traces.h"

namespace nightjar::bench {
namespace {

constexpr UnixNanos kEnd = 1'767'225'600'000'000'000;

model::SpanBatch Decode(const std::vector<Body>& bodies) {
  model::SpanBatch all;
  for (const Body& body : bodies) {
    const auto decoded = otlp::DecodeTraces(body.bytes);
    EXPECT_TRUE(decoded.has_value());
    EXPECT_EQ(decoded->rejected_spans, 0u);
    EXPECT_EQ(decoded->batch.spans.size(), body.spans);
    all.spans.insert(all.spans.end(), decoded->batch.spans.begin(), decoded->batch.spans.end());
  }
  return all;
}

TEST(Workload, OneSeedMakesTheSameBytes) {
  const WorkloadOptions options{.dataset = Dataset::kLlm, .spans = 800, .seed = 7, .end_unix_ns = kEnd};
  const auto once = MakeBodies(options), again = MakeBodies(options);
  ASSERT_EQ(once.size(), again.size());
  for (std::size_t i = 0; i < once.size(); ++i) EXPECT_EQ(once[i].bytes, again[i].bytes);
}

TEST(Workload, SeedsDoNotShareIds) {
  std::set<std::array<std::uint8_t, 8>> ids;
  for (const std::uint64_t seed : {1, 2}) {
    const auto bodies = MakeBodies({.dataset = Dataset::kJaeger, .spans = 2000, .seed = seed, .end_unix_ns = kEnd});
    for (const model::Span& span : Decode(bodies).spans) ids.insert(span.span_id.bytes);
  }
  EXPECT_EQ(ids.size(), 4000u);
}

TEST(Workload, JaegerTracesAreTenSpansOfElevenAttributes) {
  const auto bodies =
      MakeBodies({.dataset = Dataset::kJaeger, .spans = 995, .spans_per_body = 512, .end_unix_ns = kEnd});
  ASSERT_EQ(bodies.size(), 2u);
  EXPECT_EQ(bodies[0].spans, 510u);
  EXPECT_EQ(bodies[1].spans, 490u);
  int roots = 0;
  for (const model::Span& span : Decode(bodies).spans) {
    const bool root = span.parent_span_id.IsZero();
    roots += root;
    EXPECT_EQ(span.attributes.size(), root ? 2u : 11u);
  }
  EXPECT_EQ(roots, 100);
}

TEST(Workload, SizesAreThoseOfTheComparedSets) {
  const auto bytes_per_span = [](Dataset dataset, std::size_t spans) {
    std::size_t bytes = 0, count = 0;
    for (const Body& body : MakeBodies({.dataset = dataset, .spans = spans, .end_unix_ns = kEnd})) {
      bytes += body.bytes.size();
      count += body.spans;
    }
    return static_cast<double>(bytes) / static_cast<double>(count);
  };
  EXPECT_NEAR(bytes_per_span(Dataset::kJaeger, 5000), 304, 15);
  EXPECT_NEAR(bytes_per_span(Dataset::kLlm, 8000), 1750, 90);
  EXPECT_NEAR(bytes_per_span(Dataset::kAgent30, 9100), 5800, 300);
}

TEST(Workload, ConversationsResendTheirHistory) {
  const auto bodies = MakeBodies({.dataset = Dataset::kAgent30, .spans = 91, .end_unix_ns = kEnd});
  std::size_t longest = 0, calls = 0;
  for (const model::Span& span : Decode(bodies).spans) {
    if (model::FindString(span.attributes, "openinference.span.kind") != "LLM") continue;
    ++calls;
    longest = std::max(longest, span.attributes.size());
  }
  EXPECT_EQ(calls, 30u);
  EXPECT_EQ(longest, 4u + 2 * (1 + 3 * 30 - 1) + 6 + 3);  // system + 30 turns of 3, the last without its answer
}

}  // namespace
}  // namespace nightjar::bench
