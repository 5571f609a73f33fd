// ToolFromCallable: schemas out of C++ signatures, and arguments into them.
#include <gtest/gtest.h>

#include "stack/tools.h"

namespace stack {
namespace {

namespace json = boost::json;

enum class Unit { kCelsius, kKelvin };
BOOST_DESCRIBE_ENUM(Unit, kCelsius, kKelvin)

struct Place {
  double latitude = 0;
  double longitude = 0;
  std::optional<std::string> name;
};
BOOST_DESCRIBE_STRUCT(Place, (), (latitude, longitude, name))

struct Forecast {
  std::string place;
  int days = 0;
};
BOOST_DESCRIBE_STRUCT(Forecast, (), (place, days))

constexpr const char* kPlaceSchema = R"({"type": "object", "properties": {"latitude": {"type": "number"},
    "longitude": {"type": "number"}, "name": {"type": "string"}}, "required": ["latitude", "longitude"],
    "additionalProperties": false})";

double Add(double a, double b) { return a + b; }

json::value Call(const Tool& tool, std::string_view arguments) {
  ToolRegistry tools;
  tools.Register(tool);
  return tools.Call(tool.name, json::parse(arguments).as_object());
}

// What the registry says is wrong; empty when nothing is.
std::string ErrorOf(const Tool& tool, std::string_view arguments) try {
  (void)Call(tool, arguments);
  return {};
} catch (const ToolError& error) {
  return error.what();
}

TEST(ToolFromCallable, TakesAFunction) {
  const Tool tool = ToolFromCallable("add", "Adds.", &Add, {{.name = "a"}, {.name = "b", .description = "the other"}});
  EXPECT_EQ(tool.name, "add");
  EXPECT_EQ(tool.description, "Adds.");
  EXPECT_EQ(tool.parameters, json::parse(R"({"type": "object", "properties": {"a": {"type": "number"},
      "b": {"type": "number", "description": "the other"}}, "required": ["a", "b"], "additionalProperties": false})"));
  EXPECT_EQ(Call(tool, R"({"a": 1, "b": 0.5})"), json::value(1.5));
  EXPECT_EQ(ErrorOf(tool, R"({"a": 1, "b": "two"})"), R"(argument b must be of type number, not "two")");
  EXPECT_EQ(ErrorOf(tool, R"({"a": 1})"), "argument b is missing");
  EXPECT_EQ(ErrorOf(tool, R"({"a": 1, "b": 2, "c": 3})"), "argument c is unknown");
}

TEST(ToolFromCallable, KnowsTheseTypes) {
  const Tool tool = ToolFromCallable(
      "all", "",
      [](bool, std::int64_t, unsigned char, const std::vector<std::string>&, const std::map<std::string, float>&, Unit,
         const Place&, const json::value&, const json::object&, const std::optional<std::vector<int>>&) { return 1; },
      {{"b"}, {"i"}, {"u"}, {"list"}, {"map"}, {"unit"}, {"place"}, {"any"}, {"object"}, {"maybe"}});
  const json::object& properties = tool.parameters.at("properties").as_object();
  EXPECT_EQ(properties.at("b"), json::parse(R"({"type": "boolean"})"));
  EXPECT_EQ(properties.at("i"), json::parse(R"({"type": "integer"})"));
  EXPECT_EQ(properties.at("u"), json::parse(R"({"type": "integer", "minimum": 0, "maximum": 255})"));
  EXPECT_EQ(properties.at("list"), json::parse(R"({"type": "array", "items": {"type": "string"}})"));
  EXPECT_EQ(properties.at("map"), json::parse(R"({"type": "object", "additionalProperties": {"type": "number"}})"));
  EXPECT_EQ(properties.at("unit"), json::parse(R"({"type": "string", "enum": ["kCelsius", "kKelvin"]})"));
  EXPECT_EQ(properties.at("place"), json::parse(kPlaceSchema));
  EXPECT_EQ(properties.at("any"), json::object());
  EXPECT_EQ(properties.at("object"), json::parse(R"({"type": "object"})"));
  EXPECT_EQ(properties.at("maybe").at("type"), "array");
  EXPECT_EQ(tool.parameters.at("required"),
            json::parse(R"(["b", "i", "u", "list", "map", "unit", "place", "any", "object"])"));
}

TEST(ToolFromCallable, PassesValues) {
  const Tool tool = ToolFromCallable(
      "weather", "",
      [](const Place& place, Unit unit, const std::vector<int>& days, const std::map<std::string, bool>& flags,
         std::optional<int> limit) {
        return std::vector<Forecast>{{place.name.value_or("somewhere") + (unit == Unit::kKelvin ? " K" : " C"),
                                      days.at(1) + limit.value_or(100)},
                                     {flags.contains("wind") ? "windy" : "calm", static_cast<int>(place.latitude)}};
      },
      {{"place"}, {"unit"}, {"days"}, {"flags"}, {"limit"}});
  EXPECT_EQ(Call(tool, R"({"place": {"latitude": 7, "longitude": 8}, "unit": "kKelvin", "days": [1, 2],
                           "flags": {"wind": true}})"),
            json::parse(R"([{"place": "somewhere K", "days": 102}, {"place": "windy", "days": 7}])"));
}

TEST(ToolFromCallable, SaysWhereAnArgumentIsWrong) {
  const Tool tool = ToolFromCallable("weather", "", [](const Place&, Unit, const std::vector<int>&) { return true; },
                                     {{"place"}, {"unit"}, {"days"}});
  constexpr const char* kPlace = R"({"place": {"latitude": 7, "longitude": 8)";
  const auto with = [&](std::string_view rest) { return ErrorOf(tool, kPlace + std::string(rest)); };
  EXPECT_EQ(with(R"(}, "unit": "kCelsius", "days": []})"), "");
  EXPECT_EQ(with(R"(}, "unit": "rankine", "days": []})"),
            R"(argument unit must be one of ["kCelsius","kKelvin"], not "rankine")");
  EXPECT_EQ(with(R"(}, "unit": "kCelsius", "days": [1, "x"]})"),
            R"(argument days[1] must be of type integer, not "x")");
  EXPECT_EQ(with(R"(}, "unit": "kCelsius", "days": [3000000000]})"),
            "argument days[0] must be at most 2147483647, not 3000000000");
  EXPECT_EQ(with(R"(, "zoom": 3}, "unit": "kCelsius", "days": []})"), "argument place.zoom is unknown");
  EXPECT_EQ(ErrorOf(tool, R"({"place": {"latitude": 7}, "unit": "kCelsius", "days": []})"),
            "argument place.longitude is missing");
}

TEST(ToolFromCallable, TakesAStructOfArguments) {
  const Tool tool = ToolFromCallable("find", "", [](const Place& place) { return place.latitude + place.longitude; });
  EXPECT_EQ(tool.parameters, json::parse(kPlaceSchema));
  EXPECT_EQ(Call(tool, R"({"latitude": 1, "longitude": 2, "name": "x"})"), json::value(3.0));
}

TEST(ToolFromCallable, AFunctionMayReturnNothing) {
  int calls = 0;
  const Tool tool = ToolFromCallable("count", "", [&calls] { ++calls; }, {});
  EXPECT_EQ(Call(tool, "{}"), json::value());
  EXPECT_EQ(calls, 1);
}

TEST(ToolFromCallable, EachParameterHasAName) {
  try {
    (void)ToolFromCallable("add", "", &Add, {{"a"}});
    FAIL() << "b has no name";
  } catch (const std::invalid_argument& error) {
    EXPECT_STREQ(error.what(), "the tool takes 2 arguments, and 1 are named");
  }
}

}  // namespace
}  // namespace stack
