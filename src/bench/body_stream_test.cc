#include "bench/body_stream.h"

#include <gtest/gtest.h>

#include <set>

#include "otlp/decode_traces.h"

namespace nightjar::bench {
namespace {

WorkloadOptions Options(Dataset dataset, std::size_t spans) {
  return {.dataset = dataset, .spans = spans, .spans_per_body = 64, .end_unix_ns = 1'767'225'600'000'000'000};
}

std::vector<model::Span> SpansOf(const Body& body) {
  const auto decoded = otlp::DecodeTraces(body.bytes);
  EXPECT_TRUE(decoded.has_value());
  EXPECT_EQ(decoded->rejected_spans, 0u);
  return decoded->batch.spans;
}

TEST(BodyStream, TheFirstTimeAroundIsThePool) {
  const std::vector<Body> pool = MakeBodies(Options(Dataset::kLlm, 640));
  BodyStream stream(pool);
  ASSERT_EQ(stream.pool_size(), pool.size());
  for (const Body& body : pool) EXPECT_EQ(stream.Next().bytes, body.bytes);
}

TEST(BodyStream, EachTimeAroundHasOtherIdsAndSessions) {
  BodyStream stream(MakeBodies(Options(Dataset::kLlm, 640)));
  std::set<std::array<std::uint8_t, 16>> traces;
  std::set<std::array<std::uint8_t, 8>> spans;
  std::set<std::string> sessions;
  for (std::size_t i = 0; i < 10 * stream.pool_size(); ++i) {
    for (const model::Span& span : SpansOf(stream.Next())) {
      traces.insert(span.trace_id.bytes);
      spans.insert(span.span_id.bytes);
      sessions.emplace(model::FindString(span.attributes, "session.id"));
    }
  }
  EXPECT_EQ(traces.size(), 800u);  // 80 traces of 8 spans, ten times
  EXPECT_EQ(spans.size(), 6'400u);
  EXPECT_EQ(sessions.size(), 140u);  // 14 sessions of six traces, ten times
}

TEST(BodyStream, ParentsStayParents) {
  BodyStream stream(MakeBodies(Options(Dataset::kAgent30, 91)));
  stream.Next();
  std::set<std::array<std::uint8_t, 8>> ids;
  const std::vector<model::Span> spans = SpansOf(stream.Next());
  for (const model::Span& span : spans) ids.insert(span.span_id.bytes);
  int roots = 0;
  for (const model::Span& span : spans) {
    if (span.parent_span_id.IsZero()) {
      ++roots;
    } else {
      EXPECT_TRUE(ids.contains(span.parent_span_id.bytes));
    }
  }
  EXPECT_EQ(roots, 1);
}

TEST(BodyStream, CompressedWhenTaken) {
  const std::vector<Body> pool = MakeBodies(Options(Dataset::kJaeger, 300));
  ASSERT_EQ(pool.size(), 5u);
  const NextBody next = Compressed(Each(pool), 2);
  std::vector<const Body*> taken;
  while (const Body* body = next()) {
    taken.push_back(body);
    EXPECT_EQ(body->spans, 60u);
    EXPECT_LT(body->bytes.size(), pool[0].bytes.size() / 2);
    if (taken.size() > 1) {
      EXPECT_NE(taken[taken.size() - 2], body);  // two requests may be under way
    }
  }
  EXPECT_EQ(taken.size(), 5u);
}

}  // namespace
}  // namespace nightjar::bench
