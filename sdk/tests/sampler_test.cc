#include "nightjar/sampler.h"

#include <gtest/gtest.h>

#include "probability.h"

namespace nightjar {
namespace {

using sdk::ThresholdOf;

// A trace id whose last 56 bits are `randomness`.
TraceId TraceIdWith(std::uint64_t randomness) {
  TraceId id{};
  id[0] = 1;
  for (std::size_t i = 16; i-- > 9; randomness >>= 8) id[i] = static_cast<std::uint8_t>(randomness);
  return id;
}

struct Parent {
  bool exists = false;
  bool sampled = false;
  bool remote = false;
  const char* trace_state = "";
};

SamplingResult Ask(const Sampler& sampler, const TraceId& trace_id, const Parent& parent = {}) {
  Context context;
  if (parent.exists) {
    SpanContext span{.trace_id = trace_id, .sampled = parent.sampled, .remote = parent.remote};
    span.span_id[0] = 1;
    span.trace_state = *TraceState::Parse(parent.trace_state);
    context = context.WithSpan(span);
  }
  return sampler.ShouldSample({.parent = context,
                               .trace_id = trace_id,
                               .name = "work",
                               .kind = SpanKind::kInternal,
                               .attributes = {},
                               .links = {}});
}

// Examples of OpenTelemetry's "Sampling threshold value": 25 % is c, 1 % fd70a4, 10 % e66666.
TEST(Probability, Thresholds) {
  EXPECT_EQ(ThresholdOf(1.0), 0U);
  EXPECT_EQ(ThresholdOf(0.5), 0x80000000000000U);
  EXPECT_EQ(ThresholdOf(0.25), 0xC0000000000000U);
  EXPECT_EQ(ThresholdOf(0.1), 0xE6666600000000U);
  EXPECT_EQ(ThresholdOf(0.01), 0xFD70A400000000U);
  EXPECT_EQ(ThresholdOf(0.0001), 0xFFF97240000000U);
  EXPECT_EQ(ThresholdOf(0.0), sdk::kNone);
  EXPECT_EQ(ThresholdOf(1.0 / static_cast<double>(sdk::kNone)), 0xFFFFFFFFFFFFFFU);
}

TEST(Probability, KeepsFromTheThresholdOnAndSaysSo) {
  struct Case {
    double ratio;
    std::uint64_t randomness;
    bool kept;
    const char* trace_state;  // of a root
  };
  for (const Case& c : std::initializer_list<Case>{{0.25, 0xC0000000000000, true, "ot=th:c"},
                                                   {0.25, 0xBFFFFFFFFFFFFF, false, ""},
                                                   {0.01, 0xFD70A400000000, true, "ot=th:fd70a4"},
                                                   {0.01, 0xFD70A3FFFFFFFF, false, ""},
                                                   {1.0, 0, true, "ot=th:0"},
                                                   {0.0, 0xFFFFFFFFFFFFFF, false, ""}}) {
    const SamplingResult result = Ask(*ProbabilitySampler(c.ratio), TraceIdWith(c.randomness));
    EXPECT_EQ(result.decision == SamplingDecision::kRecordAndSample, c.kept) << c.ratio;
    EXPECT_EQ(result.trace_state->header(), c.trace_state) << c.ratio;
  }
}

TEST(Probability, ExplicitRandomnessCountsAndOtherKeysStay) {
  const Parent parent{.exists = true, .trace_state = "ot=rv:c0000000000000;xx:1;th:8,other=v"};
  const SamplingResult kept = Ask(*ProbabilitySampler(0.25), TraceIdWith(0), parent);
  EXPECT_EQ(kept.decision, SamplingDecision::kRecordAndSample);
  EXPECT_EQ(kept.trace_state->header(), "ot=th:c;rv:c0000000000000;xx:1,other=v");
  const SamplingResult dropped = Ask(*ProbabilitySampler(0.1), TraceIdWith(0), parent);
  EXPECT_EQ(dropped.decision, SamplingDecision::kDrop);
  EXPECT_EQ(dropped.trace_state->header(), "ot=rv:c0000000000000;xx:1,other=v");
  // Not 14 lower-case digits: not a random value.
  const Parent broken{.exists = true, .trace_state = "ot=rv:C0000000000000"};
  EXPECT_EQ(Ask(*ProbabilitySampler(0.25), TraceIdWith(0), broken).decision, SamplingDecision::kDrop);
}

// "ot" holds 256 characters: these 256 leave no room for a threshold.
TEST(Probability, AThresholdThatDoesNotFitLeavesWhatIsThere) {
  const std::string full = "ot=rv:c0000000000000;xx:" + std::string(235, 'x');
  const SamplingResult kept =
      Ask(*ProbabilitySampler(0.25), TraceIdWith(0), {.exists = true, .trace_state = full.c_str()});
  EXPECT_EQ(kept.decision, SamplingDecision::kRecordAndSample);
  EXPECT_EQ(kept.trace_state->header(), full);
}

TEST(Probability, AHigherRatioKeepsWhatALowerOneKeeps) {
  const double ratios[] = {0.001, 0.01, 0.1, 0.25, 0.5, 0.9, 1.0};
  std::uint64_t randomness = 1;
  for (int i = 0; i < 2'000; ++i) {
    randomness = randomness * 6364136223846793005U + 1442695040888963407U;
    bool before = false;
    for (const double ratio : ratios) {
      const bool kept =
          Ask(*TraceIdRatioBasedSampler(ratio), TraceIdWith(randomness >> 8)).decision != SamplingDecision::kDrop;
      EXPECT_TRUE(kept || !before) << ratio;
      before = kept;
    }
  }
}

TEST(Samplers, Descriptions) {
  EXPECT_EQ(AlwaysOnSampler()->description(), "AlwaysOnSampler");
  EXPECT_EQ(AlwaysOffSampler()->description(), "AlwaysOffSampler");
  EXPECT_EQ(TraceIdRatioBasedSampler(0.0001)->description(), "TraceIdRatioBased{0.000100}");
  EXPECT_EQ(ProbabilitySampler(2)->description(), "ProbabilitySampler{1.000000}");
  EXPECT_EQ(AlwaysRecordSampler(AlwaysOffSampler())->description(), "AlwaysRecord{AlwaysOffSampler}");
}

// The specification's table of ParentBased, with a delegate of its own in each place.
TEST(ParentBased, AsksTheDelegateOfThePlace) {
  const SamplerPtr sampler = ParentBasedSampler({.root = AlwaysOffSampler(),
                                                 .remote_parent_sampled = AlwaysOffSampler(),
                                                 .remote_parent_not_sampled = AlwaysOnSampler(),
                                                 .local_parent_sampled = AlwaysOffSampler(),
                                                 .local_parent_not_sampled = AlwaysOnSampler()});
  struct Case {
    Parent parent;
    bool defaults;
    bool swapped;
  };
  for (const Case& c :
       std::initializer_list<Case>{{{}, true, false},
                                   {{.exists = true, .sampled = true, .remote = true}, true, false},
                                   {{.exists = true, .sampled = false, .remote = true}, false, true},
                                   {{.exists = true, .sampled = true, .remote = false}, true, false},
                                   {{.exists = true, .sampled = false, .remote = false}, false, true}}) {
    const auto kept = [&](const Sampler& asked) {
      return Ask(asked, TraceIdWith(1), c.parent).decision == SamplingDecision::kRecordAndSample;
    };
    EXPECT_EQ(kept(*ParentBasedSampler()), c.defaults);
    EXPECT_EQ(kept(*sampler), c.swapped);
  }
}

TEST(ParentBased, ErasesAThresholdThatDisagreesWithTheFlag) {
  const SamplerPtr sampler = ParentBasedSampler();
  const Parent agrees{.exists = true, .sampled = true, .remote = true, .trace_state = "ot=th:8"};
  EXPECT_FALSE(Ask(*sampler, TraceIdWith(0x90000000000000), agrees).trace_state.has_value());
  EXPECT_EQ(Ask(*sampler, TraceIdWith(0x10000000000000), agrees).trace_state->header(), "");
}

TEST(AlwaysRecord, RecordsWhatWouldBeDropped) {
  EXPECT_EQ(Ask(*AlwaysRecordSampler(AlwaysOffSampler()), TraceIdWith(1)).decision, SamplingDecision::kRecordOnly);
  EXPECT_EQ(Ask(*AlwaysRecordSampler(AlwaysOnSampler()), TraceIdWith(1)).decision, SamplingDecision::kRecordAndSample);
}

}  // namespace
}  // namespace nightjar
