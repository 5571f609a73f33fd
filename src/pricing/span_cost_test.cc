#include "pricing/span_cost.h"

#include <gtest/gtest.h>

namespace nightjar::pricing {
namespace {

using model::ObservationKind;

const PriceBook& Book() {
  static const PriceBook book(EmbeddedPackage(), {}, 3);
  return book;
}

model::LlmView CallOf(ObservationKind kind) {
  model::LlmView view;
  view.kind = kind;
  view.llm = model::Llm{.provider = "openai", .model = "gpt-4o"};
  view.tokens = model::TokenUsage{.prompt = 1000, .completion = 200};
  return view;
}

TEST(PriceOfSpan, OnlyCallsOfProvidersCost) {
  const auto priced = PriceOfSpan(Book(), {}, CallOf(ObservationKind::kLlm));
  ASSERT_TRUE(priced && priced->cost);
  EXPECT_DOUBLE_EQ(priced->cost->total_usd, 0.0045);  // (1000 × 2.5 + 200 × 10) / 1e6
  for (const ObservationKind kind : {ObservationKind::kAgent, ObservationKind::kChain, ObservationKind::kUnknown})
    EXPECT_FALSE(PriceOfSpan(Book(), {}, CallOf(kind))) << "it repeats what its calls used";
  model::LlmView mute = CallOf(ObservationKind::kLlm);
  mute.tokens.reset();
  EXPECT_FALSE(PriceOfSpan(Book(), {}, mute));
}

TEST(PriceOfSpan, TheModelOfAnEmbedding) {
  model::LlmView view;
  view.kind = ObservationKind::kEmbedding;
  view.embedding = model::Embedding{.model = "voyage-3"};
  view.tokens = model::TokenUsage{.prompt = 1'000'000};
  EXPECT_DOUBLE_EQ(PriceOfSpan(Book(), {}, view)->cost->total_usd, 0.06);
}

TEST(PriceOfSpan, TheTierAndTheTimeOfTheSpan) {
  model::LlmView view = CallOf(ObservationKind::kLlm);
  view.llm->service_tier = "batch";
  constexpr UnixNanos kSecond = 1'000'000'000;
  EXPECT_FALSE(PriceOfSpan(Book(), {.start_unix_ns = 1'791'935'999 * kSecond}, view)->cost);
  // 2026-10-14: (1000 × 1.25 + 200 × 5) / 1e6
  EXPECT_DOUBLE_EQ(PriceOfSpan(Book(), {.start_unix_ns = 1'791'936'000 * kSecond}, view)->cost->total_usd, 0.00225);
}

TEST(AddCost, WhatIsStored) {
  model::SpanSummary summary;
  summary.kind = ObservationKind::kLlm;
  summary.provider = "openai";
  summary.model = "gpt-4o";
  summary.tokens = model::TokenUsage{.prompt = 1000, .completion = 200};
  AddCost(Book(), {}, summary);
  ASSERT_TRUE(summary.cost);
  EXPECT_DOUBLE_EQ(summary.cost->total_usd, 0.0045);
  EXPECT_EQ(summary.cost->cache_savings_usd, 0);
  EXPECT_EQ(summary.cost->price, "openai/gpt-4o");
  EXPECT_EQ(summary.prices_version, 3U);
  summary.model = "gpt-99";
  AddCost(Book(), {}, summary);
  EXPECT_FALSE(summary.cost) << "nothing of an earlier price stays";
}

}  // namespace
}  // namespace nightjar::pricing
