#include "semconv/internal/json_reading.h"

#include <algorithm>
#include <boost/json/array.hpp>
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

const json::value& MemberAt(const json::value& value, std::string_view path) {
  const json::value* place = &value;
  while (!path.empty()) {
    const std::string_view key = path.substr(0, path.find('.'));
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), index);
    const json::array* list = place->if_array();
    if (list && error == std::errc() && end == key.data() + key.size()) {
      place = index < list->size() ? &(*list)[index] : &kNull;
    } else {
      place = &Member(*place, key);
    }
    path.remove_prefix(std::min(key.size() + 1, path.size()));
  }
  return *place;
}

json::value ValueAt(const json::value& value, std::string_view path) {
  const std::size_t star = path.find('*');
  if (star == std::string_view::npos) return MemberAt(value, path);
  const json::array* items = MemberAt(value, path.substr(0, star == 0 ? 0 : star - 1)).if_array();
  const std::string_view rest = path.substr(std::min(star + 2, path.size()));
  json::array found;
  if (items)
    for (const json::value& item : *items)
      if (json::value inner = ValueAt(item, rest); !inner.is_null()) found.push_back(std::move(inner));
  return found.empty() ? json::value() : json::value(std::move(found));
}

json::value Parsed(const json::value& value, Spelling* spelling) {
  const json::string* text = value.if_string();
  if (!text) return value;
  const std::size_t begin = text->find_first_not_of(" \t\r\n");
  constexpr std::string_view kBeginnings = "{[\"-0123456789tfn";  // of what may be JSON
  if (begin == json::string::npos || kBeginnings.find((*text)[begin]) == std::string_view::npos) return nullptr;
  if (auto parsed = ParseJson(*text)) {
    const json::string* inner = parsed->if_string();
    const bool twice = inner && (inner->starts_with('{') || inner->starts_with('['));
    return twice ? Parsed(*parsed, spelling) : *std::move(parsed);
  }
  if ((*text)[begin] != '{' && (*text)[begin] != '[') return nullptr;
  auto lenient = ParseLenient(*text);
  if (!lenient) return nullptr;
  if (spelling) *spelling = lenient->spelling;
  return std::move(lenient->value);
}

std::string ObjectText(const json::value& value) {
  if (value.is_object()) return ToJson(value);
  Spelling spelling = Spelling::kJson;
  const json::value parsed = Parsed(value, &spelling);
  if (!parsed.is_object()) return {};
  return spelling == Spelling::kJson ? Text(value) : ToJson(parsed);
}

}  // namespace nightjar::semconv::internal
