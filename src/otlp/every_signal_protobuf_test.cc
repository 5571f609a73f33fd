// The rules that hold for each signal in protobuf.
#include <gtest/gtest.h>

#include <algorithm>

#include "otlp/internal/testing.h"
#include "otlp/limits.h"

namespace nightjar::otlp {
namespace {

using protozero::pbf_tag_type;
using protozero::pbf_writer;

struct SignalCase {
  std::string name;
  Result<Outcome> (*decode)(std::string_view body);
  // A valid item (field 2 of a scope's envelope) with these fields, and `junk` in each of the messages it is made of.
  std::string (*item)(const std::string& fields, const std::string& junk);
  // Fields of an item.
  std::string (*ids)(const std::string& trace_id, const std::string& span_id);
  pbf_tag_type attributes;
  pbf_tag_type time;  // a fixed64
  bool needs_ids;
};

std::string SpanItem(const std::string& fields, const std::string& junk) {
  const std::string ids = Field(1, "0123456789abcdef") + Field(2, "01234567");
  return Field(2, junk + ids + fields + Field(11, junk) + Field(13, junk + ids) + Field(15, junk));
}
std::string LogItem(const std::string& fields, const std::string& junk) { return Field(2, junk + fields); }
std::string MetricItem(const std::string& fields, const std::string& junk) {
  return Field(2, junk + Field(1, "m") + Field(5, junk + Field(1, junk + fields + Field(5, junk))));
}

const SignalCase kSignals[] = {
    {"traces", Decode<DecodeTraces>, SpanItem,
     [](const std::string& trace_id, const std::string& span_id) { return Field(1, trace_id) + Field(2, span_id); }, 9,
     7, true},
    {"logs", Decode<DecodeLogs>, LogItem,
     [](const std::string& trace_id, const std::string& span_id) { return Field(9, trace_id) + Field(10, span_id); }, 6,
     1, false},
    {"metrics", Decode<DecodeMetrics>, MetricItem,
     [](const std::string& trace_id, const std::string& span_id) {
       return Field(5, Field(5, trace_id) + Field(4, span_id));
     },
     7, 3, false},
};

class EverySignal : public testing::TestWithParam<SignalCase> {
 protected:
  static std::string Item(const std::string& fields = "") { return GetParam().item(fields, ""); }
  static std::string ItemWith(std::string_view any_value) {
    return Item(Field(GetParam().attributes, KeyValue("k", any_value)));
  }
  static Outcome Taken(std::string_view body) {
    const auto outcome = GetParam().decode(body);
    EXPECT_TRUE(outcome) << outcome.error().message;
    return outcome.value_or(Outcome());
  }
  // "" if the body is taken.
  static std::string Refusal(std::string_view body) {
    const auto outcome = GetParam().decode(body);
    if (outcome) return "";
    EXPECT_EQ(outcome.error().code, ErrorCode::kInvalidArgument);
    EXPECT_TRUE(outcome.error().message.starts_with("the body is not a protobuf Export"));
    return outcome.error().message;
  }
};
INSTANTIATE_TEST_SUITE_P(Protobuf, EverySignal, testing::ValuesIn(kSignals),
                         [](const auto& tested) { return tested.param.name; });

// AnyValue of `levels` levels: arrays, and text in the innermost. Written from the inside out.
std::string Nested(int levels) {
  std::string reversed = "x\x01\x0a";
  const auto wrap = [&](char tag) {
    std::string header(1, tag);
    protozero::add_varint_to_buffer(&header, reversed.size());
    reversed.append(header.rbegin(), header.rend());
  };
  for (int i = 1; i < levels; ++i) {
    wrap('\x0a');  // ArrayValue.values
    wrap('\x2a');  // AnyValue.array_value
  }
  return {reversed.rbegin(), reversed.rend()};
}

TEST_P(EverySignal, EmptyRequestsAndEnvelopesAreTaken) {
  for (const std::string& body : {std::string(), Field(1, ""), Field(1, Field(2, "")), Field(1, Field(1, ""))})
    EXPECT_TRUE(Taken(body).items.empty());
}

TEST_P(EverySignal, EveryTruncationIsRefused) {
  const std::string body = RequestOf(ItemWith(Nested(3)) + Item());
  ASSERT_EQ(Taken(body).items.size(), 2u);
  for (std::size_t size = 1; size < body.size(); ++size) EXPECT_NE(Refusal(body.substr(0, size)), "") << size;
}

TEST_P(EverySignal, UnknownFieldsAreSkippedAtEveryLevel) {
  const auto request = [](const std::string& junk) {
    const std::string key_value = Field(1, "k") + junk + Field(2, junk + TextValue("v") + junk);
    const std::string item = GetParam().item(Field(GetParam().attributes, key_value), junk);
    const std::string scope = Field(1, junk + Field(1, "s") + Field(3, key_value));
    const std::string resource = Field(1, junk + Field(1, key_value));
    return junk + Field(1, junk + resource + Field(2, junk + scope + item)) + junk;
  };
  const Outcome expected = {
      .items = {{{"k", "v"}}}, .resources = {{{{"k", "v"}}}}, .scopes = {{"s", "", {{"k", "v"}}}}};
  // Field 1000 as a varint, eight bytes, text, and four bytes.
  for (const std::string junk : {"", "\xc0\x3e\x07",
                                 "\xc1\x3e"
                                 "01234567",
                                 "\xc2\x3e\x02"
                                 "hi",
                                 "\xc5\x3e"
                                 "0123"})
    EXPECT_EQ(Taken(request(junk)), expected);
  // Groups, which proto3 does not have, wire types that do not exist, and field number 0.
  for (const std::string junk : {"\xc3\x3e", "\xc4\x3e", "\xc6\x3e", "\xc7\x3e", "\x02"})
    EXPECT_NE(Refusal(request(junk)), "");
}

TEST_P(EverySignal, AKnownFieldOfAnotherWireTypeIsSkipped) {
  const std::string fields = Message([](pbf_writer& item) {
    item.add_fixed64(GetParam().attributes, 7);
    item.add_uint64(GetParam().time, 7);
  });
  EXPECT_EQ(Taken(RequestOf(Item(fields))).items, std::vector<model::Attributes>(1));
  EXPECT_EQ(Taken("\x08\x07").items.size(), 0u);  // resource_spans and its like as a varint
}

TEST_P(EverySignal, LongVarintsAndWrongLengthsAreRefused) {
  const std::string ten_bytes(9, '\xff');
  EXPECT_EQ(Refusal("\xc0\x3e" + ten_bytes + "\x01"), "");
  EXPECT_NE(Refusal("\xc0\x3e" + ten_bytes + "\x81\x01"), "");  // 11 bytes
  EXPECT_NE(Refusal("\x0a\x01"), "");                           // one byte announced, none there
  EXPECT_NE(Refusal("\x0a\xff\xff\xff\xff\x0f"), "");           // 4 GiB announced
  EXPECT_NE(Refusal("\x0a" + ten_bytes + "\x01"), "");          // 2^64 - 1 bytes announced
  EXPECT_NE(Refusal(RequestOf(Item("\xc0\x3e" + ten_bytes + "\x81\x01"))), "");
  EXPECT_NE(Refusal(RequestOf(Item("\xc2\x3e\x7f"))), "");
}

TEST_P(EverySignal, TextThatIsNotUtf8IsMendedAndCounted) {
  const std::string bytes = KeyValue("bytes", Field(7, "\xff"));
  const std::string item =
      Item(Field(GetParam().attributes, KeyValue("\xffk", TextValue("a\xc3"))) + Field(GetParam().attributes, bytes));
  const std::string scope = Field(1, Field(1, "\xed\xa0\x80"));  // half of a surrogate pair
  const Outcome outcome = Taken(Field(1, Field(2, scope + item + Field(3, "\xf5"))));
  EXPECT_EQ(outcome.mended, 4u);
  EXPECT_EQ(outcome.scopes.at(0).name, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(outcome.scopes.at(0).schema_url, "\xef\xbf\xbd");
  EXPECT_EQ(outcome.items,
            (std::vector<model::Attributes>{{{"\xef\xbf\xbdk", "a\xef\xbf\xbd"}, {"bytes", model::Bytes{"\xff"}}}}));
}

TEST_P(EverySignal, IdsOfWrongLengthRejectTheirItemOnly) {
  const auto rejected = [](std::size_t trace_id_size, std::size_t span_id_size) {
    const std::string ids = GetParam().ids(std::string(trace_id_size, 't'), std::string(span_id_size, 's'));
    const Outcome outcome = Taken(RequestOf(Item() + Item(ids) + Item()));
    EXPECT_EQ(outcome.items.size() + outcome.rejected, 3u);
    EXPECT_EQ(outcome.first_reason.empty(), outcome.rejected == 0);
    return outcome.rejected;
  };
  EXPECT_EQ(rejected(16, 8), 0u);
  EXPECT_EQ(rejected(0, 8), GetParam().needs_ids ? 1u : 0u);
  EXPECT_EQ(rejected(16, 0), GetParam().needs_ids ? 1u : 0u);
  for (const std::size_t size : {1, 8, 15, 17, 32}) EXPECT_EQ(rejected(size, 8), 1u) << size;
  for (const std::size_t size : {1, 7, 9, 16}) EXPECT_EQ(rejected(16, size), 1u) << size;
}

TEST_P(EverySignal, OfDuplicateKeysTheLastWinsAtTheFirstPlace) {
  const auto attribute = [](std::string_view key, std::string_view value) {
    return Field(GetParam().attributes, KeyValue(key, TextValue(value)));
  };
  EXPECT_EQ(Taken(RequestOf(Item(attribute("a", "1") + attribute("b", "2") + attribute("a", "3")))).items,
            (std::vector<model::Attributes>{{{"a", "3"}, {"b", "2"}}}));
  std::string many;
  for (int i = 0; i < 100; ++i) many += attribute("key" + std::to_string(i % 50), std::to_string(i));
  const model::Attributes kept = Taken(RequestOf(Item(many))).items.at(0);
  ASSERT_EQ(kept.size(), 50u);
  EXPECT_EQ(kept.front(), (model::Attribute{"key0", "50"}));
  EXPECT_EQ(kept.back(), (model::Attribute{"key49", "99"}));
}

TEST_P(EverySignal, TooManyAttributesRejectTheirItemOnly) {
  const auto item = [](std::size_t attributes) {
    std::string fields;
    for (std::size_t i = 0; i < attributes; ++i) fields += Field(GetParam().attributes, "");
    return Item(fields);
  };
  const Outcome outcome = Taken(RequestOf(item(65'536) + item(65'537)));
  EXPECT_EQ(outcome.items.size(), 1u);
  EXPECT_EQ(outcome.rejected, 1u);
  EXPECT_EQ(outcome.first_reason, "more than 65536 attributes");
}

TEST_P(EverySignal, ARefusedResourceOrScopeRejectsItsItemsOnly) {
  const std::string deep = KeyValue("k", Nested(65));
  const std::string bad_scope = Field(2, Item() + Field(1, Field(3, deep)));
  const std::string good_scope = Field(2, Item());
  const Outcome scopes = Taken(Field(1, good_scope + bad_scope + good_scope));
  EXPECT_EQ(scopes.items.size(), 2u);
  EXPECT_EQ(scopes.rejected, 1u);
  const Outcome resources =
      Taken(Field(1, good_scope + bad_scope + good_scope + Field(1, Field(1, deep))) + Field(1, good_scope));
  EXPECT_EQ(resources.items.size(), 1u);
  EXPECT_EQ(resources.rejected, 3u);
  EXPECT_EQ(resources.first_reason, "a value is nested deeper than 64 levels");
}

TEST_P(EverySignal, ValuesDeeperThanTheLimitRejectTheirItemOnly) {
  EXPECT_EQ(Taken(RequestOf(ItemWith(Nested(64)))).items.size(), 1u);
  for (const int levels : {65, 100, 200'000}) {
    const Outcome outcome = Taken(RequestOf(ItemWith(Nested(levels)) + Item()));
    EXPECT_EQ(outcome.items.size(), 1u);
    EXPECT_EQ(outcome.rejected, 1u);
    EXPECT_EQ(outcome.first_reason, "a value is nested deeper than 64 levels");
  }
}

// An array of 4,000,000 empty values: 8 MB on the wire that would take 160 MB of memory.
TEST_P(EverySignal, TooManyValuesRefuseTheRequest) {
  std::string array;
  for (std::size_t i = 0; i < kRequestValuesMax; ++i) array.append("\x0a\x00", 2);
  const auto outcome = GetParam().decode(RequestOf(ItemWith(Field(5, array))));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::kResourceExhausted);
  EXPECT_EQ(outcome.error().message, "the request holds more than 4000000 values; send smaller batches");
}

TEST_P(EverySignal, AnItemCountsAsEightValues) {
  const auto items = [](std::size_t count) {
    std::string all;
    for (std::size_t i = 0; i < count; ++i) all += Field(2, "");
    return all;
  };
  // A resource and a scope are there as well. Empty spans and metrics are bad, and count nevertheless.
  EXPECT_TRUE(GetParam().decode(RequestOf(items(499'999))));
  const auto outcome = GetParam().decode(RequestOf(items(500'000)));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::kResourceExhausted);
}

}  // namespace
}  // namespace nightjar::otlp
