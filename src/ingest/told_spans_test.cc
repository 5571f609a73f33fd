#include "ingest/told_spans.h"

#include <gtest/gtest.h>

#include <cstring>

namespace nightjar::ingest {
namespace {

store::SpanAddress Address(std::uint64_t number) {
  store::SpanAddress address;
  address.trace_id.bytes[0] = 1;
  std::memcpy(address.span_id.bytes.data(), &number, sizeof number);
  return address;
}

Telemetry Record(std::uint64_t number, const char* event) {
  model::LogBatch batch{.resources = {{}}, .scopes = {{}}, .records = {}};
  const store::SpanAddress address = Address(number);
  batch.records.push_back(
      {.project = "p", .trace_id = address.trace_id, .span_id = address.span_id, .event_name = event});
  return batch;
}

Telemetry Span(std::uint64_t number) {
  model::SpanBatch batch{.resources = {{}}, .scopes = {{}}, .spans = {}};
  const store::SpanAddress address = Address(number);
  batch.spans.push_back({.project = "p", .trace_id = address.trace_id, .span_id = address.span_id});
  return batch;
}

// What is due now, without waiting for more.
SpansOfProject Due(ToldSpans& told) { return told.TakeDue(10, {}, {}); }

const SpansOfProject kNone;

TEST(ToldSpans, AreDueWhenToldOfAndWhenTheyComeAfterIt) {
  ToldSpans told;
  told.Note(Span(1));
  told.Note(Record(1, "app.started"));
  EXPECT_EQ(Due(told), kNone);
  told.Note(Record(1, "gen_ai.choice"));
  EXPECT_EQ(Due(told), (SpansOfProject{"p", {Address(1)}}));
  EXPECT_EQ(Due(told), kNone);
  told.Note(Span(1));
  told.Note(Span(2));
  EXPECT_EQ(Due(told), (SpansOfProject{"p", {Address(1)}}));
}

TEST(ToldSpans, TheEarliestAreForgotten) {
  ToldSpans told;
  for (std::uint64_t number = 1; number <= ToldSpans::kMax + 1; ++number) told.Note(Record(number, "exception"));
  while (Due(told) != kNone) continue;
  for (const std::uint64_t number : {std::uint64_t{1}, std::uint64_t{2}}) told.Note(Span(number));
  EXPECT_EQ(Due(told), (SpansOfProject{"p", {Address(2)}}));
  EXPECT_TRUE(told.HasForgotten());
  EXPECT_FALSE(told.HasForgotten());
}

TEST(ToldSpans, OfStoredRecordsAreDueWhenTheyCome) {
  ToldSpans told;
  told.Remember({"p", {Address(1)}});
  EXPECT_EQ(Due(told), kNone);
  told.Note(Span(1));
  EXPECT_EQ(Due(told), (SpansOfProject{"p", {Address(1)}}));
  // They make room for those that are noted, and do not take theirs.
  for (std::uint64_t number = 2; number <= ToldSpans::kMax + 1; ++number) told.Note(Record(number, "exception"));
  told.Remember({"p", {Address(ToldSpans::kMax + 2)}});
  EXPECT_TRUE(told.HasForgotten());
  while (Due(told) != kNone) continue;
  for (const std::uint64_t number : {std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{ToldSpans::kMax + 2}})
    told.Note(Span(number));
  EXPECT_EQ(Due(told), (SpansOfProject{"p", {Address(2)}}));
}

}  // namespace
}  // namespace nightjar::ingest
