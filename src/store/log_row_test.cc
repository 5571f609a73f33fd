#include "store/log_row.h"

#include <gtest/gtest.h>

namespace nightjar::store {
namespace {

// 2026-11-23 is day 20,780.
constexpr UnixNanos kNow = 20'780 * UnixNanos{86'400'000'000'000};

LogRow RowOf(const model::LogRecord& record) {
  return MakeLogRows({.resources = {{}}, .scopes = {{}}, .records = {record}}, SegmentKey(), kNow).at(0);
}

TEST(LogRow, ValuesAreStoredWithTheirTypes) {
  const LogRow row = RowOf({.body = model::KeyValueList{{"n", 7.0}}, .attributes = {{"b", model::Bytes{"\xff"}}}});
  EXPECT_EQ(row.body, R"({"n":7.0})");
  EXPECT_EQ(row.attributes, R"({"b":{"$bytes":"/w=="}})");
  EXPECT_EQ(row.resource, "{}");
  EXPECT_EQ(RowOf({}).body, "null");
}

TEST(LogRow, TheDayIsThatOfTheTimeOrOfTheObservation) {
  EXPECT_EQ(RowOf({.time_unix_ns = kNow - 1, .observed_time_unix_ns = kNow}).day, 20'779);
  EXPECT_EQ(RowOf({.observed_time_unix_ns = kNow}).day, 20'780);
  EXPECT_EQ(RowOf({}).day, 0);
}

TEST(LogRow, EveryFieldIsPartOfItsIdentity) {
  const model::LogRecord record = {.project = "p", .time_unix_ns = 1, .severity_text = "a", .body = "b"};
  EXPECT_EQ(RowOf(record).hash, RowOf(record).hash);
  const auto differs = [&](auto change) {
    model::LogRecord other = record;
    change(other);
    return RowOf(other).hash != RowOf(record).hash;
  };
  EXPECT_TRUE(differs([](auto& r) { r.project = "q"; }));
  EXPECT_TRUE(differs([](auto& r) { r.trace_id.bytes[0] = 1; }));
  EXPECT_TRUE(differs([](auto& r) { r.span_id.bytes[7] = 1; }));
  EXPECT_TRUE(differs([](auto& r) { r.time_unix_ns = 2; }));
  EXPECT_TRUE(differs([](auto& r) { r.observed_time_unix_ns = 1; }));
  EXPECT_TRUE(differs([](auto& r) { r.severity_number = 1; }));
  EXPECT_TRUE(differs([](auto& r) { r.severity_text = ""; }));
  EXPECT_TRUE(differs([](auto& r) { r.event_name = "a"; }));
  EXPECT_TRUE(differs([](auto& r) { r.body = std::int64_t{1}; }));
  EXPECT_TRUE(differs([](auto& r) { r.attributes = {{"k", true}}; }));
  EXPECT_TRUE(differs([](auto& r) { r.dropped_attributes = 1; }));
  EXPECT_TRUE(differs([](auto& r) { r.flags = 1; }));
  // Text does not slide from one field into the next.
  EXPECT_TRUE(differs([](auto& r) {
    r.severity_text = "";
    r.event_name = "a";
  }));
}

}  // namespace
}  // namespace nightjar::store
