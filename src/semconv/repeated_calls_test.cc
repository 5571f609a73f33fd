#include "semconv/repeated_calls.h"

#include <gtest/gtest.h>

namespace nightjar::semconv {
namespace {

struct Call {
  const char* id;
  UnixNanos start;
  UnixNanos end;
  std::uint64_t prompt;
  const char* text;
  const char* provider = "anthropic";
};

// Which of the calls are counted.
std::vector<bool> Counted(const std::vector<Call>& calls) {
  std::vector<model::Span> spans;
  std::vector<model::SpanSummary> summaries;
  for (const Call& call : calls) {
    model::Span& span = spans.emplace_back();
    span.start_unix_ns = call.start;
    span.end_unix_ns = call.end;
    if (*call.id != '\0') span.attributes = {{"gen_ai.response.id", call.id}};
    summaries.push_back({.kind = model::ObservationKind::kLlm,
                         .provider = call.provider,
                         .tokens = model::TokenUsage{.prompt = call.prompt, .completion = 3},
                         .output_preview = call.text});
  }
  CountOnce(spans, summaries);
  std::vector<bool> counted;
  for (const model::SpanSummary& summary : summaries) counted.push_back(summary.tokens.has_value());
  return counted;
}

TEST(CountOnce, TheSpanWithMessagesCounts) {
  EXPECT_EQ(Counted({{"msg_1", 0, 9, 17, ""}, {"msg_1", 50, 59, 18, "There."}}), (std::vector{false, true}));
  EXPECT_EQ(Counted({{"", 0, 9, 17, "There."}, {"msg_1", 1, 8, 17, ""}}), (std::vector{true, false}));
}

TEST(CountOnce, OtherCallsCount) {
  EXPECT_EQ(Counted({{"msg_1", 0, 9, 17, ""}}), (std::vector{true}));
  EXPECT_EQ(Counted({{"msg_1", 0, 9, 17, ""}, {"msg_2", 0, 9, 17, "There."}}), (std::vector{true, true}));
  EXPECT_EQ(Counted({{"msg_1", 0, 9, 17, ""}, {"", 10, 19, 17, "There."}}), (std::vector{true, true}));
  EXPECT_EQ(Counted({{"msg_1", 0, 9, 17, ""}, {"", 0, 9, 18, "There."}}), (std::vector{true, true}));
  EXPECT_EQ(Counted({{"msg_1", 0, 9, 17, ""}, {"", 0, 9, 17, "There.", "openai"}}), (std::vector{true, true}));
  EXPECT_EQ(Counted({{"msg_1", 0, 9, 17, "A"}, {"msg_1", 0, 9, 17, "B"}}), (std::vector{true, true}));
}

}  // namespace
}  // namespace nightjar::semconv
