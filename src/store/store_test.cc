#include <gtest/gtest.h>

#include <map>
#include <random>

#include "store/event_text.h"
#include "store/native_reader.h"
#include "store/native_writer.h"
#include "store/origin_text.h"
#include "store/segment.h"
#include "store/span_row.h"

namespace nightjar::store {
namespace {

using namespace std::string_literals;

std::string Joined(const std::vector<Piece>& pieces) {
  std::string all;
  for (const Piece& piece : pieces) all += piece.bytes;
  return all;
}

std::vector<std::string> SegmentsOf(std::string_view value) {
  std::vector<std::string> segments;
  for (const Piece& piece : SplitAtRepeats(value))
    if (piece.is_segment) segments.emplace_back(piece.bytes);
  return segments;
}

const std::string kFirst = R"({"role": "system", "content": ")" + std::string(80, 's') + R"("})";
const std::string kSecond = R"({"role": "user", "content": ")" + std::string(80, 'u') + R"("})";

TEST(SplitAtRepeats, MessagesOfAnArrayAreSegmentsWhereverTheyStand) {
  const std::vector<std::string> both = {kFirst, kSecond};
  EXPECT_EQ(SegmentsOf("[" + kFirst + ", " + kSecond + "]"), both);
  EXPECT_EQ(SegmentsOf("[" + kFirst + ",\n  " + kSecond + "\n]"), both);
  EXPECT_EQ(SegmentsOf(R"({"model": "m", "messages": [)" + kFirst + ", " + kSecond + R"(], "n": 1})"), both);
}

TEST(SplitAtRepeats, AValueWithoutLongElementsIsOneSegment) {
  const std::string prose(500, 'p');
  EXPECT_EQ(SegmentsOf(prose), std::vector<std::string>{prose});
  std::string vector = "[";
  for (int i = 0; i < 100; ++i) vector += "0.25, ";
  vector += "1]";
  EXPECT_EQ(SegmentsOf(vector), std::vector<std::string>{vector});
}

TEST(SplitAtRepeats, PiecesAlwaysJoinToTheValue) {
  std::mt19937 random(7);
  const std::string alphabet = R"([]{}",:\ ab0)";
  for (int round = 0; round < 2000; ++round) {
    std::string value = round % 2 ? "[" : "{";
    const std::size_t size = 129 + random() % 600;
    while (value.size() < size) {
      if (random() % 4 == 0) value.append(random() % 120, 'x');
      value += alphabet[random() % alphabet.size()];
    }
    EXPECT_EQ(Joined(SplitAtRepeats(value)), value);
  }
}

TEST(Rope, ReadsBackAndRefersToEachSegmentOnce) {
  const SegmentKey key;
  std::map<UInt128, std::string> stored;
  RopeBuilder ropes(key, [&](const UInt128& hash, std::string_view body) { stored[hash] = body; });
  const auto rope_of = [&](std::string_view value) {
    ropes.AddValue(value);
    return ropes.Take();
  };
  const std::string one_turn = "[" + kFirst + "]";
  const std::string two_turns = "[" + kFirst + ", " + kSecond + "]";
  const std::string rope_one = rope_of(one_turn + std::string(60, ' '));
  const std::string rope_two = rope_of(two_turns);
  EXPECT_EQ(stored.size(), 2u);
  const std::vector<UInt128> segments = ropes.TakeSegments();
  EXPECT_EQ(segments.size(), 2u);

  std::vector<std::string_view> bodies;
  for (const UInt128& hash : segments) bodies.emplace_back(stored.at(hash));
  const auto body = [&](std::uint64_t i) { return i < bodies.size() ? &bodies[i] : nullptr; };
  EXPECT_EQ(*JoinRope(rope_one, body), one_turn + std::string(60, ' '));
  EXPECT_EQ(*JoinRope(rope_two, body), two_turns);
}

// A rope by hand: literal "[" (2 = 1 << 1), segment 0 (1), literal "]".
TEST(Rope, BytesAreAsTheFormatSays) {
  const std::string_view body = "seg";
  const auto bodies = [&](std::uint64_t i) { return i == 0 ? &body : nullptr; };
  EXPECT_EQ(*JoinRope("\x02[\x01\x02]", bodies), "[seg]");
  EXPECT_EQ(JoinRope("\x03", bodies).error().code, ErrorCode::kDataLoss);  // segment 1 is not there
  EXPECT_EQ(JoinRope("\x0a"
                     "ab",
                     bodies)
                .error()
                .code,
            ErrorCode::kDataLoss);                                         // a literal of 5 bytes, cut
  EXPECT_EQ(JoinRope("\x80", bodies).error().code, ErrorCode::kDataLoss);  // a varint, cut
}

TEST(HashSegment, DependsOnTheSecret) {
  SegmentKey other;
  for (std::size_t i = 0; i < other.secret.size(); ++i) other.secret[i] = static_cast<std::uint8_t>(i * i);
  EXPECT_NE(HashSegment(SegmentKey(), "body"), HashSegment(other, "body"));
  EXPECT_EQ(HashSegment(other, "body"), HashSegment(other, "body"));
}

// Days by hand: 2026-11-23 is day 20,780.
TEST(PartitionDay, FarOffTimesShareOnePartition) {
  constexpr UnixNanos kDay = 86'400'000'000'000;
  const UnixNanos now = 20'780 * kDay + kDay / 2;
  EXPECT_EQ(PartitionDay(now, now), 20'780);
  EXPECT_EQ(PartitionDay(now - 40 * kDay, now), 20'740);
  EXPECT_EQ(PartitionDay(now - 41 * kDay, now), 0);
  EXPECT_EQ(PartitionDay(now + kDay, now), 20'781);
  EXPECT_EQ(PartitionDay(now + 2 * kDay, now), 0);
  EXPECT_EQ(PartitionDay(0, now), 0);
  EXPECT_EQ(PartitionDay(~UnixNanos{0}, now), 0);
}

// The bytes of a block of one UInt8 column "a" with rows 1 and 2, by the format.
TEST(Native, WritesWhatTheFormatSays) {
  FixedColumn<std::uint8_t> numbers;
  numbers.Add(1);
  numbers.Add(2);
  NativeBlockWriter block;
  block.Add("a", "UInt8", numbers);
  EXPECT_EQ(std::move(block).Finish(),
            "\x01\x02\x01"
            "a"
            "\x05UInt8\x01\x02"s);
}

TEST(Native, WritesALowCardinalityColumnAsTheFormatSays) {
  LowCardinalityColumn words;
  words.Add("x");
  words.Add("");
  words.Add("x");
  NativeBlockWriter block;
  block.Add("a", "LowCardinality(String)", words);
  std::string expected =
      "\x01\x03\x01"
      "a"
      "\x16LowCardinality(String)"s;
  expected += "\x01\0\0\0\0\0\0\0"s;    // version 1
  expected += "\x00\x06\0\0\0\0\0\0"s;  // flags 0x600, indexes of one byte
  expected += "\x02\0\0\0\0\0\0\0"s;    // two keys: "" and "x"
  expected += "\x00\x01x"s;
  expected += "\x03\0\0\0\0\0\0\0"s;  // three rows
  expected += "\x01\x00\x01"s;
  EXPECT_EQ(std::move(block).Finish(), expected);
}

TEST(Native, ReadsArraysMapsAndNulls) {
  std::string bytes = "\x03\x02"s;  // three columns, two rows
  bytes +=
      "\x01"
      "a"
      "\x0d"
      "Array(String)"
      "\x01\0\0\0\0\0\0\0\x03\0\0\0\0\0\0\0"
      "\x01p\x01q\x00"s;
  bytes +=
      "\x01"
      "m"
      "\x11"
      "Map(String, Int8)"
      "\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0"
      "\x01k\xff"s;
  bytes +=
      "\x01"
      "n"
      "\x0f"
      "Nullable(UInt8)"
      "\x01\x00"
      "\x00\x07"s;
  bytes[bytes.find("Map(") - 1] = 17;
  const auto blocks = ReadNative(bytes);
  ASSERT_TRUE(blocks) << blocks.error().message;
  const NativeBlock& block = blocks->at(0);
  EXPECT_EQ(block.columns[0].begin(1), 1u);
  EXPECT_EQ(block.columns[0].end(1), 3u);
  EXPECT_EQ(block.columns[0].item_column(0).Text(1), "q");
  EXPECT_EQ(block.columns[1].item_column(0).Text(0), "k");
  EXPECT_EQ(block.columns[1].item_column(1).Fixed<std::int8_t>(0), -1);
  EXPECT_TRUE(block.columns[2].IsNull(0));
  EXPECT_FALSE(block.columns[2].IsNull(1));
  EXPECT_EQ(block.columns[2].Fixed<std::uint8_t>(1), 7);
}

TEST(Native, ReadsBackTheLowCardinalityThatItWrites) {
  MapColumn<LowCardinalityColumn> map;
  map.AddPair("k", std::string_view("v"));
  map.AddPair("k2", std::string_view("v"));
  map.EndRow();
  map.EndRow();
  NativeBlockWriter writer;
  writer.Add("m", "Map(LowCardinality(String), LowCardinality(String))", map);
  const std::string bytes = std::move(writer).Finish();
  const auto blocks = ReadNative(bytes);
  ASSERT_TRUE(blocks) << blocks.error().message;
  const NativeColumn& column = blocks->at(0).columns.at(0);
  EXPECT_EQ(column.end(0), 2u);
  EXPECT_EQ(column.end(1), 2u);
  EXPECT_EQ(column.item_column(0).Text(1), "k2");
  EXPECT_EQ(column.item_column(1).Text(1), "v");
}

TEST(Native, CutOrUnknownBlocksAreDataLoss) {
  const std::string whole =
      "\x01\x02\x01"
      "a"
      "\x05UInt8\x01\x02"s;
  for (std::size_t size = 1; size < whole.size(); ++size)
    EXPECT_EQ(ReadNative(std::string_view(whole).substr(0, size)).error().code, ErrorCode::kDataLoss) << size;
  EXPECT_FALSE(
      ReadNative("\x01\x01\x01"
                 "a"
                 "\x05"
                 "Weird"
                 "\x00"s));
}

TEST(Rope, LiteralsNextToEachOtherAreOnePiece) {
  const SegmentKey key;
  RopeBuilder ropes(key, [](const UInt128&, std::string_view) {});
  ropes.AddLiteral("a");
  ropes.AddValue("bc");
  EXPECT_EQ(ropes.Take(),
            "\x06"
            "abc");
  EXPECT_EQ(ropes.Take(), "");
}

// By the format: time 258, nothing dropped, name "n", two attributes.
TEST(EventText, BytesAreAsTheFormatSays) {
  const SegmentKey key;
  RopeBuilder ropes(key, [](const UInt128&, std::string_view) {});
  const std::vector<model::Event> events = {
      {.time_unix_ns = 258, .name = "n", .attributes = {{"k", "v"}, {"i", std::int64_t{7}}}}};
  const std::string rope = EncodeEvents(events, ropes);
  const std::string bytes =
      "\x02\x01\0\0\0\0\0\0\0\x01n\x02\x01ks\x01v\x01ij\x01"
      "7"s;
  EXPECT_EQ(rope, static_cast<char>(bytes.size() << 1) + bytes);
  EXPECT_EQ(*DecodeEvents(bytes), events);
  EXPECT_EQ(EncodeEvents({}, ropes), "");
  EXPECT_EQ(DecodeEvents("")->size(), 0u);
  for (std::size_t size = 1; size < bytes.size(); ++size)
    EXPECT_EQ(DecodeEvents(std::string_view(bytes).substr(0, size)).error().code, ErrorCode::kDataLoss) << size;
}

TEST(EventText, LinksKeepEveryField) {
  const SegmentKey key;
  RopeBuilder ropes(key, [](const UInt128&, std::string_view) {});
  const std::vector<model::Link> links = {{.trace_id = *TraceId::FromHex("5b8efff798038103d269b633813fc60c"),
                                           .span_id = *SpanId::FromHex("eee19b7ec3c1b174"),
                                           .trace_state = "a=b",
                                           .attributes = {{"list", model::Array{"x", true}}},
                                           .dropped_attributes = 300,
                                           .flags = 257}};
  const std::string rope = EncodeLinks(links, ropes);
  const auto no_segments = [](std::uint64_t) -> const std::string_view* { return nullptr; };
  EXPECT_EQ(*DecodeLinks(*JoinRope(rope, no_segments)), links);
}

// A message that each turn sends again as an event is one segment for all turns of a session, whatever its time is.
TEST(MakeRows, AHistoryInEventsAndInCompositeValuesIsStoredOnce) {
  const SegmentKey key;
  const std::string message(500, 'm');
  model::SpanBatch batch;
  batch.resources.emplace_back();
  batch.scopes.emplace_back();
  for (std::uint8_t turn = 1; turn <= 2; ++turn) {
    model::Span& span = batch.spans.emplace_back();
    span.trace_id.bytes[0] = 1;
    span.span_id.bytes[0] = turn;
    for (std::uint8_t i = 0; i < turn; ++i)
      span.events.push_back({.time_unix_ns = 1000u * turn + i, .name = "m", .attributes = {{"content", message}}});
    span.attributes = {{"messages", model::Array{message, message}}};
  }
  const RowBatch rows = MakeRows(batch, std::vector<model::SpanSummary>(2), key, 0);
  ASSERT_EQ(rows.spans.size(), 2u);
  for (const SpanRow& row : rows.spans) {
    EXPECT_EQ(row.segments.size(), 2u);  // the bare text of the events, the quoted one of the array
    EXPECT_EQ(row.segments, rows.spans[0].segments);
    EXPECT_LT(row.events.size(), 60u);
    EXPECT_TRUE(row.span.events.empty());
  }
}

TEST(OriginText, KeepsEveryField) {
  const model::Scope scope{.name = "lib",
                           .version = "1.2",
                           .attributes = {{"n", std::int64_t{7}}},
                           .dropped_attributes = 3,
                           .schema_url = "https://example.org/1"};
  EXPECT_EQ(
      ScopeText(scope),
      R"({"name":"lib","version":"1.2","attributes":{"n":7},"dropped_attributes":3,"schema_url":"https://example.org/1"})");
  EXPECT_EQ(*ParseScope(ScopeText(scope)), scope);
  EXPECT_EQ(ResourceText({}), "{}");
  EXPECT_EQ(*ParseResource("{}"), model::Resource());
  EXPECT_EQ(ParseResource("nonsense").error().code, ErrorCode::kDataLoss);
}

}  // namespace
}  // namespace nightjar::store
