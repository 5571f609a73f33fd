#include "model/value_json.h"

#include <gtest/gtest.h>

#include <bit>
#include <boost/json/object.hpp>
#include <cmath>
#include <limits>
#include <random>

namespace nightjar::model {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::string TextOf(const Value& value) { return ToJson(ToJsonValue(value)); }

Value ValueOf(std::string_view text) { return *FromJsonValue(*ParseJson(text)); }

TEST(ValueJson, EachTypeHasItsForm) {
  const std::pair<Value, const char*> cases[] = {
      {Value(), "null"},
      {true, "true"},
      {std::int64_t{7}, "7"},
      {std::numeric_limits<std::int64_t>::min(), "-9223372036854775808"},
      {std::numeric_limits<std::int64_t>::max(), "9223372036854775807"},
      {7.0, "7.0"},
      {1e300, "1e+300"},
      {-0.0, "-0.0"},
      {5e-324, "5e-324"},
      {kInfinity, R"({"$double":"Infinity"})"},
      {-kInfinity, R"({"$double":"-Infinity"})"},
      {"", R"("")"},
      {"caf\xC3\xA9 \"x\"\n", R"("café \"x\"\n")"},
      {std::string("a\0b", 3), R"("a\u0000b")"},
      {Bytes{std::string("\0\xff\xfb", 3)}, R"({"$bytes":"AP/7"})"},
      {Bytes{}, R"({"$bytes":""})"},
      {Array{true, Value(), std::int64_t{1}}, "[true,null,1]"},
      {KeyValueList{{"b", 1.5}, {"a", "x"}}, R"({"b":1.5,"a":"x"})"},
      {KeyValueList{{"$ref", "#/a"}, {"$$x", true}}, R"({"$$ref":"#/a","$$$x":true})"},
      {KeyValueList{{"$double", "NaN"}}, R"({"$$double":"NaN"})"},
      {KeyValueList{}, "{}"},
      {KeyValueList{{"", Value()}}, R"({"":null})"},
  };
  for (const auto& [value, text] : cases) {
    EXPECT_EQ(TextOf(value), text);
    EXPECT_EQ(ValueOf(text), value) << text;
  }
}

TEST(ValueJson, NotANumberAndTheSignOfZero) {
  EXPECT_EQ(TextOf(std::nan("")), R"({"$double":"NaN"})");
  EXPECT_TRUE(std::isnan(*ValueOf(R"({"$double":"NaN"})").As<double>()));
  EXPECT_TRUE(std::signbit(*ValueOf("-0.0").As<double>()));
}

TEST(ValueJson, RefusesWhatItDoesNotMake) {
  for (const char* text : {"9223372036854775808", R"({"$double":"nan"})", R"({"$bytes":"Zg"})", R"({"$other":1})",
                           R"({"$double":"NaN","x":1})", R"({"$bytes":1})", R"([18446744073709551615])"})
    EXPECT_FALSE(FromJsonValue(*ParseJson(text))) << text;
}

TEST(ValueJson, AttributeKeysStayAsTheyAre) {
  const Attributes attributes = {{"gen_ai.usage.input_tokens", std::int64_t{12}}, {"$odd", "x"}, {"", Value()}};
  const json::object object = AttributesToJson(attributes);
  EXPECT_EQ(ToJson(object), R"({"gen_ai.usage.input_tokens":12,"$odd":"x","":null})");
  EXPECT_EQ(*AttributesFromJson(object), attributes);
}

TEST(ValueJson, TheDeepestValueSurvivesText) {
  Value value = Bytes{"x"};
  for (int depth = 1; depth < kValueDepthMax; ++depth) value = Array{std::move(value)};
  const Attributes attributes = {{"deep", value}};
  const auto parsed = ParseJson(ToJson(AttributesToJson(attributes)));
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(*AttributesFromJson(parsed->get_object()), attributes);
}

// Finite and infinite numbers only: NaN compares unequal to itself.
class RandomValues {
 public:
  Value Next(int depth) {
    switch (random_() % (depth > 0 ? 8 : 6)) {
      case 0: return {};
      case 1: return random_() % 2 == 0;
      case 2: return std::bit_cast<std::int64_t>(random_());
      case 3: {
        const auto number = std::bit_cast<double>(random_());
        return std::isnan(number) ? kInfinity : number;
      }
      case 4: return Text();
      case 5: return Bytes{std::string(random_() % 5, static_cast<char>(random_()))};
      case 6: {
        Array array(random_() % 4);
        for (Value& item : array) item = Next(depth - 1);
        return array;
      }
      default: {
        KeyValueList list(random_() % 4);
        for (std::size_t i = 0; i < list.size(); ++i) list[i] = {Text() + std::to_string(i), Next(depth - 1)};
        return list;
      }
    }
  }

 private:
  std::string Text() {
    static constexpr const char* kPieces[] = {"$", "\"", "\\", "a", "\n", "\xC3\xA9", ".", "\x01"};
    std::string text;
    for (std::size_t i = random_() % 6; i > 0; --i) text += kPieces[random_() % std::size(kPieces)];
    return text;
  }
  std::mt19937_64 random_{20261122};
};

TEST(ValueJson, EveryValueSurvivesText) {
  RandomValues values;
  for (int i = 0; i < 20'000; ++i) {
    const Value value = values.Next(4);
    const std::string text = TextOf(value);
    EXPECT_EQ(ValueOf(text), value) << text;
  }
}

}  // namespace
}  // namespace nightjar::model
