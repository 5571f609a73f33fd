// The rules that hold for each signal in OTLP/JSON.
#include <gtest/gtest.h>

#include <cmath>

#include "otlp/internal/testing.h"
#include "otlp/limits.h"

namespace nightjar::otlp {
namespace {

const std::string kIds = R"("traceId":"5B8EFFF798038103D269B633813FC60C","spanId":"eee19b7ec3c1b174")";

struct SignalCase {
  std::string name;
  Result<Outcome> (*decode)(std::string_view body);
  std::string message, resources, scopes, items;  // names in the envelope
  std::string item;                               // a valid one; @ stands for more fields, each with a comma after it
  std::string ids;                                // fields of an item; T and S stand for the ids
  std::string time;
  std::string enum_item;  // an item with the name of an enum number
  std::string enum_reason;
  bool needs_ids;
};

std::string Replaced(std::string text, std::string_view what, std::string_view with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
  return text;
}

const SignalCase kSignals[] = {
    {.name = "traces",
     .decode = Decode<DecodeTracesJson>,
     .message = "ExportTraceServiceRequest",
     .resources = "resourceSpans",
     .scopes = "scopeSpans",
     .items = "spans",
     .item = "{" + kIds + R"(,@"events":[{@"name":"e"}],"links":[{@)" + kIds + R"(}],"status":{@"code":1}})",
     .ids = R"("traceId":"T","spanId":"S",)",
     .time = "startTimeUnixNano",
     .enum_item = "{" + kIds + R"(,"kind":"SPAN_KIND_SERVER"})",
     .enum_reason = R"(kind is "SPAN_KIND_SERVER"; enum names are not OTLP/JSON, send the number)",
     .needs_ids = true},
    {.name = "logs",
     .decode = Decode<DecodeLogsJson>,
     .message = "ExportLogsServiceRequest",
     .resources = "resourceLogs",
     .scopes = "scopeLogs",
     .items = "logRecords",
     .item = R"({@"body":{@"stringValue":"b"}})",
     .ids = R"("traceId":"T","spanId":"S",)",
     .time = "observedTimeUnixNano",
     .enum_item = R"({"severityNumber":"SEVERITY_NUMBER_INFO"})",
     .enum_reason = R"(severityNumber is "SEVERITY_NUMBER_INFO"; enum names are not OTLP/JSON, send the number)",
     .needs_ids = false},
    {.name = "metrics",
     .decode = Decode<DecodeMetricsJson>,
     .message = "ExportMetricsServiceRequest",
     .resources = "resourceMetrics",
     .scopes = "scopeMetrics",
     .items = "metrics",
     .item = R"({"name":"m","sum":{"dataPoints":[{@"asInt":1}],"isMonotonic":true}})",
     .ids = R"("exemplars":[{"traceId":"T","spanId":"S"}],)",
     .time = "timeUnixNano",
     .enum_item = R"({"name":"m","sum":{"dataPoints":[{}],
                      "aggregationTemporality":"AGGREGATION_TEMPORALITY_CUMULATIVE"}})",
     .enum_reason = R"(aggregationTemporality is "AGGREGATION_TEMPORALITY_CUMULATIVE"; enum names are not OTLP/JSON, )"
                    "send the number",
     .needs_ids = false},
};

class EverySignalInJson : public testing::TestWithParam<SignalCase> {
 protected:
  static std::string Envelope(const std::string& items, const std::string& junk = "") {
    const SignalCase& signal = GetParam();
    return "{" + junk + "\"" + signal.resources + "\":[{" + junk + "\"" + signal.scopes + "\":[{" + junk + "\"" +
           signal.items + "\":[" + items + "]}]}]}";
  }
  static std::string Item(const std::string& fields = "") { return Replaced(GetParam().item, "@", fields); }
  static std::string ItemWith(const std::string& any_value) {
    return Item(R"("attributes":[{"key":"k","value":)" + any_value + "}],");
  }
  static Outcome Taken(const std::string& body) {
    const auto outcome = GetParam().decode(body);
    EXPECT_TRUE(outcome) << outcome.error().message;
    return outcome.value_or(Outcome());
  }
  static model::Value ValueOf(const std::string& any_value) {
    const Outcome outcome = Taken(Envelope(ItemWith(any_value)));
    EXPECT_EQ(outcome.first_reason, "");
    return outcome.items.at(0).at(0).value;
  }
  // Why the item is rejected, "" if it is not; the one after it must be taken.
  static std::string Reason(const std::string& item) {
    const Outcome outcome = Taken(Envelope(item + "," + Item()));
    EXPECT_EQ(outcome.items.size() + outcome.rejected, 2u);
    EXPECT_EQ(outcome.first_reason.empty(), outcome.rejected == 0);
    return outcome.first_reason;
  }
  static std::string ReasonOfValue(const std::string& any_value) { return Reason(ItemWith(any_value)); }
};
INSTANTIATE_TEST_SUITE_P(Json, EverySignalInJson, testing::ValuesIn(kSignals),
                         [](const auto& tested) { return tested.param.name; });

std::string Nested(int levels) {
  std::string before;
  std::string after;
  for (int i = 1; i < levels; ++i) {
    before += R"({"arrayValue":{"values":[)";
    after += "]}}";
  }
  return before + R"({"stringValue":"x"})" + after;
}

TEST_P(EverySignalInJson, EmptyRequestsAndEnvelopesAreTaken) {
  const std::string resources = R"({")" + GetParam().resources;
  for (const std::string& body : {std::string("{}"), resources + R"(":null})", resources + R"(":[]})",
                                  resources + R"(":[{}]})", " " + Envelope("") + "\n"})
    EXPECT_TRUE(Taken(body).items.empty()) << body;
}

TEST_P(EverySignalInJson, EveryTruncationIsRefused) {
  const std::string body = Envelope(ItemWith(R"({"stringValue":"value \u00e9"})") + "," + ItemWith(Nested(3)));
  ASSERT_EQ(Taken(body).items.size(), 2u);
  for (std::size_t size = 0; size < body.size(); ++size) EXPECT_FALSE(GetParam().decode(body.substr(0, size))) << size;
}

TEST_P(EverySignalInJson, UnknownFieldsSnakeCaseAndNullsAreIgnoredAtEveryLevel) {
  const auto request = [](const std::string& junk) {
    const std::string attributes = R"("attributes":[{)" + junk + R"("key":"k","value":{)" + junk +
                                   R"("kvlistValue":{)" + junk + R"("values":[]}}}],)";
    return Envelope(Item(junk + attributes),
                    junk + R"("resource":{)" + junk + R"("attributes":[]},"scope":{)" + junk + R"("name":"s"},)");
  };
  const Outcome expected = {.items = {{{"k", model::KeyValueList()}}}, .resources = {{}}, .scopes = {{"s"}}};
  EXPECT_EQ(Taken(request("")), expected);
  EXPECT_EQ(Taken(request(R"("x":{"y":[1e999,123456789012345678901234567890,{"z":null}]},)")), expected);
  EXPECT_EQ(Taken(request(R"("trace_id":7,"span_id":7,"parent_span_id":7,"trace_state":7,"start_time_unix_nano":"x",
      "time_unix_nano":"x","observed_time_unix_nano":"x","severity_number":"x","event_name":7,"as_int":"x","as_double":"x",
      "dropped_attributes_count":"x","dropped_events_count":"x","schema_url":7,"string_value":7,"int_value":"x",
      "kvlist_value":7,"data_points":7,"filtered_attributes":7,"resource_spans":7,"scope_spans":7,"resource_logs":7,
      "scope_logs":7,"log_records":7,"resource_metrics":7,"scope_metrics":7,)")),
            expected);
  EXPECT_EQ(Taken(request(R"("traceState":null,"flags":null,"name":null,"kind":null,"startTimeUnixNano":null,
      "timeUnixNano":null,"attributes":null,"status":null,"events":null,"links":null,"message":null,"severityText":null,
      "body":null,"resource":null,"scope":null,"schemaUrl":null,"droppedAttributesCount":null,"value":null,"values":null,
      "stringValue":null,"intValue":null,"exemplars":null,"asDouble":null,)")),
            expected);
}

TEST_P(EverySignalInJson, Integers) {
  EXPECT_EQ(ValueOf(R"({"intValue":7})"), std::int64_t{7});
  EXPECT_EQ(ValueOf(R"({"intValue":-0})"), std::int64_t{0});
  EXPECT_EQ(ValueOf(R"({"intValue":"9223372036854775807"})"), std::int64_t{INT64_MAX});
  EXPECT_EQ(ValueOf(R"({"intValue": -9223372036854775808 })"), std::int64_t{INT64_MIN});
  for (const std::string wrong : {"9223372036854775808", "-9223372036854775809", "1.0", "1e3", "01"}) {
    const std::string reason = "intValue " + wrong + " is not a signed integer of 64 bits";
    EXPECT_EQ(ReasonOfValue(R"({"intValue":)" + wrong + "}"), reason);
    EXPECT_EQ(ReasonOfValue(R"({"intValue":")" + wrong + "\"}"), reason);
  }
  for (const std::string wrong : {"", " 7", "7 ", "+7", "0x7", "NaN"})
    EXPECT_EQ(ReasonOfValue(R"({"intValue":")" + wrong + "\"}"),
              "intValue " + wrong + " is not a signed integer of 64 bits");
  EXPECT_EQ(ReasonOfValue(R"({"intValue":true})"), "intValue is not a number");
  EXPECT_EQ(ReasonOfValue(R"({"intValue":{}})"), "intValue is not a number");
}

TEST_P(EverySignalInJson, Times) {
  const auto reason = [](const std::string& time) { return Reason(Item("\"" + GetParam().time + "\":" + time + ",")); };
  for (const std::string right : {"0", "7", "\"7\"", "18446744073709551615", "\"18446744073709551615\""})
    EXPECT_EQ(reason(right), "");
  for (const std::string wrong : {"-1", "18446744073709551616", "1.5", "1544712660e9"})
    EXPECT_EQ(reason(wrong), GetParam().time + " " + wrong + " is not an unsigned integer of 64 bits");
  EXPECT_EQ(reason("[7]"), GetParam().time + " is not a number");
}

TEST_P(EverySignalInJson, Doubles) {
  EXPECT_EQ(ValueOf(R"({"doubleValue":7})"), 7.0);
  EXPECT_EQ(ValueOf(R"({"doubleValue":123456789012345680000})"), 1.2345678901234568e20);  // as JavaScript writes it
  EXPECT_EQ(ValueOf(R"({"doubleValue":"-1.5e3"})"), -1500.0);
  EXPECT_EQ(ValueOf(R"({"doubleValue":"Infinity"})"), INFINITY);
  EXPECT_EQ(ValueOf(R"({"doubleValue":"-Infinity"})"), -INFINITY);
  EXPECT_TRUE(std::isnan(*ValueOf(R"({"doubleValue":"NaN"})").As<double>()));
  for (const std::string wrong : {"inf", "nan", "infinity", "+Infinity", "1e", "0x1", "", "1,5"})
    EXPECT_EQ(ReasonOfValue(R"({"doubleValue":")" + wrong + "\"}"), "doubleValue \"" + wrong + "\" is not a double");
  for (const std::string wrong : {"1e999", "true", "[]"})
    EXPECT_EQ(ReasonOfValue(R"({"doubleValue":)" + wrong + "}"), "doubleValue is not a double");
}

TEST_P(EverySignalInJson, OtherValues) {
  EXPECT_EQ(ValueOf("{}"), model::Value());
  EXPECT_EQ(ValueOf(R"({"boolValue":false})"), false);
  EXPECT_EQ(ValueOf(R"({"stringValue":""})"), "");
  EXPECT_EQ(ValueOf(R"({"stringValue":"\"\\\/\n\u0000\ud83d\ude00"})"), std::string("\"\\/\n\0\xF0\x9F\x98\x80", 9));
  EXPECT_EQ(ValueOf(R"({"arrayValue":{"values":[{"intValue":1},{},null,{"arrayValue":{}}]}})"),
            (model::Array{std::int64_t{1}, {}, {}, model::Array{}}));
  EXPECT_EQ(ValueOf(R"({"kvlistValue":{"values":[{"key":"a","value":{"intValue":1}},{"key":"b"}]}})"),
            (model::KeyValueList{{"a", std::int64_t{1}}, {"b", {}}}));
  EXPECT_EQ(ReasonOfValue("7"), "an attribute value is not an object");
  EXPECT_EQ(ReasonOfValue(R"({"boolValue":"true"})"), "boolValue is not true or false");
  EXPECT_EQ(ReasonOfValue(R"({"stringValue":7})"), "stringValue is not a string");
  EXPECT_EQ(ReasonOfValue(R"({"stringValue":"\x"})"), "stringValue holds an escape that JSON does not have");
  EXPECT_EQ(ReasonOfValue(R"({"arrayValue":[]})"), "arrayValue is not an object");
  EXPECT_EQ(ReasonOfValue(R"({"arrayValue":{"values":[7]}})"), "an element of arrayValue.values is not an object");
  EXPECT_EQ(ReasonOfValue(R"({"kvlistValue":{"values":{}}})"), "kvlistValue.values is not a list");
}

TEST_P(EverySignalInJson, BytesAreBase64OfEitherAlphabetWithOrWithoutPadding) {
  const model::Value bytes = model::Bytes{"\xFB\xFF\xFE"};
  EXPECT_EQ(ValueOf(R"({"bytesValue":"+//+"})"), bytes);
  EXPECT_EQ(ValueOf(R"({"bytesValue":"-__-"})"), bytes);
  EXPECT_EQ(ValueOf(R"({"bytesValue":"aGk="})"), model::Bytes{"hi"});
  EXPECT_EQ(ValueOf(R"({"bytesValue":"aGk"})"), model::Bytes{"hi"});
  EXPECT_EQ(ValueOf(R"({"bytesValue":""})"), model::Bytes{""});
  for (const std::string wrong : {"a*==", "aGk==", "a", "a G=", "====", "="})
    EXPECT_EQ(ReasonOfValue(R"({"bytesValue":")" + wrong + "\"}"), "bytesValue is not base64") << wrong;
}

TEST_P(EverySignalInJson, IdsAreHexOfAnyCaseAndOfOneLength) {
  const auto reason = [](std::string_view trace_id, std::string_view span_id) {
    return Reason(Item(Replaced(Replaced(GetParam().ids, "\"S\"", "\"" + std::string(span_id) + "\""), "\"T\"",
                                "\"" + std::string(trace_id) + "\"")));
  };
  EXPECT_EQ(reason("5b8efff798038103d269b633813fc60c", "eee19b7ec3c1b174"), "");
  EXPECT_EQ(reason("5B8EFFF798038103D269B633813FC60C", "EEE19B7EC3C1B174"), "");
  EXPECT_EQ(reason("5b8EFFf798038103D269b633813Fc60C", "EeE19b7Ec3C1b174"), "");
  EXPECT_EQ(reason("", "").empty(), !GetParam().needs_ids);
  EXPECT_NE(reason("5b8efff798038103d269b633813fc60g", "eee19b7ec3c1b174"), "");
  EXPECT_NE(reason("5b8efff798038103d269b633813fc60", "eee19b7ec3c1b174"), "");
  EXPECT_NE(reason("5b8efff798038103d269b633813fc60c0", "eee19b7ec3c1b174"), "");
  // Base64, as plain protobuf JSON has it, and a decimal number.
  const std::string hex = "5b8efff798038103d269b633813fc60c";
  EXPECT_TRUE(
      reason("W47/95gDgQPSabYzgT/GDA==", "eee19b7ec3c1b174").ends_with(" has 24 characters, must have 32 hex digits"));
  EXPECT_TRUE(reason(hex, "7uGbfsPBsXQ=").ends_with(" has 12 characters, must have 16 hex digits"));
  EXPECT_TRUE(reason(hex, "17213213312543211892").ends_with(" has 20 characters, must have 16 hex digits"));
  EXPECT_NE(reason("5b8efff798038103d269b633813fc60c", "eee19b7ec3c1b17"), "");
  EXPECT_NE(reason("5b8efff798038103d269b633813fc60c", "0xee19b7ec3c1b17"), "");
}

TEST_P(EverySignalInJson, EnumNamesAreRefused) { EXPECT_EQ(Reason(GetParam().enum_item), GetParam().enum_reason); }

TEST_P(EverySignalInJson, OfDuplicatesTheLastWins) {
  EXPECT_EQ(ValueOf(R"({"intValue":1,"stringValue":"s"})"), "s");
  EXPECT_EQ(ValueOf(R"({"arrayValue":{"values":[{},{}],"values":[{}]}})"), model::Array{{}});
  EXPECT_EQ(Taken(Envelope(Item(R"("attributes":[{"key":"a","value":{"intValue":1}}],
                                   "attributes":[{"key":"b","value":{"intValue":1}},{"key":"c"},
                                                 {"key":"b","value":{}, "value":{"intValue":2}}],)")))
                .items,
            (std::vector<model::Attributes>{{{"b", std::int64_t{2}}, {"c", {}}}}));
  // A list of items that comes again, at each level of the envelope: what the first held is neither taken nor rejected.
  const SignalCase& signal = GetParam();
  const std::string lost = Item() + "," + signal.enum_item;
  const std::string items = "\"" + signal.items + "\":[" + lost + "],\"" + signal.items + "\":[" + Item() + "]";
  const std::string scopes = "\"" + signal.scopes + "\":[{" + items + "}],\"" + signal.scopes + "\":[{" + items + "}]";
  const Outcome outcome = Taken("{\"" + signal.resources + "\":[{" + scopes + "}],\"" + signal.resources + "\":[{" +
                                scopes + "},{" + scopes + "}]}");
  EXPECT_EQ(outcome.items.size(), 2u);
  EXPECT_EQ(outcome.rejected, 0u);
  EXPECT_EQ(outcome.first_reason, "");
}

TEST_P(EverySignalInJson, ARefusedResourceOrScopeRejectsItsItemsOnly) {
  const SignalCase& signal = GetParam();
  const std::string items = "\"" + signal.items + "\":[" + Item() + "," + Item() + "]";
  const std::string bad_scope = "{" + items + R"(,"scope":{"name":7}})";
  const std::string scopes = "\"" + signal.scopes + "\":[{" + items + "}," + bad_scope + "]";
  const Outcome outcome = Taken("{\"" + signal.resources + "\":[{" + scopes + "},{" + scopes +
                                R"(,"resource":{"attributes":7}},{)" + scopes + "}]}");
  EXPECT_EQ(outcome.items.size(), 4u);
  EXPECT_EQ(outcome.rejected, 8u);
  EXPECT_EQ(outcome.first_reason, "name is not a string");
}

TEST_P(EverySignalInJson, ValuesDeeperThanTheLimitRejectTheirItemOnly) {
  EXPECT_EQ(ReasonOfValue(Nested(64)), "");
  for (const int levels : {65, 100, 2'000, 200'000})
    EXPECT_EQ(ReasonOfValue(Nested(levels)), "a value is nested deeper than 64 levels") << levels;
}

TEST_P(EverySignalInJson, HalvesOfSurrogatePairsAreMendedAndCounted) {
  const Outcome outcome = Taken(Envelope(Item(), R"("schemaUrl":"a\ud83d","resource":{"attributes":[
      {"key":"\ude00\\ud83d","value":{"stringValue":"\ud83d\u0041\ud83d\ude00"}}]},)"));
  EXPECT_EQ(outcome.mended, 4u);  // the schema URLs of the resource and of the scope, a key, and a value
  EXPECT_EQ(outcome.scopes.at(0).schema_url, "a\xEF\xBF\xBD");
  EXPECT_EQ(outcome.resources.at(0).attributes, (model::Attributes{{"\xEF\xBF\xBD\\ud83d",
                                                                    "\xEF\xBF\xBD"
                                                                    "A\xF0\x9F\x98\x80"}}));
}

TEST_P(EverySignalInJson, WhatIsNotARequestIsRefused) {
  const SignalCase& signal = GetParam();
  std::vector<std::string> bodies = {"",  " ",   "null",  "7",   "[]",      "\"x\"",      "{",
                                     "}", "{}}", "{} {}", "{}x", "{'a':1}", R"({"a" 1})", R"({"a":1,})"};
  for (const std::string& field :
       std::vector<std::string>{"[}", "{}", "7", "[7]", R"([{")" + signal.scopes + R"(":7}])",
                                R"([{")" + signal.scopes + R"(":[{")" + signal.items + R"(":{}}]}])"})
    bodies.push_back("{\"" + signal.resources + "\":" + field + "}");
  bodies.push_back(Envelope(ItemWith(R"({"boolValue":tru})")));
  bodies.push_back(Envelope(ItemWith("{\"stringValue\":\"\n\"}")));
  bodies.push_back(Envelope(ItemWith("{\"stringValue\":\"\xFF\"}")));
  for (const std::string& body : bodies) {
    const auto outcome = signal.decode(body);
    ASSERT_FALSE(outcome) << body;
    EXPECT_EQ(outcome.error().code, ErrorCode::kInvalidArgument);
    EXPECT_TRUE(outcome.error().message.starts_with("the body is not an " + signal.message + " in OTLP/JSON: "));
  }
}

TEST_P(EverySignalInJson, TooManyValuesRefuseTheRequest) {
  std::string values = "{}";
  for (std::size_t i = 0; i < kRequestValuesMax; ++i) values += ",{}";
  const auto outcome = GetParam().decode(Envelope(ItemWith(R"({"arrayValue":{"values":[)" + values + "]}}")));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::kResourceExhausted);
}

}  // namespace
}  // namespace nightjar::otlp
