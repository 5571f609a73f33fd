#include "semconv/internal/json_reading.h"

#include <boost/json/object.hpp>
#include <charconv>
#include <cmath>

namespace nightjar::semconv::internal {
namespace {

const json::value kNull;

}  // namespace

const json::value& Member(const json::value& value, std::string_view key) {
  const json::object* object = value.if_object();
  const json::value* member = object ? object->if_contains(key) : nullptr;
  return member ? *member : kNull;
}

const json::value& FirstMember(const json::value& value, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    const json::value& member = Member(value, key);
    if (!member.is_null()) return member;
  }
  return kNull;
}

const json::value& Unwrap(const json::value& value, std::string_view name) {
  const json::value& inner = Member(value, name);
  return inner.is_object() ? inner : value;
}

std::string Text(const json::value& value) {
  if (value.is_null()) return {};
  if (const json::string* text = value.if_string()) return std::string(*text);
  return ToJson(value);
}

std::optional<double> Number(const json::value& value) {
  double number = 0;
  if (const auto* integer = value.if_int64()) {
    number = static_cast<double>(*integer);
  } else if (const auto* big = value.if_uint64()) {
    number = static_cast<double>(*big);
  } else if (const auto* real = value.if_double()) {
    number = *real;
  } else if (const auto* text = value.if_string()) {
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (error != std::errc() || end != text->data() + text->size()) return std::nullopt;
  } else {
    return std::nullopt;
  }
  if (!std::isfinite(number)) return std::nullopt;
  return number;
}

std::optional<std::uint64_t> Count(const json::value& value) {
  const auto number = Number(value);
  if (!number || *number < 0 || *number > static_cast<double>(kCountMax) || *number != std::floor(*number))
    return std::nullopt;
  return static_cast<std::uint64_t>(*number);
}

json::value Parsed(const json::value& value) {
  const json::string* text = value.if_string();
  if (!text) return value;
  auto parsed = ParseJson(*text);
  return parsed ? *std::move(parsed) : json::value();
}

std::string ObjectText(const json::value& value) {
  if (value.is_object()) return ToJson(value);
  return value.is_string() && Parsed(value).is_object() ? Text(value) : std::string();
}

}  // namespace nightjar::semconv::internal
