// Reads single fields of OTLP/JSON, which is protobuf's JSON mapping with these differences (specification, "JSON
// Protobuf Encoding"): ids are hex, enums are numbers, keys are lowerCamelCase only. null is an absent field. Of a
// field that comes twice the last wins. A known field of a wrong type rejects what it belongs to.
//
// simdjson's On-Demand parser checks what is read and only the brackets of what is skipped, so that unknown fields may
// hold numbers of any size and nest as deep as they like. It does not recurse.
//
// All functions throw Rejected. `field` and `what` name the thing in its reason. Text lives as long as the parser.
#pragma once

#include <fmt/format.h>
#include <simdjson.h>

#include <charconv>
#include <cstdint>
#include <limits>
#include <string_view>

#include "model/span.h"
#include "otlp/internal/rules.h"

namespace nightjar::otlp::internal {

using JsonValue = simdjson::ondemand::value;

// Calls on_field(key, value) for every field that is not null.
template <typename OnField>
void ForEachField(simdjson::ondemand::object object, OnField on_field) {
  for (simdjson::ondemand::field field : object) {
    const std::string_view key = field.unescaped_key();
    if (!field.value().is_null()) on_field(key, field.value());
  }
}

template <typename OnField>
void ForEachField(JsonValue value, std::string_view what, OnField on_field) {
  if (value.type() != simdjson::ondemand::json_type::object) throw Rejected{fmt::format("{} is not an object", what)};
  ForEachField(value.get_object(), on_field);
}

template <typename OnItem>
void ForEachItem(JsonValue value, std::string_view what, OnItem on_item) {
  if (value.type() != simdjson::ondemand::json_type::array) throw Rejected{fmt::format("{} is not a list", what)};
  for (JsonValue item : value.get_array()) on_item(item);
}

void CheckIsString(JsonValue& value, std::string_view field);
// Of a string with an escape that JSON does not have.
Rejected BadEscape(std::string_view field);

// Text that must be plain: an id, a number, base64.
std::string_view ReadPlainText(JsonValue& value, std::string_view field);
// The text of a JSON number, or of a string.
std::string_view ReadNumberText(JsonValue& value, std::string_view field);

bool ReadBool(JsonValue& value, std::string_view field);
// A JSON number, or a string that holds one, "NaN", "Infinity" or "-Infinity".
double ReadDouble(JsonValue& value, std::string_view field);
// Base64 of either alphabet, with or without padding, as protobuf's JSON mapping asks.
model::Bytes ReadBase64(JsonValue& value, std::string_view field);

[[noreturn]] void RejectInteger(std::string_view text, std::string_view field, std::string_view wanted);

// A JSON number, or a string that holds one, without fraction or exponent.
template <typename Integer>
Integer ReadInteger(JsonValue& value, std::string_view field) {
  const std::string_view text = ReadNumberText(value, field);
  Integer number = 0;
  const auto [end, error] = std::from_chars(text.begin(), text.end(), number);
  const std::string_view digits = text.substr(text.starts_with('-'));
  const bool has_leading_zero = digits.size() > 1 && digits[0] == '0';
  if (error == std::errc() && end == text.end() && !has_leading_zero) return number;
  constexpr bool kSigned = std::numeric_limits<Integer>::is_signed;
  RejectInteger(text, field,
                sizeof(Integer) == 8 ? (kSigned ? "a signed integer of 64 bits" : "an unsigned integer of 64 bits")
                                     : (kSigned ? "a signed integer of 32 bits" : "an unsigned integer of 32 bits"));
}

std::int32_t ReadEnum(JsonValue& value, std::string_view field);

[[noreturn]] void RejectId(std::string_view hex, std::string_view field, std::size_t digits);

template <typename IdType>
IdType HexToId(std::string_view hex, std::string_view field) {
  const auto id = IdType::FromHex(hex);
  if (!id) RejectId(hex, field, 2 * IdType::kSize);
  return *id;
}

// All zero if `hex` is empty.
template <typename IdType>
IdType HexToOptionalId(std::string_view hex, std::string_view field) {
  return hex.empty() ? IdType() : HexToId<IdType>(hex, field);
}

}  // namespace nightjar::otlp::internal
